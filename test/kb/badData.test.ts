import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

function edit(file: string, find: string, replacement: string) {
  return (data: string) => {
    const path = join(data, file);
    const before = readFileSync(path, "utf8");
    if (!before.includes(find)) throw new Error(`fixture ${file} lacks ${find}`);
    writeFileSync(path, before.replace(find, replacement));
  };
}

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
    (data) => writeFileSync(join(data, "papers/gamma2022video.md"), "Only text.\n"),
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
    [
      "data/results.csv:3: expected one cell a column, found: Invalid Record Length: columns length is 10, got 11; check commas and quotes",
    ],
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
      'data/toy-results.csv:2: method: expected a known method, found "maee"; correct it or add the method',
      'data/toy-results.csv:3: probe: expected an accuracy from 0 to 1, found "50"; write 0.83 for 83 %',
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

  test("the same data gives the same bytes", () => {
    const [a, b] = [0, 1].map(() => readFileSync(join(ingestChanged(() => {}).project, "build/atlas.db")));
    expect(a!.equals(b!)).toBe(true);
  });
});
