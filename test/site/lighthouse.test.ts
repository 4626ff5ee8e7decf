import type { Server } from "node:http";
import { join } from "node:path";
import { type LaunchedChrome, launch } from "chrome-launcher";
import lighthouse, { desktopConfig, type Result } from "lighthouse";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumArgs, chromiumPath } from "./chromium.ts";
import { serve } from "./serve.ts";

const chromePath = chromiumPath();

describe.skipIf(!chromePath)("budgets, by Lighthouse's desktop run", () => {
  let server: Server;
  let origin: string;
  let chrome: LaunchedChrome;
  beforeAll(async () => {
    ({ server, origin } = await serve(join(import.meta.dirname, "../../dist")));
    chrome = await launch({
      chromePath: chromePath!,
      chromeFlags: ["--headless", ...chromiumArgs],
      logLevel: "silent",
    });
  });
  afterAll(() => {
    chrome.kill();
    server.close();
  });

  test.each([
    "",
    "papers/",
    "papers/he2022mae/",
    "clusters/",
    "results/imagenet-1k/",
    "search/",
    "query/",
    "implementations/mae/",
  ])("/%s keeps its budgets", async (path) => {
    const { audits, categories } = await bestRun(`${origin}/${path}`, chrome.port);
    const scores = Object.fromEntries(Object.values(categories).map((c) => [c.id, c.score]));
    const failed = Object.values(audits)
      .filter((a) => a.scoreDisplayMode === "binary" && a.score === 0)
      .map((a) => a.id);
    expect({ failed, ...scores }).toMatchObject({ performance: 1, accessibility: 1, "best-practices": 1, seo: 1 });
    expect(audits["largest-contentful-paint"]!.numericValue).toBeLessThanOrEqual(1500);
    expect(audits["cumulative-layout-shift"]!.numericValue).toBeLessThanOrEqual(0.05);
    const requests = audits["network-requests"]!.details as unknown as {
      items: { resourceType: string; transferSize: number }[];
    };
    const scripts = requests.items
      .filter((item) => item.resourceType === "Script")
      .reduce((sum, item) => sum + item.transferSize, 0);
    expect(scripts).toBeLessThanOrEqual(60_000);
    console.log(
      `/${path}: performance ${scores.performance}, LCP ${Math.round(audits["largest-contentful-paint"]!.numericValue!)} ms, script ${scripts} bytes uncompressed`,
    );
  });
});

/** The fastest of up to three runs, fewer when one has no fault: other work on the machine can only make a page slower. */
async function bestRun(url: string, port: number): Promise<Result> {
  let best: Result | undefined;
  for (let run = 0; run < 3 && speedOf(best) < 1; run++) {
    const { lhr } = (await lighthouse(url, { port, logLevel: "silent" }, desktopConfig))!;
    if (speedOf(lhr) > speedOf(best)) best = lhr;
  }
  return best!;
}
const speedOf = (run: Result | undefined): number => run?.categories.performance?.score ?? -1;
