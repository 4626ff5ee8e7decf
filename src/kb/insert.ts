/** Writes checked data into an empty database. */
import type Database from "better-sqlite3";
import type { Data } from "./load.ts";
import { type Condition, facetKeys, facetKind } from "./records.ts";

type Cell = string | number | null;

/** Every value that a value implies: itself and its ancestors. */
function withAncestors(value: string, parentOf: (value: string) => string | undefined): string[] {
  const parent = parentOf(value);
  return parent === undefined ? [value] : [value, ...withAncestors(parent, parentOf)];
}

const SQL_HOLDS = {
  facet: /* sql */ "exists (select 1 from facet where paper_id = p.id and kind = ? and value = ?)",
  contribution: /* sql */ "exists (select 1 from paper_contribution where paper_id = p.id and contribution_id = ?)",
  section: /* sql */ "p.section = ?",
};

function conditionSql(condition: Condition): { sql: string; values: string[] } {
  if ("kind" in condition) return { sql: SQL_HOLDS.facet, values: [condition.kind, condition.value] };
  if ("contribution" in condition) return { sql: SQL_HOLDS.contribution, values: [condition.contribution] };
  return { sql: SQL_HOLDS.section, values: [condition.section] };
}

export function insertData(db: Database.Database, data: Data): void {
  const into = (table: string, row: Record<string, Cell | undefined>) => {
    const columns = Object.keys(row);
    const sql = `insert into ${table} (${columns.join(", ")}) values (${columns.map(() => "?").join(", ")})`;
    db.prepare(sql).run(Object.values(row).map((v) => v ?? null));
  };
  const reviews = new Map(data.papers.map(({ value }) => [value.id, value]));
  const idOfRef = new Map(data.references.map(({ value }) => [value.ref, value.id]));

  data.taxonomy?.value.directions.forEach((d, i) => into("contribution", { ...d, position: i + 1 }));
  data.taxonomy?.value.sections.forEach(({ number, title, note, contributions }, i) => {
    into("section", { number, title, note, position: i + 1 });
    for (const c of contributions) into("section_contribution", { section: number, contribution_id: c });
  });
  const contributionsOf = new Map(data.taxonomy?.value.sections.map((s) => [s.number, s.contributions]));

  const references = [...data.references].sort((a, b) => (a.value.ref ?? Infinity) - (b.value.ref ?? Infinity));
  for (const { value: r } of references) {
    const review = reviews.get(r.id);
    into("paper", {
      id: r.id,
      ref: r.ref,
      title: r.title,
      year: r.year,
      venue: r.venue,
      short_name: r.shortName,
      section: review?.section,
      summary: review?.summary,
      arxiv: r.arxiv,
      doi: r.doi,
      url: r.url,
      code_url: r.code,
      surveyed: review ? 1 : 0,
      volume: r.volume,
      pages: r.pages,
      et_al: r.etAl ? 1 : 0,
    });
    r.authors.forEach((name, i) => into("author", { paper_id: r.id, position: i + 1, name }));
    for (const c of contributionsOf.get(review?.section ?? "") ?? [])
      into("paper_contribution", { paper_id: r.id, contribution_id: c });
    into("paper_text", {
      id: r.id,
      title: r.title,
      short_name: r.shortName ?? "",
      authors: r.authors.join(", "),
      summary: review?.summary ?? "",
    });
  }

  facetKeys.forEach((key, i) => {
    const kind = facetKind(key);
    const vocabulary = data.vocabularies!.value[key];
    into("facet_kind", { kind, label: vocabulary.label, source: vocabulary.source, position: i + 1 });
    const values = Object.entries(vocabulary.values ?? {});
    const parents = new Map(values.map(([value, { parent }]) => [value, parent]));
    values
      .map(([value, v], position) => ({
        value,
        v,
        position,
        depth: withAncestors(value, (x) => parents.get(x)).length,
      }))
      .sort((a, b) => a.depth - b.depth)
      .forEach(({ value, v, position }) =>
        into("facet_value", { kind, value, label: v.label, parent: v.parent, note: v.note, position: position + 1 }),
      );
    if (key === "maskRatio") {
      const ratios = [...new Set(data.papers.flatMap(({ value }) => value.maskRatio ?? []))].sort((a, b) => a - b);
      ratios.forEach((ratio, j) =>
        into("facet_value", { kind, value: String(ratio), label: `${+(ratio * 100).toFixed(2)} %`, position: j + 1 }),
      );
    }
    for (const { value: paper } of data.papers) {
      const stated = (paper[key] ?? []).map(String);
      const all = new Set(stated.flatMap((value) => withAncestors(value, (x) => parents.get(x))));
      for (const value of [...all].sort()) into("facet", { paper_id: paper.id, kind, value });
    }
  });

  for (const { value: d } of data.datasets) {
    into("dataset", {
      id: d.id,
      name: d.name,
      modality: d.modality,
      role: d.role,
      train_samples: d.trainSamples,
      test_samples: d.testSamples,
      paper_id: d.ref === undefined ? null : idOfRef.get(d.ref),
      survey_row: d.row,
      description: d.description,
      description_source: d.descriptionSource,
      note: d.note,
    });
  }
  data.results.forEach(({ value: r }, i) =>
    into("result", {
      id: i + 1,
      benchmark: r.benchmark,
      backbone: r.backbone,
      pretraining: r.pretraining,
      method: r.method,
      paper_id: idOfRef.get(r.ref),
      metric: r.metric,
      value: r.value,
      survey_table: r.surveyTable,
      survey_row: r.surveyRow,
      note: r.note,
    }),
  );
  for (const { value: d } of data.discrepancies) {
    into("discrepancy", {
      id: d.id,
      subject: d.subject,
      survey_says: d.surveySays,
      other_says: d.otherSays,
      source: d.source,
    });
  }
  data.timeline.forEach(({ value: t }, i) =>
    into("timeline", {
      position: i + 1,
      paper_id: t.paper,
      venue: t.venue,
      year: t.year,
      note: t.note,
      source: t.source,
    }),
  );

  for (const { value: a } of data.algorithms) {
    into("algorithm", { id: a.id, number: a.number, title: a.title, source: a.source });
    const symbols = [
      ...a.models.map((s) => ({ ...s, role: "model" })),
      ...a.inputs.map((s) => ({ ...s, role: "input" })),
    ];
    symbols.forEach(({ role, tex, meaning }, i) =>
      into("algorithm_symbol", { algorithm_id: a.id, position: i + 1, role, tex, meaning }),
    );
    for (const s of a.steps) into("algorithm_step", { algorithm_id: a.id, step: s.n, tex: s.tex, explanation: s.text });
    for (const e of a.equations ?? [])
      into("equation", { number: e.number, algorithm_id: a.id, tex: e.tex, explanation: e.text, source: e.source });
  }
  data.findings.forEach(({ value: f }, i) => {
    into("finding", { id: f.id, statement: f.statement, source: f.source, position: i + 1 });
    for (const e of f.evidence ?? [])
      for (const row of e.rows) into("finding_evidence", { finding_id: f.id, survey_table: e.table, survey_row: row });
  });
  data.gaps.forEach(({ value: g }, i) => {
    into("gap", { id: g.id, title: g.title, text: g.text, source: g.source, position: i + 1 });
    for (const c of g.contributions ?? []) into("gap_contribution", { gap_id: g.id, contribution_id: c });
  });
  for (const { value: s } of data.relatedSurveys)
    into("related_survey", { paper_id: idOfRef.get(s.ref), difference: s.difference, source: s.source });

  data.themes.forEach(({ value: t }, i) => {
    into("theme", {
      id: t.id,
      label: t.label,
      category: t.category,
      rule: JSON.stringify(t.rule),
      source: t.source,
      position: i + 1,
    });
    const alternatives = t.rule.anyOf.map(({ allOf }) => allOf.map(conditionSql));
    const where = alternatives.map((all) => `(${all.map((c) => c.sql).join(" and ")})`).join(" or ");
    db.prepare(
      `insert into theme_paper (theme_id, paper_id) select ?, p.id from paper p where p.surveyed = 1 and (${where}) order by p.id`,
    ).run(t.id, ...alternatives.flat().flatMap((c) => c.values));
  });
  for (const { value: t } of data.termCounts) {
    for (const [term, count] of Object.entries(t.counts).sort(([a], [b]) => (a < b ? -1 : 1)))
      into("term_count", { paper_id: t.id, term, count });
  }
}

/** Runs on the toy world; their methods stand in the database already. */
export function insertToyRuns(db: Database.Database, { toyResults }: Data): void {
  const one = db.prepare("insert into toy_run values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (const { value: r } of toyResults) {
    const scores = [r.probe, r.knn, r.untrained_probe, r.untrained_knn, r.supervised, r.raw_pixels];
    one.run(r.method, r.seed, r.steps, r.seconds, r.commit, ...scores.map((score) => score ?? null));
  }
}
