import { chromiumPath } from "./chromium.ts";

/** Once, before all tests: without a Chromium the browser suite is skipped, which is an error in CI. */
export default function sayWithoutChromium(): void {
  if (chromiumPath()) return;
  if (process.env.CI) throw new Error("no Chromium found; install it or name it in CHROMIUM_PATH");
  console.log("browser suite skipped: no Chromium found; install it or name it in CHROMIUM_PATH");
}
