import { expect, test } from "vitest";
import { adjustedMutualInformation } from "../../src/cluster/adjustedMutualInformation.ts";
import { bakersGamma } from "../../src/cluster/bakersGamma.ts";
import { departures } from "../../src/cluster/departures.ts";
import { medoids } from "../../src/cluster/medoids.ts";
import { ownGroupChance } from "../../src/cluster/ownGroupChance.ts";
import { rank } from "../../src/cluster/rank.ts";
import { vMeasure } from "../../src/cluster/vMeasure.ts";
import { expectClose, golden } from "./golden.ts";

const gold = golden("explain.json");

test("AMI and V-measure equal scikit-learn's", () => {
  const { homogeneity, completeness, vMeasure: v } = vMeasure(gold.a, gold.b);
  expectClose(
    [adjustedMutualInformation(gold.a, gold.b), homogeneity, completeness, v],
    [gold.ami, gold.homogeneity, gold.completeness, gold.vMeasure],
  );
});
test("a partition agrees fully with itself, and one cluster says nothing of several classes", () => {
  expectClose([adjustedMutualInformation(gold.a, gold.a), vMeasure(gold.a, gold.a).vMeasure], [1, 1]);
  const one = gold.a.map(() => 0);
  expect([adjustedMutualInformation(one, one), adjustedMutualInformation(gold.a, one)]).toEqual([1, 0]);
  expect(vMeasure(gold.a, one)).toEqual({ homogeneity: 0, completeness: 1, vMeasure: 0 });
});
test("Baker's gamma equals dendextend's", () => {
  const { a, b, gamma } = golden("trees.json").baker;
  expectClose([bakersGamma(a, b), bakersGamma(a, a)], [gamma, 1]);
});
test("ranks equal SciPy's rankdata", () => expectClose(rank(gold.tied), gold.ranks, 0));
test("the squares of the residuals are χ² of SciPy's chi2_contingency", () => {
  const cells = departures(
    gold.has.map((docs: number[]) => new Set(docs)),
    Int32Array.from(gold.labels),
  );
  expectClose(
    cells.flatMap((c) => [c.expected, c.residual]),
    gold.residuals.flatMap((c: { expected: number; residual: number }) => [c.expected, c.residual]),
  );
  expect(departures([new Set([0, 1])], Int32Array.of(1, 2)).map((c) => c.residual)).toEqual([0, 0]);
});
test("the chance of a near mate is the area under scikit-learn's ROC curve", () => {
  expectClose(ownGroupChance(Float64Array.from(gold.leafOrders[0].D), gold.groups), gold.ownGroupChance);
  expect(ownGroupChance(Float64Array.of(1, 1, 1), ["a", "b", "b"])[0]).toBeNaN();
});
test("the medoid is the document with the least mean distance to its cluster", () => {
  // On a line: 0, 1, 3 in one cluster, 10 and 11 in the other.
  const at = [0, 1, 3, 10, 11];
  const D = Float64Array.from(at.flatMap((a, i) => at.slice(i + 1).map((b) => b - a)));
  expect(medoids(D, Int32Array.of(1, 1, 1, 2, 2), 2)).toEqual([
    [1, 0],
    [3, 4],
  ]);
});
