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
  "query/",
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

  test("the data is asked in SQL: nothing loads before; rows, papers as links, parameters, full text, a copy, refusals", async () => {
    const { context, page, troubles } = await open("query/");
    const requests: string[] = [];
    page.on("request", (r) => requests.push(new URL(r.url()).pathname));
    const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
    expect(loaded.filter((name) => /atlas\.db|wasm|[wW]orker/.test(name))).toEqual([]);
    const [sql, status] = [page.getByLabel("SQL", { exact: true }), page.locator(".desk [role=status]")];
    const says = (text: RegExp) => expect.poll(() => status.textContent(), { timeout: 30_000 }).toMatch(text);
    const rows = page.locator("[data-answer] tbody tr");

    await sql.fill("select paper_id, value from result where paper_id = @id order by value desc");
    await page.getByLabel("@id").fill("he2022mae");
    await sql.press("Control+Enter");
    await says(/^\d+ rows in [\d.]+ ms\.$/);
    expect(await rows.count()).toBeGreaterThan(3);
    expect(await rows.first().locator("a").getAttribute("href")).toBe("/papers/he2022mae/");
    expect(await page.locator("[data-answer] th.number").allTextContents()).toEqual(["value"]);
    expect(requests).toContain("/atlas.db");

    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save CSV" }).click();
    expect((await readFile(await (await saved).path(), "utf8")).split("\n")).toHaveLength((await rows.count()) + 2);

    await page.getByRole("link", { name: "Words: optical flow", exact: true }).click();
    await says(/^\d+ rows? in/);
    expect(await sql.inputValue()).toContain("paper_text match @words");
    expect(await page.getByLabel("@words").inputValue()).toBe('"optical" "flow"');
    expect(await rows.count()).toBeGreaterThan(0);

    await sql.fill("delete from paper");
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await says(/^expected a statement that reads .*, found one that writes; the database is built from data/);
    expect(await rows.count()).toBe(0);
    await sql.fill("select id,\n  titel from paper");
    await sql.press("Control+Enter");
    await says(/^line 2, column 3: no such column: titel$/);
    expect(requests.filter((path) => path === "/atlas.db")).toHaveLength(1);
    expect(troubles).toEqual([]);
    await context.close();
  });

  test("a link to a query asks it again; a long one is stopped, and the next one is answered", async () => {
    const endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n";
    const query = new URLSearchParams({ sql: "select count(*) as papers from paper where year = @year", year: "2022" });
    const { context, page, troubles } = await open(`query/?${query}`);
    const [sql, status] = [page.getByLabel("SQL", { exact: true }), page.locator(".desk [role=status]")];
    const says = (text: RegExp) => expect.poll(() => status.textContent(), { timeout: 30_000 }).toMatch(text);
    await says(/^1 row in/);
    const found = await page.locator("[data-answer] td").textContent();
    expect(Number(found)).toBeGreaterThan(10);
    await sql.fill(endless);
    await sql.press("Control+Enter");
    await says(/^Running/);
    expect(new URL(page.url()).searchParams.get("sql")).toBe(endless);
    await page.getByRole("button", { name: "Stop" }).click();
    await says(/^Stopped after/);
    await page.goBack();
    await says(/^1 row in/);
    expect(await page.getByLabel("@year").inputValue()).toBe("2022");
    expect(await page.locator("[data-answer] td").textContent()).toBe(found);
    expect(troubles).toEqual([]);
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
    await page.goto(`${origin}/query/`);
    expect(await page.getByLabel("SQL", { exact: true }).isVisible()).toBe(false);
    expect(await page.locator("summary", { hasText: "paper_text" }).isVisible()).toBe(true);
    expect(await page.locator(".questions tbody tr").count()).toBeGreaterThan(30);
    await context.close();
  });
});
