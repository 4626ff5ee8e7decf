import { expect, test } from "vitest";
import { type AtlasDocument, clusteredDoc } from "../../scripts/atlas/atlasDocuments.ts";

const paper: AtlasDocument = {
  id: "doe2024hide",
  title: "Hide and Hide Patches",
  shortName: null,
  year: 2024,
  section: "3.1",
  contributions: ["masking-strategy"],
  summary: "A summary.",
  counts: { patches: 2, loss: 1 },
};

test("the words of the title are added to the counts of the abstract, as often as asked", () => {
  expect(clusteredDoc(paper, 1)).toEqual({ counts: { patches: 3, loss: 1, hide: 2, and: 1 } });
  expect(clusteredDoc(paper, 2)).toEqual({ counts: { patches: 4, loss: 1, hide: 4, and: 2 } });
});

test("without titles the counts of the abstract stay as they are", () => {
  expect(clusteredDoc(paper, 0)).toEqual({ counts: paper.counts });
});

test("without an abstract, title and summary are clustered", () => {
  expect(clusteredDoc({ ...paper, counts: null }, 2)).toEqual({
    text: "Hide and Hide Patches Hide and Hide Patches A summary.",
  });
});
