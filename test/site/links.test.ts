import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { METHODS } from "../../src/mim/methods/all.ts";

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
  expect(papers.length).toBe(globSync("data/papers/*.md").length);
  for (const [, text] of papers) {
    expect(text).toContain('name="citation_title"');
    expect(text).toMatch(/@(inproceedings|article|misc|unpublished)\{/);
  }
});

test("every method of the package has a page that shows its code and trains it, and its paper links there", () => {
  for (const { id, paper } of METHODS) {
    const page = html.get(`/implementations/${id}/`);
    expect(page, id).toContain("Start training");
    expect(page).toContain('class="listing"');
    if (paper !== null) expect(html.get(`/papers/${paper}/`)).toContain(`/implementations/${id}/`);
  }
  const index = JSON.parse(readFileSync(join(dist, "search.json"), "utf8")) as { path: string }[];
  const found = index.filter(({ path }) => path.startsWith("/implementations/")).map(({ path }) => path);
  expect(found.sort()).toEqual(METHODS.map(({ id }) => `/implementations/${id}/`).sort());
});

test("a page loads its own method and no other, at most 150 KB of compressed script with the engine", () => {
  const assets = join(dist, "_astro");
  const files = readdirSync(assets).filter((file) => file.endsWith(".js"));
  const text = new Map(files.map((file) => [file, readFileSync(join(assets, file), "utf8")]));
  const zipped = (file: string) => gzipSync(text.get(file)!).length;
  const worker = files.find((file) => file.startsWith("trainWorker"))!;
  const page = files.find((file) => file.startsWith("TrainPanel"))!;
  // WebGPU's part of the engine is fetched where there is a GPU, so it counts.
  const engine = [worker, page, files.find((file) => file.startsWith("webgpu"))!];
  const sizes: Record<string, number> = {};
  for (const { id } of METHODS) {
    const own = files.find(
      (file) => text.get(file)!.includes(`id:\`${id}\``) || text.get(file)!.includes(`id:"${id}"`),
    );
    expect(own, id).toBeDefined();
    const needed = new Set([...engine, own!]);
    for (const file of needed) {
      if (file === worker) continue;
      for (const [, other] of text.get(file)!.matchAll(/from\s*["'`]\.\/([^"'`]+)["'`]/g)) needed.add(other!);
    }
    sizes[id] = [...needed].reduce((sum, file) => sum + zipped(file), 0);
  }
  expect(Object.entries(sizes).filter(([, size]) => size > 150_000)).toEqual([]);
  const [largest] = Object.entries(sizes).sort((a, b) => b[1] - a[1]);
  console.log(`script of a method's page: at most ${largest![1]} bytes compressed (${largest![0]})`);
});
