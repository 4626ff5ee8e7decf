import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Server } from "node:http";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumArgs, chromiumPath } from "./chromium.ts";
import { serve } from "./serve.ts";

/** Reviewed papers. */
const reviewed = globSync("data/papers/*.md").length;
const executablePath = chromiumPath();
const kinds = [
  "",
  "taxonomy/",
  "papers/",
  "papers/he2022mae/",
  "clusters/",
  "clusters/1/",
  "results/",
  "results/ms-coco/",
  "datasets/",
  "algorithms/",
  "algorithms/contrastive/",
  "gaps/",
  "search/",
  "data/",
  "about/",
  "discrepancies/",
  "implementations/",
  "implementations/mae/",
  "code/methods/mae/",
];

describe.skipIf(!executablePath)("in the browser", () => {
  let server: Server;
  let origin: string;
  let browser: Browser;
  beforeAll(async () => {
    ({ server, origin } = await serve(join(import.meta.dirname, "../../dist")));
    browser = await chromium.launch({ executablePath: executablePath!, args: chromiumArgs });
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  async function open(path: string, options: Parameters<Browser["newContext"]>[0] = {}) {
    const context: BrowserContext = await browser.newContext(options);
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on("console", (m) => m.type() === "error" && troubles.push(m.text()));
    page.on("pageerror", (e) => troubles.push(e.message));
    page.on(
      "request",
      (r) => !r.url().startsWith(origin) && !r.url().startsWith("data:") && troubles.push(`off-site: ${r.url()}`),
    );
    await page.goto(`${origin}/${path}`, { waitUntil: "networkidle" });
    return { context, page, troubles };
  }

  test.each(kinds)("/%s is quiet, stays on the site and does not overflow a phone", async (path) => {
    const { context, page, troubles } = await open(path, { viewport: { width: 390, height: 844 } });
    expect(troubles).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    await context.close();
  });

  test.each(kinds.flatMap((path) => [[path, "light"] as const, [path, "dark"] as const]))(
    "/%s has no accessibility violation in %s",
    async (path, colorScheme) => {
      const { context, page } = await open(path, {
        bypassCSP: true,
        colorScheme,
        viewport: { width: 1024, height: 900 },
      });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map((v) => `${v.id}: ${v.nodes[0]?.target} ${v.nodes[0]?.failureSummary}`)).toEqual([]);
      await context.close();
    },
  );

  test("papers are filtered by facet and words, and the address keeps the filter", async () => {
    const { context, page } = await open("papers/?masking=informed-classical");
    const shown = () => page.locator("#list li:visible").count();
    const filtered = await shown();
    expect(filtered).toBeGreaterThan(3);
    expect(filtered).toBeLessThan(40);
    await page.locator("input[name=words]").fill("colormae");
    expect(await shown()).toBe(1);
    expect(page.url()).toContain("masking=informed-classical");
    await page.locator("button[type=reset]").click();
    await expect.poll(shown).toBe(reviewed);
    await context.close();
  });

  test("what is on screen can be taken away: BibTeX and CSV of the filtered papers, no others", async () => {
    const { context, page } = await open("papers/?task=generation&masking=random");
    const shown = await page
      .locator("#list li:visible")
      .evaluateAll((items) => items.map((item) => (item as HTMLElement).dataset.id!));
    expect(shown.length).toBeGreaterThan(2);
    for (const [label, idOf] of [
      ["BibTeX", /^@\w+\{([^,]+),/gm],
      ["CSV", /^(\w+\d{4}\w+),/gm],
    ] as const) {
      const saved = page.waitForEvent("download");
      await page.getByRole("button", { name: label }).click();
      const text = await readFile(await (await saved).path(), "utf8");
      expect([...text.matchAll(idOf)].map(([, id]) => id).sort()).toEqual(shown.toSorted());
    }
    await context.close();
  });

  test("search finds a method by name, a paper by author and a data set", async () => {
    const { context, page } = await open("search/?q=videomae");
    await expect.poll(() => page.locator("#hits a").first().textContent()).toContain("VideoMAE");
    await page.locator("#q").fill("kakogeorgiou");
    await expect.poll(() => page.locator("#hits a").first().textContent()).toContain("What to hide from your students");
    await page.locator("#q").fill("scannet");
    await expect.poll(() => page.locator("#hits a").first().getAttribute("href")).toBe("/datasets/#scannet");
    await context.close();
  });

  test("the theme switch lasts over pages", async () => {
    const { context, page } = await open("", { colorScheme: "light" });
    await page.locator("#theme-switch").click();
    await page.goto(`${origin}/papers/`);
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
    await context.close();
  });

  test("pages read without JavaScript", async () => {
    const { context, page } = await open("papers/", { javaScriptEnabled: false });
    expect(await page.locator("#list li").count()).toBe(reviewed);
    expect(await page.locator("#filters").isVisible()).toBe(false);
    await context.close();
  });
});
