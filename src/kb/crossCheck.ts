/** Keys between the files of data/, both ways. */
import { choose, show } from "./explain.ts";
import type { Data } from "./load.ts";
import { type Condition, facetKeys, facetKind } from "./records.ts";
import type { Located, Report } from "./source.ts";

const rule = (condition: Condition): [field: string, value: string] =>
  "kind" in condition
    ? [condition.kind, condition.value]
    : "contribution" in condition
      ? ["contribution", condition.contribution]
      : ["section", condition.section];

export function crossCheck(data: Data, report: Report): void {
  const at = (record: Located<unknown>, field: string, message: string) =>
    report({ file: record.file, line: record.line(field), field, message });
  const refers = (
    record: Located<unknown>,
    field: string,
    value: string | number,
    known: ReadonlySet<string | number>,
    what: string,
  ) => {
    if (known.has(value)) return;
    const options = [...known].filter((k): k is string => typeof k === "string");
    const fix =
      typeof value === "number"
        ? "correct the number"
        : options.length && options.length <= 30
          ? choose(value, options)
          : `correct it or add the ${what}`;
    at(record, field, `expected a known ${what}, found ${show(value)}; ${fix}`);
  };
  const unique = <T>(located: Located<T>[], field: string, key: (value: T) => string | number | undefined) => {
    const first = new Map<string | number, Located<T>>();
    for (const record of located) {
      const k = key(record.value);
      if (k === undefined) continue;
      const earlier = first.get(k);
      if (earlier)
        at(
          record,
          field,
          `expected each ${field} once, found ${show(k)} also at ${earlier.file}:${earlier.line(field)}; remove or rename one`,
        );
      else first.set(k, record);
    }
    return new Set(first.keys());
  };

  const ids = unique(data.references, "id", (r) => r.id);
  const refs = unique(data.references, "ref", (r) => r.ref);
  unique(data.papers, "id", (p) => p.id);
  unique(data.datasets, "id", (d) => d.id);
  unique(data.datasets, "row", (d) => d.row);
  unique(data.discrepancies, "id", (d) => d.id);
  unique(data.themes, "id", (t) => t.id);
  unique(data.gaps, "id", (g) => g.id);
  unique(data.findings, "id", (f) => f.id);
  unique(data.algorithms, "id", (a) => a.id);
  unique(data.termCounts, "id", (t) => t.id);
  unique(data.results, "surveyRow", (r) => `${r.surveyTable}.${r.surveyRow}.${r.metric}`);

  const directions = new Set(data.taxonomy?.value.directions.map((d) => d.id));
  const sections = new Set(data.taxonomy?.value.sections.map((s) => s.number));
  const used = { directions: new Set<string>(), sections: new Set<string>() };
  data.taxonomy?.value.sections.forEach((section, i) => {
    section.contributions.forEach((c, j) => {
      used.directions.add(c);
      refers(data.taxonomy!, `sections.${i}.contributions.${j}`, c, directions, "direction");
    });
  });

  const vocabulary = new Map<string, ReadonlyMap<string, string | undefined>>();
  if (data.vocabularies) {
    for (const key of facetKeys) {
      const values = new Map(
        Object.entries(data.vocabularies.value[key].values ?? {}).map(([v, { parent }]) => [v, parent]),
      );
      vocabulary.set(key, values);
      for (const [value, parent] of values) {
        if (parent !== undefined)
          refers(data.vocabularies, `${key}.values.${value}.parent`, parent, new Set(values.keys()), `value of ${key}`);
      }
    }
  }

  for (const paper of data.papers) {
    refers(paper, "id", paper.value.id, ids, "reference");
    if (data.taxonomy) refers(paper, "section", paper.value.section, sections, "section");
    used.sections.add(paper.value.section);
    if (!data.vocabularies) continue;
    for (const key of facetKeys) {
      if (key === "maskRatio") continue;
      const values = paper.value[key] ?? [];
      values.forEach((value, i) => {
        refers(paper, `${key}.${i}`, value, new Set(vocabulary.get(key)!.keys()), `value of ${key}`);
        if (values.indexOf(value) !== i)
          at(paper, `${key}.${i}`, `expected each value once, found ${value} twice; remove one`);
      });
    }
  }
  data.taxonomy?.value.sections.forEach((section, i) => {
    if (data.papers.length && !used.sections.has(section.number)) {
      at(
        data.taxonomy!,
        `sections.${i}.number`,
        `expected a reviewed paper in every section, found none in ${section.number}; add one or remove the section`,
      );
    }
  });
  data.taxonomy?.value.directions.forEach((direction, i) => {
    if (!used.directions.has(direction.id)) {
      at(
        data.taxonomy!,
        `directions.${i}.id`,
        `expected a section for every direction, found none for ${direction.id}; add it to a section or remove it`,
      );
    }
  });

  for (const d of data.datasets) if (d.value.ref !== undefined) refers(d, "ref", d.value.ref, refs, "reference number");
  for (const r of data.results) refers(r, "ref", r.value.ref, refs, "reference number");
  for (const t of data.timeline) refers(t, "paper", t.value.paper, ids, "reference");
  for (const s of data.relatedSurveys) refers(s, "ref", s.value.ref, refs, "reference number");
  for (const t of data.termCounts) refers(t, "id", t.value.id, ids, "reference");
  for (const g of data.gaps)
    g.value.contributions?.forEach((c, i) => refers(g, `contributions.${i}`, c, directions, "direction"));

  const rowsOfTable = new Map<number, Set<number>>([[1, new Set(data.datasets.map((d) => d.value.row))]]);
  for (const { value } of data.results) {
    if (!rowsOfTable.has(value.surveyTable)) rowsOfTable.set(value.surveyTable, new Set());
    rowsOfTable.get(value.surveyTable)!.add(value.surveyRow);
  }
  for (const f of data.findings) {
    f.value.evidence?.forEach((e, i) => {
      for (const row of e.rows)
        refers(f, `evidence.${i}.rows`, row, rowsOfTable.get(e.table) ?? new Set(), `row of Table ${e.table}`);
    });
  }

  const kinds = new Map(facetKeys.map((key) => [facetKind(key), key]));
  for (const theme of data.themes) {
    theme.value.rule.anyOf.forEach((alternative, i) => {
      alternative.allOf.forEach((condition, j) => {
        const field = `rule.anyOf.${i}.allOf.${j}`;
        const [name, value] = rule(condition);
        if (name === "contribution") refers(theme, field, value, directions, "direction");
        else if (name === "section") refers(theme, field, value, sections, "section");
        else if (!kinds.has(name)) refers(theme, field, name, new Set(kinds.keys()), "facet kind");
        else if (name !== "mask-ratio" && data.vocabularies)
          refers(theme, field, value, new Set(vocabulary.get(kinds.get(name)!)!.keys()), `value of ${name}`);
      });
    });
  }
}
