import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const dist = join(import.meta.dirname, "../../dist");
const pages = globSync("**/*.html", { cwd: dist });
const html = new Map(
  pages.map((page) => [`/${page.replace(/index\.html$/, "")}`, readFileSync(join(dist, page), "utf8")]),
);

test("every internal link leads to a page, and every anchor to its element", () => {
  const broken: string[] = [];
  for (const [page, text] of html) {
    for (const [, target] of text.matchAll(/ (?:href|src|data-index)="(\/[^"]*)"/g)) {
      const { pathname, hash } = new URL(target!.replaceAll("&amp;", "&"), "http://localhost");
      const there = html.get(pathname);
      if (!there && !existsSync(join(dist, pathname))) broken.push(`${page}: ${target}`);
      else if (hash && there && !there.includes(`id="${decodeURIComponent(hash.slice(1))}"`))
        broken.push(`${page}: ${target}`);
    }
  }
  expect(broken).toEqual([]);
  expect(html.size).toBeGreaterThan(200);
});

test("every reviewed paper has a page with summary, citation tags and BibTeX", () => {
  const papers = [...html].filter(([page]) => /^\/papers\/.+\//.test(page));
  expect(papers.length).toBe(176);
  for (const [, text] of papers) {
    expect(text).toContain('name="citation_title"');
    expect(text).toMatch(/@(inproceedings|article|misc|unpublished)\{/);
  }
});
