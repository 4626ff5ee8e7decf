/** References in the formats of reference managers, by citation-js. */
import { Cite } from "@citation-js/core";
import "@citation-js/plugin-bibtex";
import "@citation-js/plugin-ris";
import type { PaperRow } from "./queries/papers.ts";

const journals = new Set([
  "TPAMI",
  "IJCV",
  "JMLR",
  "TMI",
  "TIP",
  "TMLR",
  "IEEE Access",
  "TOG",
  "Nature Communications",
  "Scientific Data",
  "Data",
  "Synapse",
]);

/** "He K" as family and given name; "Ben Abacha A" keeps its two-part family name. */
function person(name: string): { family: string; given?: string } {
  const match = /^(.*) ([A-Z]{1,4})$/.exec(name);
  return match ? { family: match[1]!, given: [...match[2]!].map((c) => `${c}.`).join(" ") } : { family: name };
}

/** A reference as CSL-JSON. */
export function cslJson(paper: PaperRow, authors: string[]): Record<string, unknown> {
  const preprint = paper.venue === "arXiv";
  return {
    id: paper.id,
    "citation-key": paper.id,
    type: preprint ? "article" : journals.has(paper.venue) ? "article-journal" : "paper-conference",
    title: paper.title,
    author: [...authors.map(person), ...(paper.et_al ? [{ literal: "others" }] : [])],
    issued: { "date-parts": [[paper.year]] },
    "container-title": preprint ? `arXiv preprint arXiv:${paper.arxiv}` : paper.venue,
    ...(paper.volume && { volume: paper.volume }),
    ...(paper.pages && { page: paper.pages.replace("–", "-") }),
    ...(paper.doi && { DOI: paper.doi }),
    ...(paper.url && { URL: paper.url }),
  };
}

/** BibTeX entries of references, keyed by paper id. */
export const bibtex = (records: Record<string, unknown>[]): string =>
  new Cite(records)
    .format("bibtex")
    .replace(/ and \{others\}/g, " and others") // BibTeX's own word for "et al."
    .replace(/^\thowpublished = .*\n/gm, "") // repeats the url
    .replace(/^\t/gm, "  ");

/** RIS records of references; RIS has no "et al.". */
export const ris = (records: Record<string, unknown>[]): string =>
  new Cite(
    records.map((record) => ({
      ...record,
      author: (record.author as object[]).filter((person) => !("literal" in person)),
    })),
  ).format("ris");
