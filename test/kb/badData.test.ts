import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { main as ingest } from "../../scripts/ingest.ts";

const fixture = join(import.meta.dirname, "../fixtures/small");
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "atlas-bad-"));
});
afterAll(() => rmSync(root, { recursive: true }));

/** Runs ingest on a fresh copy of the fixture in which `change` has been made. */
function ingestChanged(change: (data: string) => void) {
  const project = mkdtempSync(join(root, "case-"));
  cpSync(fixture, project, { recursive: true });
  change(join(project, "data"));
  const err: string[] = [];
  const code = ingest(["--root", project], { out: () => {}, err: (text) => err.push(text) });
  return { code, lines: err.join("").split("\n").filter(Boolean), project };
}

function edit(file: string, find: string | RegExp, replacement: string) {
  return (data: string) => {
    const path = join(data, file);
    const before = readFileSync(path, "utf8");
    const after = before.replace(find, replacement);
    if (after === before) throw new Error(`fixture ${file} lacks ${find}`);
    writeFileSync(path, after);
  };
}

const write = (file: string, content: string) => (data: string) => writeFileSync(join(data, file), content);

const toyHeader = "method,seed,steps,seconds,commit,probe,knn,untrained_probe,untrained_knn,supervised,raw_pixels";

const broken: [fact: string, change: (data: string) => void, messages: string[]][] = [
  [
    "a ratio written as a percentage",
    edit("papers/alpha2021mask.md", "maskRatio: [0.75]", "maskRatio: [75]"),
    ["data/papers/alpha2021mask.md:6: maskRatio.0: expected a fraction in (0, 1), found 75; write 0.75 for 75 %"],
  ],
  [
    "a facet value outside its vocabulary",
    edit("papers/alpha2021mask.md", "masking: [random]", "masking: [randomly]"),
    ['data/papers/alpha2021mask.md:5: masking.0: expected a known value of masking, found "randomly"; write random'],
  ],
  [
    "a misspelled key",
    edit("papers/alpha2021mask.md", "modality:", "modalty:"),
    [
      "data/papers/alpha2021mask.md:9: expected only id, section, pipeline, masking, maskRatio, target, objective, architecture, modality, task, found modalty; did you mean modality?",
    ],
  ],
  [
    "a missing field",
    edit("papers/alpha2021mask.md", "pipeline: [reconstruction]\n", ""),
    ["data/papers/alpha2021mask.md:2: pipeline: expected a list, found nothing; add the field"],
  ],
  [
    "a section that the taxonomy lacks",
    edit("papers/gamma2022video.md", 'section: "3.2"', 'section: "3.9"'),
    [
      'data/papers/gamma2022video.md:3: section: expected a known section, found "3.9"; write one of 3.1, 3.2',
      "data/taxonomy.yaml:6: sections.1.number: expected a reviewed paper in every section, found none in 3.2; add one or remove the section",
    ],
  ],
  [
    "a section number that YAML reads as a number",
    edit("papers/gamma2022video.md", 'section: "3.2"', "section: 3.2"),
    ["data/papers/gamma2022video.md:3: section: expected text, found 3.2; put it in quotes"],
  ],
  [
    "a summary that is too short",
    edit(
      "papers/gamma2022video.md",
      "which lets a test tell the two apart by modality, by objective and by section; it has no stated mask ratio, because its\nimaginary survey does not give one, and no released code.",
      "",
    ),
    ["data/papers/gamma2022video.md:9: summary: expected 60 to 120 words, found 43; say more"],
  ],
  [
    "a file that is not named after its id",
    edit("papers/gamma2022video.md", "id: gamma2022video", "id: delta2020images"),
    [
      'data/papers/gamma2022video.md:2: id: expected gamma2022video, as the file is named, found "delta2020images"; rename one of the two',
    ],
  ],
  [
    "a file without front matter",
    write("papers/gamma2022video.md", "Only text.\n"),
    ["data/papers/gamma2022video.md:1: expected front matter between two lines of ---, found none; add it at the top"],
  ],
  [
    "a reviewed paper that is not among the references",
    edit("references.yaml", "id: gamma2022video", "id: gamma2022clip"),
    [
      'data/papers/gamma2022video.md:2: id: expected a known reference, found "gamma2022video"; write gamma2022clip',
      'data/term-counts.jsonl:2: id: expected a known reference, found "gamma2022video"; write gamma2022clip',
    ],
  ],
  [
    "a reference number given twice",
    edit("references.yaml", "ref: 3", "ref: 2"),
    [
      "data/datasets.csv:2: ref: expected a known reference number, found 3; correct the number",
      "data/references.yaml:18: ref: expected each ref once, found 2 also at data/references.yaml:10; remove or rename one",
      "data/related-surveys.yaml:1: ref: expected a known reference number, found 3; correct the number",
    ],
  ],
  [
    "pages joined by a hyphen",
    edit("references.yaml", 'pages: "1–10"', 'pages: "1-10"'),
    [
      'data/references.yaml:8: pages: expected pages, found "1-10"; join first and last with an en dash, as 16000–16009',
    ],
  ],
  [
    "a DOI with its resolver",
    edit("references.yaml", 'doi: "10.1000', 'doi: "https://doi.org/10.1000'),
    [
      'data/references.yaml:17: doi: expected a DOI, found "https://doi.org/10.1000/example.2"; write it from 10. on, without https://doi.org/',
    ],
  ],
  [
    "a year in words",
    edit("references.yaml", "year: 2020", 'year: "2020"'),
    ['data/references.yaml:23: year: expected a number, found "2020"; write a number without quotes'],
  ],
  [
    "broken YAML",
    edit("references.yaml", 'title: "A large set of images"', 'title: "A large set of images'),
    [
      'data/references.yaml:21: expected valid YAML, found: Missing closing "quote; check indentation, quotes and brackets',
    ],
  ],
  [
    "a value that is no percentage",
    edit("results.csv", "83.6", "836"),
    ['data/results.csv:2: value: expected a percentage between 0 and 100, found "836"; write 83.6'],
  ],
  [
    "an unknown metric",
    edit("results.csv", "Mask,1,top1", "Mask,1,top-1"),
    ['data/results.csv:2: metric: expected one of top1, map_box, map_mask, found "top-1"; write top1'],
  ],
  [
    "a row with a cell too many",
    edit("results.csv", "pre-training data restored", "restored, twice"),
    ["data/results.csv:3: expected 10 cells, one a column, found 11; check commas and quotes"],
  ],
  [
    "the same table row twice",
    edit("results.csv", "84.1,2,2", "84.1,2,1"),
    [
      "data/findings.yaml:3: evidence.0.rows: expected a known row of Table 2, found 2; correct the number",
      'data/results.csv:3: surveyRow: expected each surveyRow once, found "2.1.top1" also at data/results.csv:2; remove or rename one',
    ],
  ],
  [
    "samples with separators",
    edit("datasets.csv", "1000", '"1,000"'),
    [
      'data/datasets.csv:2: trainSamples: expected a whole number, found "1,000"; write digits only, without separators',
    ],
  ],
  [
    "a theme on a facet value that does not exist",
    edit("themes.yaml", "value: video", "value: videos"),
    ['data/themes.yaml:5: rule.anyOf.0.allOf.0: expected a known value of modality, found "videos"; write video'],
  ],
  [
    "a line that is no JSON",
    edit("term-counts.jsonl", '{"id":"gamma2022video"', '{id:"gamma2022video"'),
    [
      'data/term-counts.jsonl:2: expected JSON, found "{id:\\"gamma2022video\\",\\"ref\\":2,\\"counts\\":{…"; write one JSON object a line',
    ],
  ],
  [
    "a file that is missing",
    (data) => rmSync(join(data, "gaps.yaml")),
    ["data/gaps.yaml:1: expected a readable file, found none; add it or restore it"],
  ],
  [
    "a file that is not UTF-8",
    (data) => writeFileSync(join(data, "gaps.yaml"), Buffer.from([0x2d, 0x20, 0xe9, 0x0a])),
    ["data/gaps.yaml:1: expected UTF-8 text, found other bytes; save the file as UTF-8"],
  ],
  [
    "a parent outside the vocabulary",
    edit("vocabularies.yaml", "parent: low-level", "parent: lowlevel"),
    [
      'data/vocabularies.yaml:21: target.values.pixels.parent: expected a known value of target, found "lowlevel"; write low-level',
    ],
  ],
  [
    "a toy run of an unknown method, and one with a percentage",
    (data) =>
      writeFileSync(
        join(data, "toy-results.csv"),
        `${toyHeader}\nmaee,0,400,9.5,1a2b3c4,0.5,,,,,\nmae,0,400,9.5,1a2b3c4,50,,,,,\n`,
      ),
    [
      'data/toy-results.csv:2: method: expected a known method, found "maee"; write mae or add the method',
      'data/toy-results.csv:3: probe: expected an accuracy from 0 to 1, found "50"; write 0.83 for 83 %',
    ],
  ],
  [
    "a key indented otherwise than its neighbours",
    edit("references.yaml", '  title: "A large', '    title: "A large'),
    [
      "data/references.yaml:21: expected valid YAML, found: All mapping items must start at the same column; check indentation, quotes and brackets",
    ],
  ],
  [
    "a tab, reported once and without the errors that follow from it",
    edit("references.yaml", '  title: "A large', '\ttitle: "A large'),
    [
      "data/references.yaml:21: expected valid YAML, found: Unexpected scalar at node end; check indentation, quotes and brackets",
    ],
  ],
  [
    "a title with a colon and no quotes",
    edit("references.yaml", 'title: "A large set of images"', "title: Images: a large set"),
    [
      'data/references.yaml:21: expected valid YAML, found: Nested mappings are not allowed in compact mappings; put text that holds ": " in quotes, and begin keys of one record in one column',
    ],
  ],
  [
    "a key given twice",
    edit("papers/gamma2022video.md", "id: gamma2022video\n", "id: gamma2022video\nid: gamma2022video\n"),
    ["data/papers/gamma2022video.md:3: expected valid YAML, found: Map keys must be unique; remove one of the two"],
  ],
  [
    "text that YAML reads as an alias",
    edit("references.yaml", 'venue: "ICCV"', "venue: *ICCV"),
    [
      "data/references.yaml:22: expected a value, found *ICCV, which YAML reads as a name given elsewhere; put it in quotes",
    ],
  ],
  [
    "one value where a list belongs",
    edit("papers/gamma2022video.md", "modality: [video]", "modality: video"),
    ['data/papers/gamma2022video.md:7: modality: expected a list, found "video"; write [video]'],
  ],
  [
    "a field left empty",
    edit("papers/gamma2022video.md", "modality: [video]", "modality:"),
    [
      "data/papers/gamma2022video.md:7: modality: expected a list, found an empty value; fill it in or remove the field",
    ],
  ],
  [
    "a value given twice",
    edit("papers/gamma2022video.md", "modality: [video]", "modality: [video, video]"),
    ["data/papers/gamma2022video.md:7: modality.1: expected each value once, found video twice; remove one"],
  ],
  [
    "keys of the front matter among the references, each in its line",
    edit("references.yaml", "year: 2020", 'year: 2020\n  section: "3.1"\n  masking: [random]'),
    ["section", "masking"].map(
      (key, i) =>
        `data/references.yaml:${24 + i}: expected only ref, id, shortName, authors, etAl, title, venue, year, volume, pages, arxiv, doi, url, code, found ${key}; move it to data/papers/<id>.md`,
    ),
  ],
  [
    "a key of the references in the front matter",
    edit("papers/gamma2022video.md", "modality: [video]", "modality: [video]\nyear: 2022"),
    [
      "data/papers/gamma2022video.md:8: expected only id, section, pipeline, masking, maskRatio, target, objective, architecture, modality, task, found year; move it to data/references.yaml",
    ],
  ],
  [
    "a summary that is too long, in a file of Windows lines",
    (data) => {
      edit("papers/gamma2022video.md", /$/, `${"and on ".repeat(40)}\n`)(data);
      edit("papers/gamma2022video.md", /\n/g, "\r\n")(data);
    },
    ["data/papers/gamma2022video.md:9: summary: expected 60 to 120 words, found 156; shorten it"],
  ],
  [
    "front matter without a summary",
    edit("papers/gamma2022video.md", /\n---\n[\s\S]*$/, "\n---"),
    ["data/papers/gamma2022video.md:9: summary: expected 60 to 120 words, found 0; say more"],
  ],
  [
    "a paper's file under another name",
    (data) => renameSync(join(data, "papers/gamma2022video.md"), join(data, "papers/gamma2022vide.md")),
    [
      'data/papers/gamma2022vide.md:2: id: expected gamma2022vide, as the file is named, found "gamma2022video"; rename one of the two',
    ],
  ],
  [
    "a paper's file that is no Markdown",
    write("papers/epsilon2024clip.txt", "Only text.\n"),
    [
      "data/papers/epsilon2024clip.txt:1: expected Markdown files alone, named <id>.md, found another; rename or remove it",
    ],
  ],
  [
    "a file under a misspelled name",
    (data) => renameSync(join(data, "gaps.yaml"), join(data, "gap.yaml")),
    [
      "data/gap.yaml:1: expected only the files that docs/data.md lists, found gap.yaml; did you mean gaps.yaml?",
      "data/gaps.yaml:1: expected a readable file, found none; add it or restore it",
    ],
  ],
  [
    "no folder of papers",
    (data) => rmSync(join(data, "papers"), { recursive: true }),
    [
      "data/papers:1: expected a folder, found none; add it or restore it",
      "data/taxonomy.yaml:5: sections.0.number: expected a reviewed paper in every section, found none in 3.1; add one or remove the section",
      "data/taxonomy.yaml:6: sections.1.number: expected a reviewed paper in every section, found none in 3.2; add one or remove the section",
    ],
  ],
  [
    "one byte that is not UTF-8, in its line",
    (data) => {
      const path = join(data, "references.yaml");
      const bytes = readFileSync(path);
      bytes[bytes.indexOf("A large")] = 0xe9;
      writeFileSync(path, bytes);
    },
    ["data/references.yaml:21: expected UTF-8 text, found other bytes; save the file as UTF-8"],
  ],
  [
    "an empty list file",
    write("gaps.yaml", ""),
    ['data/gaps.yaml:1: expected a list, found an empty value; begin each record with "- "'],
  ],
  [
    "an empty table",
    write("datasets.csv", ""),
    [
      "data/datasets.csv:1: expected a row of column names, found an empty file; begin with id,name,modality,role,trainSamples,testSamples,ref,row,description,descriptionSource,note",
    ],
  ],
  [
    "a misspelled column, reported once and not for every row",
    edit("results.csv", "backbone", "backbne"),
    [
      "data/results.csv:1: expected only benchmark, backbone, pretraining, method, ref, metric, value, surveyTable, surveyRow, note, found backbne; did you mean backbone?",
      "data/results.csv:1: expected a column backbone, found none; add it",
    ],
  ],
  [
    "a quote that is never closed, in the line where it opens",
    edit("results.csv", "ViT-B", '"ViT-B'),
    [
      "data/results.csv:2: expected cells between commas, found: Quote Not Closed: the parsing is finished with an opening quote; check commas and quotes",
    ],
  ],
  [
    "a wrong value after a cell of two lines",
    (data) => {
      edit("results.csv", "pre-training data restored", '"pre-training data\nrestored"')(data);
      edit("results.csv", /$/, "imagenet-1k,ViT-L,IN1K,Mask,1,top1,836,2,3,\n")(data);
    },
    ['data/results.csv:5: value: expected a percentage between 0 and 100, found "836"; write 83.6'],
  ],
  [
    "a result of an unknown reference",
    edit("results.csv", "Mask,1,top1", "Mask,99,top1"),
    ["data/results.csv:2: ref: expected a known reference number, found 99; correct the number"],
  ],
  [
    "rows of a table out of order",
    edit("results.csv", /^(imagenet.*,2,1,.*\n)(imagenet.*\n)/m, "$2$1"),
    [
      "data/results.csv:2: surveyRow: expected 1, as rows of Table 2 come in printed order, found 2; put it in its place",
    ],
  ],
  [
    "a reference number left out",
    edit("references.yaml", "ref: 3", "ref: 4"),
    [
      "data/datasets.csv:2: ref: expected a known reference number, found 3; correct the number",
      "data/references.yaml:18: ref: expected 3, as reference numbers come in printed order, found 4; put it in its place",
      "data/related-surveys.yaml:1: ref: expected a known reference number, found 3; correct the number",
    ],
  ],
  [
    "an id given twice",
    edit("references.yaml", "id: delta2020images", "id: alpha2021mask"),
    [
      'data/references.yaml:19: id: expected each id once, found "alpha2021mask" also at data/references.yaml:2; remove or rename one',
      "data/term-counts.jsonl:1: ref: expected 3, the number of alpha2021mask, found 1; correct it",
    ],
  ],
  [
    "word counts under another paper's number",
    edit("term-counts.jsonl", '"ref":2', '"ref":3'),
    ["data/term-counts.jsonl:2: ref: expected 2, the number of gamma2022video, found 3; correct it"],
  ],
  [
    "parents in a circle",
    edit("vocabularies.yaml", "low-level: { label: Low-level features }", "low-level: { label: Low, parent: pixels }"),
    [
      'data/vocabularies.yaml:20: target.values.low-level.parent: expected a broader value, found "pixels", of which low-level is itself a parent; break the circle',
      'data/vocabularies.yaml:21: target.values.pixels.parent: expected a broader value, found "low-level", of which pixels is itself a parent; break the circle',
    ],
  ],
  [
    "a discrepancy about nothing known",
    edit("discrepancies.yaml", "subject: big-images", "subject: big-image"),
    ['data/discrepancies.yaml:2: subject: expected a known paper or data set, found "big-image"; write big-images'],
  ],
  [
    "a step of an algorithm given twice",
    edit("algorithms.yaml", "steps: [", 'steps: [{ n: 1, tex: "X", text: Read it. }, '),
    ["data/algorithms.yaml:7: steps.1.n: expected each value once, found 1 twice; remove one"],
  ],
  [
    "a survey related twice",
    edit("related-surveys.yaml", /^(.*)$/m, "$1\n$1"),
    [
      "data/related-surveys.yaml:2: ref: expected each ref once, found 3 also at data/related-surveys.yaml:1; remove or rename one",
    ],
  ],
  [
    "a title of spaces, and a venue with one at its end",
    (data) => {
      edit("references.yaml", "A large set of images", " ")(data);
      edit("references.yaml", '"ICCV"', '"ICCV "')(data);
    },
    [
      'data/references.yaml:21: title: expected text without space at its ends, found " "; remove the space',
      'data/references.yaml:22: venue: expected text without space at its ends, found "ICCV "; remove the space',
    ],
  ],
];

