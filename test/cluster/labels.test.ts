import { expect, test } from "vitest";
import { clusterDocuments } from "../../src/cluster/clusterDocuments.ts";
import { clusterNodes } from "../../src/cluster/clusterNodes.ts";
import { condensedIndex } from "../../src/cluster/cophenet.ts";
import { keptNeighbours } from "../../src/cluster/keptNeighbours.ts";
import { choosePreprocessing, preprocessingScores } from "../../src/cluster/preprocessingChoice.ts";
import { random } from "../../src/cluster/random.ts";
import { silhouette, silhouetteOfClusters } from "../../src/cluster/silhouette.ts";
import { taxonomyAgreement } from "../../src/cluster/taxonomyAgreement.ts";
import { umapLayout } from "../../src/cluster/umapLayout.ts";
import { countTerms } from "../../src/text/counts.ts";
import { countPhrases } from "../../src/text/phrases.ts";
import { expectClose } from "./golden.ts";

/** Three subjects of six documents each; every document has words of its own subject and a few that all share. */
const subjects = [
  "point cloud scanning, point clouds of rooms, masked point cloud completion, lidar sweeps",
  "audio-visual speech, sound and lips, audio-visual retrieval, microphones",
  "test-time training under shift, test-time adaptation, robust at test time",
];
const fillers = [
  "transformer encoder",
  "results improve",
  "a novel approach",
  "large models",
  "we show gains",
  "pretraining",
];
const docs = subjects.flatMap((subject) =>
  fillers.map((filler, i) => ({ text: `${subject}; ${filler}. ${fillers[(i + 1) % 6]}.` })),
);
const options = { clusters: 3, labelTerms: 3, references: 4, seed: 1 };
const result = clusterDocuments(docs, options);

test("phrases are neighbouring words or hyphenated pairs, never across punctuation or stop words", () => {
  const { terms, surface, rates } = countPhrases([
    { text: "Test-time training of point clouds: masks, 3 views. Point clouds!" },
  ]);
  expect(Object.fromEntries(terms.map((term, j) => [term, surface[j]]))).toEqual({
    "point cloud": "point clouds",
    "test time": "test-time",
  });
  expectClose(rates.data, [2 / 11, 1 / 11]);
});
test("word counts give hyphenated phrases only, and vouch for both words of a phrase of the text", () => {
  const counts = { "self-supervised": 3, point: 2, clouds: 1, trained: 4 };
  const { surface, rates } = countPhrases([{ counts, text: "point clouds and image patches" }]);
  expect(surface).toEqual(["point clouds", "self-supervised"]);
  expectClose(rates.data, [1 / 5, 3 / 10]);
});
test("a cluster is named by its subject, in phrases where there are some, and never twice by the same", () => {
  const names = result.words.map((words) => words.join(", "));
  expect(names.some((name) => name.includes("point cloud"))).toBe(true);
  expect(names.some((name) => name.includes("audio-visual"))).toBe(true);
  expect(names.some((name) => name.includes("test-time"))).toBe(true);
  for (const words of result.words) {
    expect(words.length).toBeLessThanOrEqual(3);
    const parts = words.flatMap((word) => word.split(/[ -]/).map((part) => part.slice(0, 5)));
    expect(new Set(parts).size).toBe(parts.length);
    expect(words.join(" ")).not.toMatch(/novel|approach|results|show/);
  }
});
test("names of TeX commands are no words", () => {
  expect(
    countTerms([{ text: "\\textbf{Mask} \\emph{all}" }, { counts: { textbf: 3, mathcal: 1, masks: 1 } }]).terms,
  ).toEqual(["mask"]);
});
test("clusters are numbered as they stand in the leaf order, and their nodes hold their documents", () => {
  const inOrder = Array.from(result.leaves, (leaf) => result.labels[leaf]!);
  expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
  expect(clusterNodes(result.Z, result.labels).map((node) => result.Z[node - docs.length]![3])).toEqual([6, 6, 6]);
  const each = silhouetteOfClusters(result.D, result.labels);
  expectClose([each.reduce((a, b) => a + b, 0) / 3], [silhouette(result.D, result.labels)]);
});
test("one and two documents make one cluster", () => {
  const few = { ...options, clusters: { fewest: 8, most: 30, smallest: 3 } };
  expect(clusterDocuments(docs.slice(0, 1), few).words.length).toBe(1);
  expect(clusterDocuments([docs[0]!, docs[7]!], few)).toMatchObject({ reason: "too few documents to cut" });
  expect(clusterDocuments(docs, few).cuts.map((cut) => cut.clusters)).toEqual(
    Array.from({ length: 16 }, (_, i) => i + 2),
  );
});
test("a map keeps neighbours together and is the same for the same seed", () => {
  const layout = (seed: number) =>
    umapLayout(result.D, docs.length, { neighbours: 5, minDistance: 0.1, random: random(seed) });
  const places = layout(1);
  expect(layout(1)).toEqual(places);
  expect(keptNeighbours(result.D, places, 5)).toBeGreaterThan(2 * (5 / 17)); // chance gives 5 of 17
  expect(Math.max(...places.flatMap(({ x, y }) => [x, y]))).toBeLessThanOrEqual(1);
});
test("kept neighbours are all when the plane is the data", () => {
  const places = Array.from({ length: 9 }, (_, i) => ({ x: i * i, y: 0 }));
  const D = new Float64Array(36);
  places.forEach((a, i) =>
    places.forEach((b, j) => {
      if (i < j) D[condensedIndex(9, i, j)] = Math.abs(a.x - b.x);
    }),
  );
  expect(keptNeighbours(D, places, 3)).toBe(1);
});
test("a tree agrees with a taxonomy made of its own clusters, and not with one dealt at random", () => {
  const own = Array.from(result.labels, String);
  const agreement = (sections: string[]) =>
    taxonomyAgreement(
      result.Z,
      result.labels,
      sections,
      sections.map((section) => new Set([section])),
    );
  expect(agreement(own)).toMatchObject({ adjustedRandIndex: 1, vMeasure: 1 });
  expect(agreement(own).bakersGamma).toBeGreaterThan(0.8);
  const next = random(2);
  expect(Math.abs(agreement(own.map(() => String(Math.floor(next() * 3)))).bakersGamma)).toBeLessThan(0.3);
});
test("of choices within a standard error of the best the first is taken", () => {
  const context = {
    options: {},
    clusters: 3,
    splits: 4,
    seed: 1,
    sections: docs.map((_, i) => String(i % 2)),
    themes: [],
  };
  const scores = preprocessingScores(docs, context);
  expect(scores.reproducibility).toBeGreaterThan(0.5); // either half of the words tells the three subjects apart
  const reaches = (...values: number[]) =>
    choosePreprocessing(values.map((r) => ({ ...scores, reproducibility: r, error: 0.02 })));
  expect([reaches(0.1, 0.1, 0.13), reaches(0.1, 0.115, 0.13), reaches(0.12, 0.1, 0.13)]).toEqual([2, 1, 0]);
});
