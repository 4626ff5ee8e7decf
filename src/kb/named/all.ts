import type Database from "better-sqlite3";
import type { NamedQuery } from "./query.ts";

const column = (sql: string) => (db: Database.Database) => db.prepare<[], string>(sql).pluck().all();

/** Benchmark results, best first. */
const best: NamedQuery = {
  name: "best",
  argument: {
    name: "benchmark",
    meaning: "imagenet (imagenet-1k), coco (ms-coco), kinetics (kinetics-400), or the full name",
    choices: column(/* sql */ "select distinct benchmark from result order by benchmark"),
  },
  options: {
    backbone: "only this backbone, as printed",
    pretraining: "only this pre-training data, as printed",
    metric: "top1, map_box or map_mask",
    limit: "at most this many rows",
  },
  summary: "results on a benchmark, best first, each with its table and row",
  example: { title: "ViT-B on ImageNet-1K, best first", argument: "imagenet", options: { backbone: "ViT-B" } },
  sql: /* sql */ `
    select r.value, r.metric, r.method, r.backbone, r.pretraining, r.paper_id,
      'Table ' || r.survey_table || ', row ' || r.survey_row as source
    from result r
    where r.benchmark = @benchmark
      and (@backbone is null or r.backbone = @backbone)
      and (@pretraining is null or r.pretraining = @pretraining)
      and (@metric is null or r.metric = @metric)
    order by r.metric desc, r.value desc, r.id
    limit coalesce(cast(@limit as integer), -1)`,
};

/** Reviewed papers by facets. */
const papers: NamedQuery = {
  name: "papers",
  options: {
    contribution: "only with this contribution: masking-strategy, …",
    facet: "only with this facet value: video, infonce, …",
    section: "only reviewed in this section: 3.1",
    year: "only of this year",
  },
  summary: "reviewed papers, oldest first",
  example: {
    title: "Video papers that change the masking",
    options: { facet: "video", contribution: "masking-strategy" },
  },
  sql: /* sql */ `
    select p.id, p.year, p.venue, coalesce(p.short_name, '') as short_name, p.title, p.section
    from paper p
    where p.surveyed = 1
      and (@contribution is null or exists
        (select 1 from paper_contribution c where c.paper_id = p.id and c.contribution_id = @contribution))
      and (@facet is null or exists (select 1 from facet f where f.paper_id = p.id and f.value = @facet))
      and (@section is null or p.section = @section)
      and (@year is null or p.year = cast(@year as integer))
    order by p.year, p.id`,
};

/** Full-text search. */
const find: NamedQuery = {
  name: "find",
  argument: { name: "words", meaning: "what to look for in titles, names, authors and summaries" },
  options: { limit: "at most this many rows (20)" },
  summary: "papers that match the words, best match first",
  example: { title: "Words: optical flow", argument: "optical flow" },
  sql: /* sql */ `
    select t.id, p.year, p.title, snippet(paper_text, 4, '', '', '…', 12) as passage
    from paper_text t join paper p on p.id = t.id
    where paper_text match @words
    order by bm25(paper_text, 0, 8, 8, 2, 1), t.id
    limit coalesce(cast(@limit as integer), 20)`,
};

/** Contribution sets and their papers. */
const combinations: NamedQuery = {
  name: "combinations",
  options: {},
  summary: "contribution sets of section 3 and how many papers each has",
  example: { title: "Combinations of directions" },
  sql: /* sql */ `
    select s.number as section, s.title,
      (select group_concat(sc.contribution_id, ' + ') from section_contribution sc where sc.section = s.number) as contributions,
      (select count(*) from paper p where p.section = s.number) as papers
    from section s
    order by s.position`,
};

/** Values of a facet kind. */
const facets: NamedQuery = {
  name: "facets",
  argument: {
    name: "kind",
    meaning: "pipeline, masking, mask-ratio, target, objective, architecture, modality or task",
    choices: column(/* sql */ "select kind from facet_kind order by position"),
  },
  options: {},
  summary: "values of a facet kind and how many papers each has",
  example: { title: "Kinds of masking", argument: "masking" },
  sql: /* sql */ `
    select v.value, v.label, coalesce(v.parent, '') as parent, count(f.paper_id) as papers
    from facet_value v left join facet f on f.kind = v.kind and f.value = v.value
    where v.kind = @kind
    group by v.value
    order by v.position`,
};

/** Clusters and their papers. */
const clusters: NamedQuery = {
  name: "clusters",
  options: {},
  summary: "the clusters of the dendrogram",
  example: { title: "Clusters" },
  sql: /* sql */ "select id, label, size, round(height, 3) as height from cluster order by id",
};

/** What the survey contradicts. */
const discrepancies: NamedQuery = {
  name: "discrepancies",
  options: { subject: "only on this paper, data set or place" },
  summary: "contradictions inside the survey and with other sources",
  example: { title: "What contradicts the survey on MS COCO", options: { subject: "ms-coco" } },
  sql: /* sql */ `
    select id, subject, survey_says, other_says, source from discrepancy
    where @subject is null or subject = @subject
    order by id`,
};

/** Every named query, in the order of the help. */
export const namedQueries: readonly NamedQuery[] = [best, papers, find, combinations, facets, clusters, discrepancies];
