import type Database from "better-sqlite3";
import { namedQueries } from "./all.ts";
import type { NamedQuery } from "./query.ts";
import { namedValues } from "./values.ts";

/** A question with its SQL, what is bound to the SQL's parameters, and what follows `npm run -s query --`. */
export interface Example {
  title: string;
  sql: string;
  values: Record<string, string | null>;
  command: string;
}

const written: readonly { title: string; sql: string }[] = [
  {
    title: "Papers of each year",
    sql: /* sql */ `
      select year, count(*) as papers
      from paper
      where surveyed
      group by year
      order by year`,
  },
  {
    title: "Mask ratios by modality",
    sql: /* sql */ `
      select m.value as modality, r.value as mask_ratio, count(*) as papers
      from facet r join facet m on m.paper_id = r.paper_id and m.kind = 'modality'
      where r.kind = 'mask-ratio'
      group by m.value, r.value
      order by papers desc, modality, mask_ratio
      limit 20`,
  },
  {
    title: "Directions that clusters hold more of than chance",
    sql: /* sql */ `
      select c.cluster_id, k.label as cluster, c.contribution_id, c.papers,
        round(c.expected, 1) as expected, round(c.residual, 1) as residual
      from cluster_contribution c join cluster k on k.id = c.cluster_id
      where c.residual > 2
      order by c.residual desc, c.cluster_id, c.contribution_id`,
  },
  {
    title: "Papers whose words resemble another section",
    sql: /* sql */ `
      select f.paper_id, p.section, s.title as section_title, round(f.chance, 2) as chance
      from section_fit f join paper p on p.id = f.paper_id join section s on s.number = p.section
      order by f.chance, f.paper_id
      limit 12`,
  },
  {
    title: "ImageNet-1K results of methods proven here against the authors' code",
    sql: /* sql */ `
      select i.title as implementation, r.paper_id, r.backbone, r.pretraining, r.value as top1,
        'Table ' || r.survey_table || ', row ' || r.survey_row as source
      from implementation i
        join paper_implementation pi on pi.implementation_id = i.id
        join result r on r.paper_id = pi.paper_id and r.benchmark = 'imagenet-1k'
      where i.level = 'parity'
      order by r.backbone, r.pretraining, r.value desc, r.id`,
  },
];

/** What follows `npm run -s query --` in each example. */
export const exampleCommands: readonly string[] = [
  ...written.map(({ sql }) => `"${sql.trim().replace(/\s+/g, " ")}"`),
  ...namedQueries.map(commandOf),
];

/** Every example, SQL first, then one of each named query. */
export const examples = (db: Database.Database): Example[] =>
  [
    ...written.map(({ title, sql }) => ({ title, sql, values: {} })),
    ...namedQueries.map((query) => ({
      title: query.example.title,
      sql: query.sql,
      values: namedValues(
        db,
        query,
        query.example.argument ? [query.example.argument] : [],
        query.example.options ?? {},
      ),
    })),
  ].map((example, i) => ({ ...example, sql: dedent(example.sql), command: exampleCommands[i]! }));

function commandOf({ name, example: { argument, options = {} } }: NamedQuery): string {
  const quoted = argument?.includes(" ") ? `"${argument}"` : argument;
  return [name, ...(quoted ? [quoted] : []), ...Object.entries(options).map(([o, value]) => `--${o} ${value}`)].join(
    " ",
  );
}

/** SQL without the indentation that it has in its file. */
function dedent(sql: string): string {
  const lines = sql.replace(/^\n/, "").trimEnd().split("\n");
  const margin = Math.min(...lines.map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(margin)).join("\n");
}
