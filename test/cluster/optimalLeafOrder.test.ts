import fc from "fast-check";
import { expect, test } from "vitest";
import { condensedIndex } from "../../src/cluster/cophenet.ts";
import { leavesList } from "../../src/cluster/leavesList.ts";
import { linkage } from "../../src/cluster/linkage.ts";
import type { Merge } from "../../src/cluster/merge.ts";
import { optimalLeafOrder } from "../../src/cluster/optimalLeafOrder.ts";
import { random } from "../../src/cluster/random.ts";
import { expectClose, golden } from "./golden.ts";

function pathLength(order: ArrayLike<number>, D: ArrayLike<number>): number {
  let length = 0;
  for (let at = 1; at < order.length; at++) length += D[condensedIndex(order.length, order[at - 1]!, order[at]!)]!;
  return length;
}

/** Every order in which no branches cross. */
function allOrders(Z: readonly Merge[], node = 2 * Z.length): number[][] {
  if (node <= Z.length) return [[node]];
  const [i, j] = Z[node - Z.length - 1]!;
  const [left, right] = [allOrders(Z, i), allOrders(Z, j)];
  return left.flatMap((l) =>
    right.flatMap((r) => [
      [...l, ...r],
      [...r, ...l],
    ]),
  );
}

const randomDistances = (n: number, seed: number): Float64Array => {
  const next = random(seed);
  return Float64Array.from({ length: (n * (n - 1)) / 2 }, () => 1 + next());
};

/** R's merge and height, where leaves are negative and merges positive, both from 1. */
function fromHclust(merge: [number, number][], height: number[]): Merge[] {
  const n = height.length + 1;
  const id = (x: number) => (x < 0 ? -x - 1 : n + x - 1);
  const size = (x: number): number => (x < n ? 1 : Z[x - n]![3]);
  const Z: Merge[] = [];
  merge.forEach(([a, b], s) => {
    Z.push([Math.min(id(a), id(b)), Math.max(id(a), id(b)), height[s]!, size(id(a)) + size(id(b))]);
  });
  return Z;
}

test("path lengths equal those of R's seriation", () => {
  for (const { D, merge, height, length } of golden("leafOrder.json").cases) {
    expectClose([pathLength(optimalLeafOrder(fromHclust(merge, height), Float64Array.from(D)), D)], [length]);
  }
});

test("path lengths are never above those of SciPy, whose orders are not always the best (its issue 11227)", () => {
  for (const { Z, D, length } of golden("explain.json").leafOrders) {
    expect(pathLength(optimalLeafOrder(Z, Float64Array.from(D)), D)).toBeLessThanOrEqual(length);
  }
});

test("no order without crossings is shorter, and a tree of one leaf has one order", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 8 }), fc.integer(), (n, seed) => {
      const D = randomDistances(n, seed);
      const Z = linkage(D);
      const orders = allOrders(Z);
      const order = Array.from(optimalLeafOrder(Z, D));
      expect(orders).toContainEqual(order);
      expectClose([pathLength(order, D)], [Math.min(...orders.map((o) => pathLength(o, D)))]);
    }),
    { seed: 3, numRuns: 60 },
  );
  expect(Array.from(optimalLeafOrder([], new Float64Array()))).toEqual([0]);
});

test("200 leaves are ordered within 50 ms", () => {
  const D = randomDistances(200, 1);
  const Z = linkage(D);
  const times = Array.from({ length: 7 }, () => {
    const start = performance.now();
    optimalLeafOrder(Z, D);
    return performance.now() - start;
  });
  expect(pathLength(optimalLeafOrder(Z, D), D)).toBeLessThan(pathLength(leavesList(Z), D));
  expect(Math.min(...times)).toBeLessThanOrEqual(50);
  console.log(`optimalLeafOrder, 200 leaves: best ${Math.min(...times).toFixed(1)} ms of 7`);
});
