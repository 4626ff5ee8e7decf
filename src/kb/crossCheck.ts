/**
 * Keys between the files of data/, both ways. A key into a file that has problems of its own is not judged: the record it
 * names may be one of those that could not be read.
 */
import { choose, closest, show } from "./explain.ts";
import type { Data } from "./load.ts";
import { type Condition, facetKeys, facetKind } from "./records.ts";
import type { Located, Report } from "./source.ts";

/** Values that other files may name. */
interface Keys {
  /** What they name, as in "a known reference". */
  what: string;
  file: string;
  values: ReadonlySet<string | number>;
}

/** Ids of one year share much, so only a very similar one is named. */
function near(value: string, words: readonly string[]): string {
  const word = closest(value, words, 0.8);
  return word ? `write ${word}` : "correct it";
}

const named = (condition: Condition): [field: string, value: string] =>
  "kind" in condition
    ? [condition.kind, condition.value]
    : "contribution" in condition
      ? ["contribution", condition.contribution]
      : ["section", condition.section];

/** Values that come back to themselves from parent to parent, each with its parent. */
function ownAncestors(values: Readonly<Record<string, { parent?: string | undefined }>>): [string, string][] {
  return Object.entries(values).flatMap(([value, { parent }]) => {
    const seen = new Set<string>();
    for (let a = parent; a !== undefined && !seen.has(a); a = values[a]?.parent) seen.add(a);
    return parent !== undefined && seen.has(value) ? [[value, parent]] : [];
  });
}

