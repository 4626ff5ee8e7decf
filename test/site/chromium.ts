import { existsSync } from "node:fs";

const places = [
  process.env.CHROMIUM_PATH,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
];

/** The host's Chromium; none is an error in CI and skips the browser suite elsewhere. */
export function chromiumPath(): string | undefined {
  const path = places.find((p) => p && existsSync(p));
  if (!path && process.env.CI) throw new Error("no Chromium found; install it or name it in CHROMIUM_PATH");
  if (!path) console.log("browser suite skipped: no Chromium found; install it or name it in CHROMIUM_PATH");
  return path;
}

export const chromiumArgs = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
