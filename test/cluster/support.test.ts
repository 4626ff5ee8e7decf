import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bootstrapCounts } from "../../src/cluster/bootstrapCounts.ts";
import { chainLinkage } from "../../src/cluster/chainLinkage.ts";
import { clusterFinder } from "../../src/cluster/clusterFinder.ts";
import { clusterRecovery } from "../../src/cluster/clusterRecovery.ts";
import { cophenet } from "../../src/cluster/cophenet.ts";
import { linkage } from "../../src/cluster/linkage.ts";
import type { Merge } from "../../src/cluster/merge.ts";
import { multiscaleFit } from "../../src/cluster/multiscaleFit.ts";
import { cumulative, density, quantile } from "../../src/cluster/normal.ts";
import { pdist } from "../../src/cluster/pdist.ts";
import { random, xoshiro128pp } from "../../src/cluster/random.ts";
import { resampledDistances } from "../../src/cluster/resampledDistances.ts";
import { expectClose, golden, sparse } from "./golden.ts";

const gold = golden("trees.json");
const X = sparse(gold.X);
const Z = chainLinkage(pdist(X));

/** Leaves below each merge, sorted and joined. */
function clustersOf(tree: readonly Merge[]): string[] {
  const n = tree.length + 1;
  const below: number[][] = Array.from({ length: n }, (_, leaf) => [leaf]);
  for (const [i, j] of tree) below.push([...below[i]!, ...below[j]!].sort((a, b) => a - b));
  return below.slice(n).map((leaves) => leaves.join(" "));
}
const randomTree = (n: number, seed: number) => {
  const next = random(seed);
  return linkage(Float64Array.from({ length: (n * (n - 1)) / 2 }, () => 1 + next()));
};

test("random numbers are xoshiro128++'s: the first ten from the state 1, 2, 3, 4", () => {
  const state = Uint32Array.of(1, 2, 3, 4);
  expect(Array.from({ length: 10 }, () => xoshiro128pp(state))).toEqual([
    641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295, 495546011, 621204420,
  ]);
});
test("a key names one stream", () => {
  const draws = (...key: number[]) => Array.from({ length: 4 }, random(...key));
  expect(draws(1, 2)).toEqual(draws(1, 2));
  const streams = [draws(1, 2), draws(2, 1), draws(1), draws(1, 3), draws(2 ** 32 + 1, 2), draws(-1, 2)];
  expect(new Set(streams.map(String)).size).toBe(streams.length);
});
test("the normal distribution equals R's", () => {
  const { x, cumulative: below, p, quantile: at } = gold.normal;
  expectClose(x.map(cumulative), below, 1e-14);
  expectClose(p.map(quantile), at, 1e-13);
  expectClose([cumulative(-9) / below[0], density(1)], [1, Math.exp(-0.5) / Math.sqrt(2 * Math.PI)], 1e-12);
  expect(() => quantile(0)).toThrow("quantile: expected a share in (0, 1), found 0");
});
test("the nearest-neighbour chain gives ml-hclust's trees", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 30 }), fc.integer(), (n, seed) => {
      const next = random(seed);
      const D = pdist(sparse(Array.from({ length: n }, () => [next(), next(), next()])));
      expectClose(cophenet(chainLinkage(D)), cophenet(linkage(D)));
    }),
    { seed: 1, numRuns: 50 },
  );
});
test("a tree's clusters are found in another when their leaves are the same", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 9 }), fc.integer(), fc.integer(), (n, a, b) => {
      const [one, other] = [randomTree(n, a), randomTree(n, b)];
      const counts = new Uint32Array(n - 1);
      clusterFinder(one)(other, counts);
      const there = new Set(clustersOf(other));
      expect(Array.from(counts)).toEqual(clustersOf(one).map((cluster) => Number(there.has(cluster))));
    }),
    { seed: 1, numRuns: 100 },
  );
});
test("recovery is the best Jaccard similarity with any set of leaves under a node", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 9 }), fc.integer(), fc.integer(), (n, a, b) => {
      const [one, other] = [randomTree(n, a), randomTree(n, b)];
      const sums = new Float64Array(n - 1);
      clusterRecovery(one)(other, sums);
      const leaves = (cluster: string) => cluster.split(" ");
      const nodes = [...clustersOf(other), ...one.map((_, leaf) => String(leaf)), String(n - 1)].map(leaves);
      const jaccard = (x: string[], y: string[]) => {
        const shared = x.filter((leaf) => y.includes(leaf)).length;
        return shared / (x.length + y.length - shared);
      };
      expectClose(
        sums,
        clustersOf(one).map((cluster) => Math.max(...nodes.map((node) => jaccard(leaves(cluster), node)))),
      );
    }),
    { seed: 1, numRuns: 100 },
  );
});
test("distances over resampled terms are those of the repeated columns", () => {
  const times = gold.X[0].map((_: number, j: number) => j % 3);
  const repeated = gold.X.map((row: number[]) => row.flatMap((x, j) => new Array<number>(j % 3).fill(x)));
  const close = (unitRows: boolean, rows: number[][]) =>
    expectClose(resampledDistances(X, { unitRows })(times), pdist(sparse(rows)), 1e-11); // by inner products: two digits are lost
  close(false, repeated);
  close(
    true,
    repeated.map((row: number[]) => row.map((x) => x / Math.hypot(...row))),
  );
  const none = resampledDistances(X, { unitRows: true })(new Uint8Array(X.shape[1]));
  expect(none.every((d) => d === 0)).toBe(true);
});