/** `unsound`: the files with problems of their own; `methods`: the package's methods by id. */
export function crossCheck(
  data: Data,
  unsound: ReadonlySet<string>,
  methods: ReadonlySet<string>,
  report: Report,
): void {
  const at = (record: Located<unknown>, field: string, message: string) =>
    report({ file: record.file, line: record.line(field), field, message });

  const refers = (record: Located<unknown>, field: string, value: string | number | undefined, keys: Keys) => {
    if (value === undefined || keys.values.has(value) || unsound.has(keys.file)) return;
    const words = [...keys.values].filter((k) => typeof k === "string");
    const fix =
      typeof value === "number"
        ? "correct the number"
        : words.length && words.length <= 30
          ? choose(value, words)
          : `${near(value, words)} or add the ${keys.what}`;
    at(record, field, `expected a known ${keys.what}, found ${show(value)}; ${fix}`);
  };

  const unique = <T>(records: Located<T>[], field: string, key: (value: T) => string | number | undefined) => {
    const first = new Map<string | number, Located<T>>();
    for (const record of records) {
      const k = key(record.value);
      if (k === undefined) continue;
      const earlier = first.get(k);
      if (!earlier) first.set(k, record);
      else {
        const place = `${earlier.file}:${earlier.line(field)}`;
        at(record, field, `expected each ${field} once, found ${show(k)} also at ${place}; remove or rename one`);
      }
    }
    return new Set(first.keys());
  };

  /** Numbers as printed: from 1, in order, none left out. That one stands twice is for `unique` to judge. */
  const runs = <T>(records: Located<T>[], field: string, number: (value: T) => number | undefined, of: string) => {
    let last = 0;
    for (const record of records) {
      const n = number(record.value);
      if (n === undefined || n === last) continue;
      if (unsound.has(record.file)) return;
      if (n !== last + 1) {
        const expected = `expected ${last + 1}, as ${of} come in printed order`;
        return at(record, field, `${expected}, found ${n}; put it in its place`);
      }
      last = n;
    }
  };

  /** Entries of a list inside a record. */
  const once = (record: Located<unknown>, field: (i: number) => string, values: readonly (string | number)[]) =>
    values.forEach((value, i) => {
      if (values.indexOf(value) !== i)
        at(record, field(i), `expected each value once, found ${value} twice; remove one`);
    });

  const ids = { what: "reference", file: "data/references.yaml", values: unique(data.references, "id", (r) => r.id) };
  const refs = { ...ids, what: "reference number", values: unique(data.references, "ref", (r) => r.ref) };
  for (const list of [data.papers, data.datasets, data.discrepancies, data.themes, data.gaps, data.findings]) {
    unique<{ id: string }>(list, "id", (record) => record.id);
  }
  for (const list of [data.algorithms, data.termCounts]) unique<{ id: string }>(list, "id", (record) => record.id);
  unique(data.algorithms, "number", (a) => a.number);
  unique(data.relatedSurveys, "ref", (s) => s.ref);
  unique(data.datasets, "row", (d) => d.row);
  unique(data.results, "surveyRow", (r) => `${r.surveyTable}.${r.surveyRow}.${r.metric}`);

  runs(data.references, "ref", (r) => r.ref, "reference numbers");
  runs(data.datasets, "row", (d) => d.row, "rows");
  for (const table of new Set(data.results.map((r) => r.value.surveyTable))) {
    const rows = data.results.filter((r) => r.value.surveyTable === table);
    runs(rows, "surveyRow", (r) => r.surveyRow, `rows of Table ${table}`);
  }

  const taxonomy = data.taxonomy;
  const keysOfTaxonomy = (what: string, values: string[] = []): Keys => ({
    what,
    file: "data/taxonomy.yaml",
    values: new Set(values),
  });
  const directions = keysOfTaxonomy(
    "direction",
    taxonomy?.value.directions.map((d) => d.id),
  );
  const sections = keysOfTaxonomy(
    "section",
    taxonomy?.value.sections.map((s) => s.number),
  );
  const papersSound = ![...unsound].some((file) => file.startsWith("data/papers/"));
  const reviewedIn = new Set(data.papers.map((p) => p.value.section));
  taxonomy?.value.sections.forEach((section, i) => {
    section.contributions.forEach((c, j) => refers(taxonomy, `sections.${i}.contributions.${j}`, c, directions));
    once(taxonomy, (j) => `sections.${i}.contributions.${j}`, section.contributions);
    if (papersSound && !reviewedIn.has(section.number)) {
      const found = `none in ${section.number}; add one or remove the section`;
      at(taxonomy, `sections.${i}.number`, `expected a reviewed paper in every section, found ${found}`);
    }
  });
  if (taxonomy) {
    const { directions, sections } = taxonomy.value;
    once(
      taxonomy,
      (i) => `directions.${i}.id`,
      directions.map((d) => d.id),
    );
    once(
      taxonomy,
      (i) => `sections.${i}.number`,
      sections.map((s) => s.number),
    );
  }
  taxonomy?.value.directions.forEach(({ id }, i) => {
    if (taxonomy.value.sections.some((section) => section.contributions.includes(id))) return;
    const found = `none for ${id}; add it to a section or remove it`;
    at(taxonomy, `directions.${i}.id`, `expected a section for every direction, found ${found}`);
  });

  const vocabularies = data.vocabularies;
  const valuesOf = (key: (typeof facetKeys)[number]): Keys => ({
    what: `value of ${facetKind(key)}`,
    file: "data/vocabularies.yaml",
    values: new Set(Object.keys(vocabularies?.value[key].values ?? {})),
  });
  for (const key of facetKeys) {
    for (const [value, { parent }] of Object.entries(vocabularies?.value[key].values ?? {})) {
      refers(vocabularies!, `${key}.values.${value}.parent`, parent, { ...valuesOf(key), file: "" });
    }
    for (const [value, ancestor] of ownAncestors(vocabularies?.value[key].values ?? {})) {
      const message = `expected a broader value, found ${show(ancestor)}, of which ${value} is itself a parent; break the circle`;
      at(vocabularies!, `${key}.values.${value}.parent`, message);
    }
  }

  for (const paper of data.papers) {
    refers(paper, "id", paper.value.id, ids);
    refers(paper, "section", paper.value.section, sections);
    for (const key of facetKeys) {
      const values: (string | number)[] = paper.value[key] ?? [];
      values.forEach((value, i) => {
        if (key !== "maskRatio") refers(paper, `${key}.${i}`, value, valuesOf(key));
      });
      once(paper, (i) => `${key}.${i}`, values);
    }
  }

  for (const d of data.datasets) refers(d, "ref", d.value.ref, refs);
  for (const r of data.results) refers(r, "ref", r.value.ref, refs);
  for (const t of data.timeline) refers(t, "paper", t.value.paper, ids);
  for (const s of data.relatedSurveys) refers(s, "ref", s.value.ref, refs);
  const refOf = new Map(data.references.map(({ value }) => [value.id, value.ref]));
  for (const t of data.termCounts) {
    const { id, ref } = t.value;
    refers(t, "id", id, ids);
    if (refOf.has(id) && ref !== refOf.get(id))
      at(t, "ref", `expected ${show(refOf.get(id))}, the number of ${id}, found ${show(ref)}; correct it`);
  }
  const subjects = new Set([...ids.values, ...data.datasets.map((d) => d.value.id)]);
  const about = { what: "paper or data set", file: "data/datasets.csv", values: subjects };
  for (const d of data.discrepancies) {
    const { subject } = d.value;
    if (!/^(§|Algorithm |Table |Fig\. |Eq\. )/.test(subject) && !unsound.has(ids.file))
      refers(d, "subject", subject, about);
  }
  unique(data.toyResults, "seed", (r) => `${r.method}, seed ${r.seed}`);
  for (const r of data.toyResults) refers(r, "method", r.value.method, { what: "method", file: "", values: methods });
  for (const g of data.gaps) {
    g.value.contributions?.forEach((c, i) => refers(g, `contributions.${i}`, c, directions));
    once(g, (i) => `contributions.${i}`, g.value.contributions ?? []);
  }

  for (const a of data.algorithms) {
    once(
      a,
      (i) => `steps.${i}.n`,
      a.value.steps.map((step) => step.n),
    );
  }
  const equations = data.algorithms.flatMap((a) =>
    (a.value.equations ?? []).map(({ number }, i) => ({
      ...a,
      value: number,
      line: () => a.line(`equations.${i}.number`),
    })),
  );
  unique(equations, "equations.number", (number) => number);

  const rowsOf = (table: number): Keys => {
    const rows = data.results.filter((r) => r.value.surveyTable === table).map((r) => r.value.surveyRow);
    return table === 1
      ? { what: "row of Table 1", file: "data/datasets.csv", values: new Set(data.datasets.map((d) => d.value.row)) }
      : { what: `row of Table ${table}`, file: "data/results.csv", values: new Set(rows) };
  };
  for (const f of data.findings) {
    f.value.evidence?.forEach(({ table, rows }, i) => {
      for (const row of rows) refers(f, `evidence.${i}.rows`, row, rowsOf(table));
    });
    const cited = f.value.evidence?.flatMap(({ table, rows }) => rows.map((row) => `row ${row} of Table ${table}`));
    once(f, () => "evidence", cited ?? []);
  }

  const keyOfKind = new Map(facetKeys.map((key) => [facetKind(key), key]));
  const kinds = { what: "facet kind", file: "", values: new Set(keyOfKind.keys()) };
  for (const theme of data.themes) {
    theme.value.rule.anyOf.forEach(({ allOf }, i) => {
      allOf.forEach((condition, j) => {
        const field = `rule.anyOf.${i}.allOf.${j}`;
        const [name, value] = named(condition);
        const key = keyOfKind.get(name);
        if (name === "contribution") refers(theme, field, value, directions);
        else if (name === "section") refers(theme, field, value, sections);
        else if (!key) refers(theme, field, name, kinds);
        else if (key !== "maskRatio") refers(theme, field, value, valuesOf(key));
      });
    });
  }
}