describe("broken data is refused with its place and a remedy", () => {
  test.each(broken)("%s", (_fact, change, messages) => {
    const { code, lines } = ingestChanged(change);
    expect(lines.slice(0, -1)).toEqual(messages);
    expect(lines.at(-1)).toBe(
      `${messages.length} problem${messages.length === 1 ? "" : "s"}; the database was left as it was`,
    );
    expect(code).toBe(1);
  });

  test("all problems are reported at once and the old database stays as it was", () => {
    const project = mkdtempSync(join(root, "case-"));
    cpSync(fixture, project, { recursive: true });
    const silent = { out: () => {}, err: () => {} };
    expect(ingest(["--root", project], silent)).toBe(0);
    const database = join(project, "build/atlas.db");
    const before = readFileSync(database);
    edit("references.yaml", "year: 2020", "year: 20")(join(project, "data"));
    edit("results.csv", "83.6", "836")(join(project, "data"));
    const err: string[] = [];
    expect(ingest(["--root", project], { ...silent, err: (text) => err.push(text) })).toBe(1);
    expect(err.join("")).toContain("2 problems");
    expect(readFileSync(database).equals(before)).toBe(true);
    expect(existsSync(`${database}.${process.pid}.tmp`)).toBe(false);
  });

  test("a file of Windows lines or with a byte-order mark is read as any other", () => {
    const plain = readFileSync(join(ingestChanged(() => {}).project, "build/atlas.db"));
    const { code, lines, project } = ingestChanged((data) => {
      for (const file of ["references.yaml", "results.csv", "term-counts.jsonl", "papers/alpha2021mask.md"])
        edit(file, /\n/g, "\r\n")(data);
      for (const file of ["references.yaml", "results.csv", "papers/gamma2022video.md"])
        edit(file, /^/, "\ufeff")(data);
    });
    expect([code, lines]).toEqual([0, []]);
    expect(readFileSync(join(project, "build/atlas.db")).equals(plain)).toBe(true);
  });

  test("a place that cannot be written to is named", () => {
    const err: string[] = [];
    const file = join(fixture, "data/survey.json/atlas.db");
    const code = ingest(["--root", fixture, "--out", file], { out: () => {}, err: (text) => err.push(text) });
    expect(err.join("")).toMatch(
      /^ingest: .*survey\.json\/atlas\.db: expected a place to write, found ENOTDIR.*; name another with --out\n$/,
    );
    expect(code).toBe(1);
  });

  test("what a killed run left is swept away by the next, what a running one writes is not", () => {
    const project = mkdtempSync(join(root, "case-"));
    cpSync(fixture, project, { recursive: true });
    const silent = { out: () => {}, err: () => {} };
    expect(ingest(["--root", project], silent)).toBe(0);
    const build = join(project, "build");
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    const running = process.ppid;
    const left = [`atlas.db.${dead}.tmp`, `atlas.db.${dead}.tmp-journal`, `atlas.db.${process.pid}.tmp-journal`];
    for (const name of [...left, `atlas.db.${running}.tmp`]) writeFileSync(join(build, name), "half");
    expect(ingest(["--root", project], silent)).toBe(0);
    expect(readdirSync(build).sort()).toEqual(["atlas.db", `atlas.db.${running}.tmp`]);
  });

  test("the same data gives the same bytes", () => {
    const [a, b] = [0, 1].map(() => readFileSync(join(ingestChanged(() => {}).project, "build/atlas.db")));
    expect(a!.equals(b!)).toBe(true);
  });
});
