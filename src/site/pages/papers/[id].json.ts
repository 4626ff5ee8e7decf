import type { APIContext } from "astro";
import { authorsOf } from "../../../kb/queries/authors.ts";
import { clusterOf, neighboursOf } from "../../../kb/queries/clusters.ts";
import { contributionsOf } from "../../../kb/queries/contributions.ts";
import { discrepanciesOf } from "../../../kb/queries/discrepancies.ts";
import { facetsOf } from "../../../kb/queries/facets.ts";
import { implementationsOf } from "../../../kb/queries/implementations.ts";
import { type PaperRow, reviewedPapers } from "../../../kb/queries/papers.ts";
import { printedRowsOf } from "../../../kb/queries/results.ts";
import { db } from "../../kb.ts";

/** All that a paper's page says, for programs. */
export const getStaticPaths = () => reviewedPapers(db).map((paper) => ({ params: { id: paper.id }, props: { paper } }));

export const GET = ({ props: { paper } }: APIContext<{ paper: PaperRow }>): Response =>
  Response.json({
    ...paper,
    authors: authorsOf(db, paper.id),
    contributions: contributionsOf(db, paper.id).map((c) => c.id),
    facets: Object.fromEntries(
      [...Map.groupBy(facetsOf(db, paper.id), (f) => f.kind)].map(([kind, list]) => [kind, list.map((f) => f.value)]),
    ),
    results: printedRowsOf(db, paper.id),
    discrepancies: discrepanciesOf(db, paper.id).map(({ survey_says, other_says, source }) => ({
      survey_says,
      other_says,
      source,
    })),
    cluster: clusterOf(db, paper.id),
    nearest: neighboursOf(db, paper.id).map(({ id, distance }) => ({ id, distance })),
    implementations: implementationsOf(db, paper.id).map(({ id, level }) => ({ id, level })),
  });
