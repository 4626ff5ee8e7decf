import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adjustedRandIndex } from "../../src/cluster/adjustedRandIndex.ts";
import { bestSubtree } from "../../src/cluster/bestSubtree.ts";
import { cophenet } from "../../src/cluster/cophenet.ts";
import { fcluster } from "../../src/cluster/fcluster.ts";
import { leavesList } from "../../src/cluster/leavesList.ts";
import { linkage } from "../../src/cluster/linkage.ts";
import { pdist } from "../../src/cluster/pdist.ts";
import { pearson } from "../../src/cluster/pearson.ts";
import { silhouette } from "../../src/cluster/silhouette.ts";
import { vMeasure } from "../../src/cluster/vMeasure.ts";
import { countTerms } from "../../src/text/counts.ts";
import type { CsrMatrix } from "../../src/text/csrMatrix.ts";
import { tfidf } from "../../src/text/tfidf.ts";
import { tokenize } from "../../src/text/tokenize.ts";

const gold = JSON.parse(readFileSync(join(import.meta.dirname, "../golden/cluster.json"), "utf8"));

/** Equal within a relative and absolute tolerance of 1e-12, float64 against float64. */
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>) {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThanOrEqual(1e-12 * (1 + Math.abs(expected[i]!)));
  }
}
function dense({ indptr, indices, data, shape: [rows, columns] }: CsrMatrix): number[][] {
  const out = Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
  for (let i = 0; i < rows; i++) for (let p = indptr[i]!; p < indptr[i + 1]!; p++) out[i]![indices[p]!] = data[p]!;
  return out;
}
const docs = gold.texts.map((text: string) => ({ text }));
const counts = countTerms(docs, { stem: false, stopWords: new Set() });

describe("text", () => {
  test("TF-IDF equals scikit-learn's", () => {
    const { X, terms } = tfidf(counts);
    expect(terms).toEqual(gold.terms);
    dense(X).forEach((row, i) => expectClose(row, gold.tfidf[i]));
  });
  test("sublinear TF-IDF over terms in two or more documents equals scikit-learn's", () => {
    dense(tfidf(counts, { sublinear: true, minDf: 2 }).X).forEach((row, i) => expectClose(row, gold.sublinear[i]));
  });
  test("tokens are words of any script, hyphens split, numbers and addresses go", () => {
    expect(tokenize("Schrödinger's pre-training, 2022: https://example.org/a-b 数据集 a")).toEqual([
      "schrödinger",
      "pre",
      "training",
      "数据集",
    ]);
  });
  test("hostile tokens are ordinary terms", () => {
    const { terms } = countTerms(
      [{ text: "constructor __proto__ hasOwnProperty" }, { counts: JSON.parse('{"__proto__": 2, "constructor": 1}') }],
      { stem: false },
    );
    expect(terms).toEqual(["__proto__", "constructor", "hasownproperty"]);
  });
  test("a stem is shown as the word that stood for it most often", () => {
    const { terms, surface } = countTerms([{ text: "masking masked masked masks" }]);
    expect([terms, surface]).toEqual([["mask"], ["masked"]]);
  });
});

describe("clustering", () => {
  const D = Float64Array.from(gold.pdist as number[]);
  const Z = linkage(D);
  test("distances equal SciPy's", () => expectClose(pdist(tfidf(counts).X), gold.pdist));
  test("Ward linkage equals SciPy's", () => {
    Z.forEach((row, step) => expectClose(row as unknown as number[], gold.Z[step]));
    const points: number[][] = gold.points.X;
    const distances = points.flatMap((p, i) =>
      points.slice(i + 1).map((q) => Math.hypot(p[0]! - q[0]!, p[1]! - q[1]!)),
    );
    linkage(Float64Array.from(distances)).forEach((row, step) =>
      expectClose(row as unknown as number[], gold.points.Z[step]),
    );
  });
  test("leaf order and cophenetic distances equal SciPy's", () => {
    expect(Array.from(leavesList(Z))).toEqual(gold.leaves);
    expectClose(cophenet(Z), gold.cophenet);
    expectClose([pearson(cophenet(Z), D)], [gold.cophenetic_correlation]);
  });
  test("a cut into three parts the documents as SciPy's does, and its silhouette equals scikit-learn's", () => {
    const labels = fcluster(Z, { clusters: 3 });
    expect(adjustedRandIndex(labels, gold.fcluster3)).toBe(1);
    expectClose([silhouette(D, labels)], [gold.silhouette]);
  });
  test("ARI equals scikit-learn's, and so does V-measure its NMI", () => {
    expectClose([adjustedRandIndex(gold.a, gold.b), vMeasure(gold.a, gold.b).vMeasure], [gold.ari, gold.nmi]);
  });
  test("NaN is refused by its place", () => {
    expect(() => linkage(Float64Array.of(1, Number.NaN, 2))).toThrow(
      "linkage: distance 1: expected a finite number from 0, found NaN",
    );
  });
  test("a subtree's own leaves are matched perfectly", () => {
    const [i, j] = Z.at(-1)!;
    const members = new Set(Array.from(leavesList(Z)).slice(0, 2));
    expect([i, j].every((node) => node >= 0)).toBe(true);
    expect(bestSubtree(Z, members).f1).toBeGreaterThan(0.5);
    expect(bestSubtree(Z, new Set([0])).f1).toBe(1);
  });
  test("heights never fall, sizes add up, scaling distances scales heights", () => {
    const distances = fc.integer({ min: 2, max: 9 }).chain((n) =>
      fc
        .array(fc.tuple(fc.double({ min: -9, max: 9, noNaN: true }), fc.double({ min: -9, max: 9, noNaN: true })), {
          minLength: n,
          maxLength: n,
        })
        .map((points) =>
          Float64Array.from(
            points.flatMap((p, i) => points.slice(i + 1).map((q) => Math.hypot(p[0] - q[0], p[1] - q[1]))),
          ),
        ),
    );
    fc.assert(
      fc.property(distances, (D) => {
        const Z = linkage(D);
        const n = Z.length + 1;
        const size = (id: number) => (id < n ? 1 : Z[id - n]![3]);
        Z.forEach(([i, j, height, count], step) => {
          expect(height).toBeGreaterThanOrEqual(step ? Z[step - 1]![2] : 0);
          expect(count).toBe(size(i) + size(j));
        });
        expectClose(
          linkage(D.map((d) => 2 * d)).map((row) => row[2]),
          Z.map((row) => 2 * row[2]),
        );
      }),
      { seed: 7, numRuns: 60 },
    );
  });
});