describe("support", () => {
  test("the fit to the frequencies equals pvclust's msfit", () => {
    for (const { bp, au, bpFit, auError, bpError } of gold.pvclust.fits) {
      const fit = multiscaleFit(bp, gold.pvclust.r, gold.pvclust.nboot);
      expectClose([fit.au, fit.bp, fit.auError, fit.bpError], [au, bpFit, auError, bpError], 1e-10);
    }
    expect(multiscaleFit([0, 0, 0.01, 0.02], [0.5, 0.8, 1, 1.4], 100).au).toBe(0);
    expect(multiscaleFit([1, 1, 1, 1], [0.5, 0.8, 1, 1.4], 100).au).toBe(1);
  });
  test.each([
    ["Euclidean distances", gold.pvclust, false],
    ["distances of unit rows", gold.unitRows, true],
  ])("AU and BP values of %s are pvclust's within the noise of resampling", (_, peer, unitRows) => {
    const B = 2000;
    const tree = chainLinkage(resampledDistances(X, { unitRows })(new Uint8Array(X.shape[1]).fill(1)));
    const { found } = bootstrapCounts(X, tree, { scales: gold.pvclust.r, seed: 1, unitRows }, 0, B);
    const clusters = clustersOf(tree);
    peer.members.forEach((members: number[], at: number) => {
      const s = clusters.indexOf(members.join(" "));
      expect(s, `cluster ${members}`).toBeGreaterThanOrEqual(0);
      const fit = multiscaleFit(
        found.map((counts) => counts[s]! / B),
        gold.pvclust.r,
        B,
      );
      // four standard errors of the difference of two runs
      expect(Math.abs(fit.au - peer.au[at])).toBeLessThanOrEqual(4 * Math.hypot(fit.auError, peer.auError[at]));
      expect(Math.abs(fit.bp - peer.bp[at])).toBeLessThanOrEqual(4 * Math.hypot(fit.bpError, peer.bpError[at]));
    });
  });
  test("work divided in two adds up to the work in one piece", () => {
    const options = { scales: [0.6, 1], seed: 9, unitRows: true };
    const whole = bootstrapCounts(X, Z, options, 0, 20);
    const [first, second] = [bootstrapCounts(X, Z, options, 0, 7), bootstrapCounts(X, Z, options, 7, 20)];
    whole.found.forEach((counts, r) =>
      expect(Array.from(counts)).toEqual(Array.from(first.found[r]!, (c, s) => c + second.found[r]![s]!)),
    );
    expectClose(
      whole.recovered,
      first.recovered.map((sum, s) => sum + second.recovered[s]!),
    );
  });
});
