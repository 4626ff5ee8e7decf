import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { main as cluster } from "../../scripts/cluster.ts";
import { implementations } from "../../scripts/implementations.ts";
import { buildKb } from "../../src/kb/build.ts";
import { METHODS } from "../../src/mim/methods/all.ts";

const root = join(import.meta.dirname, "../..");
let folder: string;
let file: string;
let db: Database.Database;
const silent = { out: () => {}, err: () => {} };
const quick = ["--replicates", "10", "--splits", "0"];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "atlas-data-"));
  file = join(folder, "atlas.db");
  buildKb(root, file, implementations);
  expect(await cluster(["--db", file, "--out", join(folder, "report"), ...quick], silent)).toBe(0);
  db = new Database(file, { readonly: true });
});
afterAll(() => {
  db.close();
  rmSync(folder, { recursive: true });
});
const value = (sql: string) => db.prepare<[], number>(sql).pluck().get();
const column = (sql: string) => db.prepare<[], string>(sql).pluck().all();

test("there are 236 references, numbered without a gap, and 176 of them are reviewed", () => {
  expect(value("select count(*) from paper")).toBe(236);
  expect(value("select max(ref) from paper")).toBe(236);
  expect(value("select count(*) from paper where surveyed")).toBe(176);
  expect(value("select count(*) from paper where surveyed = 1 and (section is null or summary is null)")).toBe(0);
});

test("the eighteen sections hold the papers that the survey's text reviews in them", () => {
  expect(
    column(
      "select number || ':' || (select count(*) from paper where section = number) from section order by position",
    ).join(" "),
  ).toBe(
    "3.1:32 3.2:16 3.3:9 3.4:18 3.5:8 3.6:8 3.7:9 3.8:8 3.9:9 3.10:11 3.11:10 3.12:11 3.13:5 3.14:7 3.15:2 3.16:5 3.17:4 3.18:4",
  );
});

test("the tables have every printed row", () => {
  expect(value("select count(*) from dataset")).toBe(38);
  expect(
    column(
      "select survey_table || ':' || count(distinct survey_row) || ':' || max(survey_row) || ':' || count(*) from result group by survey_table",
    ),
  ).toEqual(["2:43:43:43", "3:18:18:36", "4:25:25:25"]);
});

test("values of Tables 2 to 4 stand with the backbone, data and paper they are printed for", () => {
  const row = (table: number, number: number, metric: string) =>
    db
      .prepare<[number, number, string]>(
        "select backbone, pretraining, method, paper_id, value from result where survey_table = ? and survey_row = ? and metric = ?",
      )
      .raw()
      .get(table, number, metric);
  expect(row(2, 16, "top1")).toEqual(["ViT-B", "Laion-50M", "RILS", "yang2023rils", 83.6]);
  expect(row(2, 43, "top1")).toEqual(["ConvNeXt V2-H", "IN1K", "FCMAE", "woo2023fcmae", 86.3]);
  expect(row(3, 11, "map_mask")).toEqual(["ViT-G", "IN21K+CC12M+CC3M+COCO", "EVA", "fang2023eva", 55]);
  expect(row(3, 18, "map_box")).toEqual(["MIMDET-Large", "IN1K", "MAE", "he2022mae", 54.3]);
  expect(row(4, 23, "top1")).toEqual(["ViT-G", "IN21K+CC12M+CC3M+COCO", "EVA", "fang2023eva", 89.7]);
});

test("word counts cover 201 references", () => {
  expect(value("select count(distinct paper_id) from term_count")).toBe(201);
});

test("every facet value in use belongs to its vocabulary, parents included", () => {
  expect(
    value(
      "select count(*) from facet f join facet_value v using (kind, value) where v.parent is not null and not exists (select 1 from facet p where p.paper_id = f.paper_id and p.kind = f.kind and p.value = v.parent)",
    ),
  ).toBe(0);
  expect(
    value(
      "select count(*) from paper p where surveyed = 1 and not exists (select 1 from facet f where f.paper_id = p.id and f.kind = 'pipeline')",
    ),
  ).toBe(0);
});

test("every theme of section 4 has members", () => {
  expect(column("select id from theme where id not in (select theme_id from theme_paper)")).toEqual([]);
});

test("the linkage matrix joins all 176 papers, and every paper has a cluster", () => {
  expect(value("select count(*) from merge")).toBe(175);
  expect(value("select size from merge order by step desc limit 1")).toBe(176);
  expect(value("select count(*) from merge a join merge b on b.step = a.step + 1 where b.height < a.height")).toBe(0);
  expect(value("select count(*) from leaf")).toBe(176);
  expect(value("select count(*) from cluster_paper")).toBe(176);
  expect(value("select sum(size) from cluster")).toBe(176);
});

test("clustering again gives the same bytes", async () => {
  const first = db.prepare("select * from merge order by step").all();
  const names = column("select label from cluster order by id");
  expect(await cluster(["--db", file, "--out", join(folder, "report"), ...quick], silent)).toBe(0);
  const again = new Database(file, { readonly: true });
  expect(again.prepare("select * from merge order by step").all()).toEqual(first);
  expect(again.prepare("select label from cluster order by id").pluck().all()).toEqual(names);
  again.close();
});

test("every method of the package stands in the atlas with its paper, code and proof", () => {
  const papers = new Set(column("select id from paper where surveyed"));
  expect(column("select id from implementation order by id")).toEqual(METHODS.map((m) => m.id).sort());
  for (const { id, paper } of METHODS) {
    if (paper === null) continue;
    expect(papers, id).toContain(paper);
    expect(column(`select implementation_id from paper_implementation where paper_id = '${paper}'`)).toContain(id);
  }
  const files = [
    ...column("select 'src/mim/' || module from implementation"),
    ...column("select 'src/mim/' || file from implementation_part"),
    ...column("select proof from implementation"),
  ];
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  expect(value("select count(*) from implementation_part")).toBe(4 * METHODS.length);
});
