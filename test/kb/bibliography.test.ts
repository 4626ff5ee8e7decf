import { expect, test } from "vitest";
import { bibtex, cslJson, ris } from "../../src/kb/bibliography.ts";
import type { PaperRow } from "../../src/kb/queries/papers.ts";

const paper = {
  id: "alpha2021mask",
  title: "Mask: Learning by Hiding",
  venue: "CVPR",
  year: 2021,
  pages: "1–10",
  et_al: 1,
} as PaperRow;
const record = cslJson(paper, ["Ben Alpha AB", "Beta B"]);

test("a conference paper as BibTeX, its shortened author list ended by others", () => {
  expect(bibtex([record]).trim()).toBe(
    [
      "@inproceedings{alpha2021mask,",
      "  author = {Ben Alpha, A. B. and Beta, B. and others},",
      "  booktitle = {CVPR},",
      "  year = {2021},",
      "  pages = {1--10},",
      "  title = {Mask: Learning by {Hiding}},",
      "}",
    ].join("\n"),
  );
});

test("a record as RIS names the printed authors alone", () => {
  const lines = ris([record]).split("\n");
  expect(lines.filter((line) => line.startsWith("AU"))).toEqual(["AU  - Ben Alpha, A. B.", "AU  - Beta, B."]);
});
