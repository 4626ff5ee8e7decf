import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { main } from "../../scripts/cluster.ts";
import { implementations } from "../../scripts/implementations.ts";
import { dendrogram } from "../../src/figure/dendrogram.ts";
import { tableHtml, tableMarkdown } from "../../src/figure/reportTable.ts";
import { buildKb } from "../../src/kb/build.ts";
import { writtenCase } from "../../src/text/writtenCase.ts";

const root = join(import.meta.dirname, "../..");
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "atlas-report-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...args: string[]) {
  let [out, err] = ["", ""];
  const code = await main(args, { out: (text) => (out += text), err: (text) => (err += text) });
  return { code, out, err };
}
const read = (...names: string[]) => readFileSync(join(folder, ...names), "utf8");

test("a table links, sorts as numbers, and keeps Markdown's signs from being read as markup", () => {
  const table = {
    columns: [{ name: "Name" }, { name: "Value", decimals: 2 }],
    rows: [
      { id: "a", cells: [{ text: "<a|b>", href: "#b" }, -0.001] },
      { cells: ["x*y", -1.5] },
      { cells: [[{ text: "c", href: "#c" }], null] },
    ],
  };
  expect(tableMarkdown(table)).toBe(
    [
      "| Name     | Value |",
      "| :------- | ----: |",
      "| \\<a\\|b\\> |  0.00 |",
      "| x\\*y     | −1.50 |",
      "| c        |     – |",
    ].join("\n"),
  );
  const html = tableHtml(table, "T");
  expect(html).toContain('<tr id="a"><td><a href="#b">&lt;a|b&gt;</a></td><td class="number">0.00</td></tr>');
  expect(html).toContain('<th class="number">Value</th>');
});

test("themes stand in the dendrogram as columns: the rows of the subtree, a dot for each member, the letter at the node", () => {
  const merges = [
    { left: 0, right: 1, height: 1, size: 2, support: { au: 0.97, bp: 0.8 } },
    { left: 2, right: 3, height: 2, size: 3, support: { au: 1, bp: 1 } },
  ];
  const leaves = [0, 1, 2].map((leaf) => ({ leaf, label: `L${leaf}`, cluster: 1 }));
  const svg = dendrogram(merges, leaves, {
    rowHeight: 10,
    themes: [{ label: "Pair", node: 3, members: new Set([0, 1]), note: "F1 1.00" }],
  });
  expect(svg).toContain('height="20.0" rx="3"'); // two rows
  expect(svg.match(/a3 3 0 1 0 6 0/g)).toHaveLength(2);
  expect(svg).toContain('<title>A Pair: F1 1.00</title><rect class="disc"');
  expect(svg).toContain("2 leaves, height 1.000: AU 97 %, BP 80 %");
  expect(svg.match(/<circle/g)).toHaveLength(1); // the root has no dot
});

test("words get back the capitals that are written within them", () => {
  const cased = writtenCase([{ text: "The MRI and ViT of Masked 3D Video. An mri; 3D. Video in masked MRI" }, {}]);
  expect(cased("mri, vit, 3d, masked video")).toBe("MRI, ViT, 3D, masked video");
});

test("the papers' report names what changed since another run, in HTML, Markdown and JSON", {
  timeout: 120_000,
}, async () => {
  const db = join(folder, "atlas.db");
  buildKb(root, db, implementations);
  const quick = ["--db", db, "--replicates", "20", "--splits", "2"];
  expect(await run(...quick, "--out", join(folder, "old"), "--clusters", "12")).toMatchObject({ code: 0 });
  const again = ["--out", join(folder, "new"), "--compare", join(folder, "old"), "--clusters", "14"];
  expect(await run(...quick, ...again)).toMatchObject({ code: 0 });
  const changes = JSON.parse(read("new", "changes.json"));
  const { clusters, papers } = JSON.parse(read("new", "report.json"));
  expect(changes).toMatchObject({ kept: papers.length, added: [], removed: [] });
  // The same tree, cut two merges lower: two clusters fall in two, the others stay as they are.
  expect(changes.same.filter(({ jaccard }: { jaccard: number }) => jaccard === 1).length).toBeGreaterThanOrEqual(10);
  expect(changes.same.length + changes.appeared.length).toBe(clusters.length);
  expect(changes.adjustedRandIndex).toBeGreaterThan(0.5);
  expect(changes.adjustedRandIndex).toBeLessThan(1);
  const html = read("new", "index.html");
  expect(html).toContain("Clusters that appeared");
  expect(read("new", "report.md")).toContain("## Clusters that appeared");
  // Every link of the page leads to a part of it.
  const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const targets = [...html.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id!);
  expect(targets.length).toBeGreaterThan(papers.length);
  expect(targets.filter((id) => !ids.has(id))).toEqual([]);
  expect(ids.size).toBe([...html.matchAll(/ id="/g)].length);
});

test("a corpus is compared with its earlier self, and with what is no clustering in one line", async () => {
  const input = join(folder, "docs.jsonl");
  const line = (i: number, words: string) => `${JSON.stringify({ id: `d${i}`, text: words })}\n`;
  const subjects = ["point clouds of rooms", "audio and speech signals", "radiology reports and scans"];
  const docs = (n: number) =>
    Array.from({ length: n }, (_, i) => line(i, `${subjects[i % 3]} ${i} extra${i}`)).join("");
  writeFileSync(input, docs(30));
  const out = join(folder, "corpus");
  await run("--input", input, "--out", out, "--clusters", "3");
  writeFileSync(input, docs(33));
  expect(await run("--input", input, "--out", out, "--clusters", "3", "--compare", out)).toMatchObject({ code: 0 });
  expect(JSON.parse(read("corpus", "changes.json"))).toMatchObject({
    kept: 30,
    added: ["d30", "d31", "d32"],
    removed: [],
    adjustedRandIndex: 1,
    moved: [],
  });
  expect(read("corpus", "clusters.json")).toContain('"label":"point clouds');
  for (const [place, found] of [
    [join(folder, "nowhere"), "no such file or folder"],
    [folder, "neither"],
    [input, "Unexpected non-whitespace character"],
    [join(out, "linkage.json"), "another layout"],
  ] as const) {
    const { code, err } = await run("--input", input, "--out", out, "--compare", place);
    expect(code).toBe(1);
    expect(err).toMatch(/^cluster: .*: expected .* of an earlier run, found .*; check --compare\n$/);
    expect(err).toContain(found);
  }
});
