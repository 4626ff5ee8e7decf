import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
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

test("the survey's 236 references are numbered without a gap, and 176 of them are reviewed", () => {
  expect(value("select count(ref) from paper")).toBe(236);
  expect(value("select max(ref) from paper")).toBe(236);
  expect(value("select count(*) from paper where surveyed and ref is not null")).toBe(176);
  expect(value("select count(*) from paper where surveyed = 1 and (section is null or summary is null)")).toBe(0);
});

test("the public tables have their public columns, in order", () => {
  const columns = (table: string) => column(`select name from pragma_table_info('${table}') order by cid`).join(" ");
  const publicColumns: Record<string, string> = {
    paper: "id ref title year venue short_name section summary arxiv doi url code_url surveyed",
    author: "paper_id position name",
    contribution: "id label",
    paper_contribution: "paper_id contribution_id",
    facet: "paper_id kind value",
    dataset: "id name modality role train_samples test_samples paper_id",
    result: "id benchmark backbone pretraining method paper_id metric value survey_table survey_row note",
    discrepancy: "id subject survey_says other_says source",
    theme: "id label",
    cluster: "id label size height",
    cluster_paper: "cluster_id paper_id",
    leaf: "leaf_id position paper_id",
    merge: "step left right height size",
  };
  for (const [table, names] of Object.entries(publicColumns)) {
    expect(columns(table).slice(0, names.length), table).toBe(names);
  }
  expect(column("select id from contribution order by position")).toEqual([
    "masking-strategy",
    "target-features",
    "objective-function",
    "downstream-task",
    "theoretical-analysis",
    "model-architecture",
  ]);
});

