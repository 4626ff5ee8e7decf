import { expect, test } from "vitest";
import { calinskiHarabasz } from "../../src/cluster/calinskiHarabasz.ts";
import { chainLinkage } from "../../src/cluster/chainLinkage.ts";
import { clustersByGap, gapStatistic } from "../../src/cluster/gapStatistic.ts";
import { pdist } from "../../src/cluster/pdist.ts";
import { random } from "../../src/cluster/random.ts";
import { shuffleTerms } from "../../src/cluster/shuffleTerms.ts";
import { withinSumOfSquares } from "../../src/cluster/withinSumOfSquares.ts";
import { transpose } from "../../src/text/csrMatrix.ts";
import { expectClose, golden, sparse } from "./golden.ts";

const gold = golden("explain.json");
const trees = golden("trees.json");
const withinOf = (rows: readonly (readonly number[])[]) => withinSumOfSquares(chainLinkage(pdist(sparse(rows))));

test("Calinski-Harabasz over the cuts of a Ward tree equals scikit-learn's", () => {
  const within = withinSumOfSquares(gold.leafOrders[0].Z);
  for (const { clusters, calinskiHarabasz: expected } of gold.cuts) {
    expectClose([calinskiHarabasz(within, clusters)], [expected]);
  }
});

test("the gap statistic is that of R's clusGap", () => {
  const X: number[][] = trees.X;
  const within = withinOf(X);
  // clusGap takes half the sum of squares, which no gap depends on.
  expectClose(
    trees.gap.logW.map((_: number, at: number) => Math.log(within[at]! / 2)),
    trees.gap.logW,
  );
  const range = X[0]!.map((_, j) => {
    const column = X.map((row) => row[j]!);
    return [Math.min(...column), Math.max(...column)] as const;
  });
  const next = random(1);
  const B = 400;
  const uniform = Array.from({ length: B }, () =>
    withinOf(X.map(() => range.map(([low, high]) => low + next() * (high - low)))),
  );
  gapStatistic(within, uniform, 8).forEach(({ clusters, gap, error }, at) => {
    expect(clusters).toBe(at + 1);
    const noise = 4 * trees.gap.error[at] * Math.sqrt(1 / B + 1 / trees.gap.B); // four standard errors of the difference
    expect(Math.abs(gap - trees.gap.gap[at])).toBeLessThan(noise);
    expect(Math.abs(error / trees.gap.error[at] - 1)).toBeLessThan(4 / Math.sqrt(2 * B));
  });
});

test("the gap rule takes the fewest clusters within a standard error of the next", () => {
  const gaps = [0.1, 0.5, 0.9, 0.92, 1.5].map((gap, at) => ({ clusters: at + 1, gap, error: 0.05 }));
  expect(clustersByGap(gaps)).toBe(3);
  expect(clustersByGap(gaps.slice(0, 3))).toBeUndefined();
});

test("shuffled terms keep their weights but for the length of rows, and the same key shuffles the same", () => {
  const X = sparse([
    [0.6, 0.8, 0, 0],
    [0, 0.5, 0.5, Math.SQRT1_2],
    [1, 0, 0, 0],
    [0, 0, 0, 1],
  ]);
  const shuffled = shuffleTerms(X, random(5));
  expect(shuffled).toEqual(shuffleTerms(X, random(5)));
  expect(Array.from(transpose(shuffled).indptr)).toEqual(Array.from(transpose(X).indptr));
  for (let i = 0; i < 4; i++) {
    const row = shuffled.data.subarray(shuffled.indptr[i]!, shuffled.indptr[i + 1]!);
    if (row.length) expectClose([Math.hypot(...row)], [1]);
  }
});
