import type { APIContext } from "astro";
import { implementations } from "../../kb/queries/implementations.ts";
import { reviewedPapers } from "../../kb/queries/papers.ts";
import { href } from "../href.ts";
import { db } from "../kb.ts";

/** A guide to the site for programs that read text. */
export function GET({ site }: APIContext): Response {
  const to = (path: string) => new URL(href(path), site).href;
  const lines = [
    "# MIM Atlas",
    "",
    "> A living survey of masked image modeling: papers, taxonomy, clusters and benchmark results with their sources.",
    "",
    "## Data",
    "",
    `- [atlas.json](${to("atlas.json")}): every table as JSON`,
    `- [atlas.db](${to("atlas.db")}): the SQLite database`,
    `- papers/ID.json, such as [he2022mae.json](${to("papers/he2022mae.json")}): all that a paper's page says`,
    `- [results/imagenet-1k.json](${to("results/imagenet-1k.json")}), likewise ms-coco and kinetics-400; also .csv, .tex, .md, .bib`,
    `- [references.bib](${to("references.bib")}): all references as BibTeX`,
    "",
    "## Implementations",
    "",
    ...implementations(db).map(
      (i) =>
        `- [${i.title}](${to(`implementations/${i.id}/`)}): ${i.level}; source ${to(`code/${i.module.replace(/\.ts$/, "")}/`)}`,
    ),
    "",
    "## Papers",
    "",
    ...reviewedPapers(db).map((p) => `- [${p.title}](${to(`papers/${p.id}/`)}): ${p.venue} ${p.year}`),
  ];
  return new Response(`${lines.join("\n")}\n`, { headers: { "content-type": "text/plain; charset=utf-8" } });
}