test("the eighteen sections hold the papers that the survey's text reviews in them", () => {
  expect(
    column(
      "select number || ':' || (select count(ref) from paper where section = number) from section order by position",
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

test("the tables add up to the sums of the printed numbers, citations included", () => {
  expect(value("select sum(train_samples) from dataset")).toBe(439_410_978);
  expect(value("select sum(test_samples) from dataset")).toBe(516_372);
  expect(value("select sum(ref) from dataset d join paper p on p.id = d.paper_id")).toBe(7934);
  expect(
    column(
      "select survey_table || ' ' || metric || ' ' || round(sum(value), 1) || ' ' || sum(ref) from result r join paper p on p.id = r.paper_id group by survey_table, metric order by survey_table, metric",
    ),
  ).toEqual(["2 top1 3655.6 3622", "3 map_box 927.0 1137", "3 map_mask 819.7 1137", "4 top1 2107.0 2181"]);
});

test("the rows of each backbone and pre-training data stand together, as many as are printed", () => {
  const groups = (table: number) =>
    column(
      `select backbone || ' ' || pretraining || ' ' || count(*) from result
       where survey_table = ${table} and metric <> 'map_mask' group by backbone, pretraining order by min(survey_row)`,
    ).join(", ");
  const four = "IN21K+CC12M+CC3M+COCO";
  expect(groups(2)).toBe(
    "ViT-B IN1K 15, ViT-B Laion-50M 1, ViT-B IN1K+SSv2 1, ViT-L IN1K 9, ViT-L IN1K+SSv2 1, ViT-H IN1K 2, ViT-H IN1K+SSv2 1, ViT-H448 IN1K 1, Swin-B IN1K 4, Swin-L IN1K 3, SwinV2-H IN1K 1, SwinV2-G IN21K 1, ConvNeXt V2-B IN1K 1, ConvNeXt V2-L IN1K 1, ConvNeXt V2-H IN1K 1",
  );
  expect(groups(3)).toBe(
    `ViT-Tiny IN1K 2, ViT-B Laion-20M 1, ViT-B IN1K 5, ViT-L IN1K 2, ViT-G ${four} 1, Swin-T IN1K 1, Swin-B IN1K 3, SwinV2-G IN22K 1, MIMDET-Base IN1K 1, MIMDET-Large IN1K 1`,
  );
  expect(groups(4)).toBe(
    `ViT-S K400 1, ViT-S K400+IN1K 1, ViT-B K400 5, ViT-B K400+IN1K 1, ViT-B UnlabeledHybrid 1, ViT-L K400 3, ViT-L K400+IN1K 1, ViT-L K400+SSv2+IN1K 1, ViT-L K400+WIT400M 1, ViT-L UnlabeledHybrid 1, ViT-H K400 2, ViT-H K400+IN1K 1, ViT-H K400+SSv2+IN1K 1, ViT-H UnlabeledHybrid 1, ViT-G UnlabeledHybrid 1, ViT-G ${four} 1, MViTv2-S K400 1, MViTv2-L K400 1`,
  );
});

test("Table 1 has five modalities in printed order, and MS COCO in two of them", () => {
  expect(
    column("select modality || ' ' || count(*) from dataset group by modality order by min(survey_row)").join(", "),
  ).toBe("Images 8, Language & Images 5, Video 9, 3D Data 6, Medical Images 10");
  expect(column("select modality || ', ' || role from dataset where name = 'MS COCO' order by survey_row")).toEqual([
    "Images, Downstream",
    "Language & Images, Pre-training",
  ]);
});

test("the ten data sets of section 5 are described", () => {
  expect(
    column(
      "select name from dataset where description is not null and description_source = '§5' order by name collate nocase",
    ),
  ).toEqual("CC3M,CIFAR-100,FFHQ,ImageNet-1K,Kinetics-400,LAION-400M,MS COCO,ShapeNet,UCF101,Visual Genome".split(","));
});

test("Fig. 1, sections 1, 2, 4, 6 and 7 are there in full", () => {
  expect(column("select ref from timeline join paper p on p.id = paper_id order by position").map(Number)).toEqual([
    21, 1, 9, 2, 23, 24, 3, 25, 4, 26, 5, 6, 7, 8,
  ]);
  expect(column("select ref from related_survey join paper p on p.id = paper_id order by ref").map(Number)).toEqual([
    27, 28, 29,
  ]);
  expect(column("select algorithm_id || ' ' || count(*) from algorithm_step group by algorithm_id")).toEqual([
    "contrastive 15",
    "reconstruction 13",
  ]);
  expect(column("select number || ' ' || algorithm_id from equation")).toEqual(["1 contrastive"]);
  expect(column("select label from theme order by position")).toEqual([
    "Temporal data",
    "3D data or 3D point clouds",
    "Video",
    "Audio",
    "Multimodal",
    "Medical imaging",
    "Anomaly detection",
    "Image classification in few-shot scenarios",
    "Object detection",
    "Object tracking",
    "Semantic segmentation",
    "Training at test time",
    "Multi-view masked reconstruction",
    "Domain or out-of-distribution adaptation",
    "Teacher-student framework with a contrastive objective",
    "Diffusion models",
    "Input masking strategy",
    "Theoretical analysis",
  ]);
  expect(value("select count(*) from finding")).toBe(13);
  expect(value("select count(*) from gap")).toBe(5);
});

test("papers that the introductions of sections 3.1 to 3.4 list for a kind carry its facet", () => {
  const listed: [kind: string, value: string, refs: number[]][] = [
    ["masking", "random", [2, 9, 35, 36, 37, 38, 39]],
    ["masking", "informed", [40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50]],
    ["masking", "informed-neural", [41, 42, 51]],
    ["masking", "informed-classical", [40, 43, 44, 52]],
    ["target", "pixels", [2, 9]],
    ["target", "hog", [73]],
    ["target", "spectral", [74]],
    ["target", "frozen-network", [75, 76, 77, 78, 79]],
    ["target", "updated-network", [23, 41, 80, 81, 82, 83]],
    ["objective", "reconstruction", [2, 4, 9, 88]],
    ["objective", "contrastive", [4, 25, 89, 90]],
    ["objective", "classification", [91, 92]],
    ["modality", "image", [2, 9, 24, 96, 97, 98]],
    ["modality", "medical-image", [95, 99, 100]],
    ["modality", "video", [101, 102, 103]],
    ["modality", "multi-view", [104]],
    ["modality", "point-cloud", [72, 105, 106]],
    ["task", "classification", [2, 9, 24, 100, 105]],
    ["task", "object-detection", [96, 104, 72]],
    ["task", "segmentation", [9, 99, 104]],
    ["task", "generation", [97, 98, 101]],
    ["task", "anomaly-detection", [95, 103]],
    ["task", "action-classification", [102, 106]],
  ];
  for (const [kind, facet, refs] of listed) {
    const holders = column(
      `select ref from facet f join paper p on p.id = f.paper_id where kind = '${kind}' and value = '${facet}'`,
    );
    expect(
      refs.filter((ref) => !holders.map(Number).includes(ref)),
      `${kind} ${facet}`,
    ).toEqual([]);
  }
});

test("titles and links are clean", () => {
  expect(
    column("select title from paper where title glob '*[$\\{}]*' or title like '%  %' or title <> trim(title)"),
  ).toEqual([]);
  const repositories = column("select code_url from paper where code_url like '%github.com%'");
  expect(repositories.filter((url) => !/^https?:\/\/github\.com\/[\w.-]+\/[\w.-]+/.test(url))).toEqual([]);
  for (const link of ["arxiv", "doi", "url"]) {
    expect(column(`select ${link} from paper where ${link} is not null group by ${link} having count(*) > 1`)).toEqual(
      [],
    );
  }
  expect(
    column("select lower(code_url) from paper where code_url is not null group by lower(code_url) having count(*) > 1"),
  ).toEqual(["https://github.com/megvii-research/revcol", "https://github.com/microsoft/simmim"]);
});

test("every discrepancy is about a paper, a data set or a place in the survey, and notes point to discrepancies that exist", () => {
  expect(
    column(
      "select subject from discrepancy where subject not in (select id from paper) and subject not in (select id from dataset) order by subject",
    ).filter((subject) => !/^(§|Algorithm )\d/.test(subject)),
  ).toEqual([]);
  const known = new Set(column("select id from discrepancy"));
  const cited = column("select note from result where note is not null").flatMap((note) =>
    [...note.matchAll(/discrepanc(?:y|ies) ([a-z0-9-]+)(?: and ([a-z0-9-]+))?/g)].flatMap(([, one, two]) =>
      two === undefined ? [one!] : [one!, two],
    ),
  );
  expect(cited.length).toBeGreaterThan(0);
  expect(cited.filter((id) => !known.has(id))).toEqual([]);
});

test("rows that a discrepancy names exist in that table", () => {
  const rows = new Set(column("select distinct survey_table || '.' || survey_row from result"));
  const texts = column("select survey_says || ' | ' || other_says from discrepancy");
  const missing = texts.flatMap((text) =>
    [...text.matchAll(/Table (\d), rows? ([\d, andto]+)/g)].flatMap(([, table, list]) =>
      (list!.match(/\d+/g) ?? []).map((row) => `${table}.${row}`).filter((row) => !rows.has(row)),
    ),
  );
  expect(missing).toEqual([]);
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

test("word counts cover the abstracts of 201 references, without their titles", () => {
  expect(
    value("select count(distinct paper_id) from term_count join paper on id = paper_id where ref is not null"),
  ).toBe(201);
  const terms = (id: string) => column(`select term from term_count where paper_id = '${id}'`);
  expect(terms("lee2023rcmae")).toContain("teacher");
  for (const word of ["exploring", "role", "teachers"]) expect(terms("lee2023rcmae")).not.toContain(word);
  for (const word of ["hide", "students"]) expect(terms("kakogeorgiou2022attmask")).not.toContain(word);
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

test("the linkage matrix joins all reviewed papers, and every paper has a cluster", () => {
  const n = value("select count(*) from paper where surveyed")!;
  expect(n).toBeGreaterThanOrEqual(176);
  expect(value("select count(*) from merge")).toBe(n - 1);
  expect(value("select size from merge order by step desc limit 1")).toBe(n);
  expect(value("select count(*) from merge a join merge b on b.step = a.step + 1 where b.height < a.height")).toBe(0);
  expect(value(`select count(*) from merge where not (0 <= left and left < right and right < ${n} + step)`)).toBe(0);
  const sizeOf = (node: string) =>
    `case when ${node} < ${n} then 1 else (select size from merge b where b.step = ${node} - ${n}) end`;
  expect(value(`select count(*) from merge a where size <> ${sizeOf("a.left")} + ${sizeOf("a.right")}`)).toBe(0);
  expect(
    value("select count(distinct node) from (select left as node from merge union all select right from merge)"),
  ).toBe(2 * n - 2);
  expect(value("select count(*) from leaf")).toBe(n);
  expect(value("select count(*) from cluster_paper")).toBe(n);
  expect(value("select sum(size) from cluster")).toBe(n);
});

test("clustering again gives the same bytes", async () => {
  const first = readFileSync(file);
  expect(await cluster(["--db", file, "--out", join(folder, "report"), ...quick], silent)).toBe(0);
  expect(readFileSync(file).equals(first)).toBe(true);
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
