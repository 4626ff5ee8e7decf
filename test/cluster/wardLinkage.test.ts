import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arena } from "../../src/cluster/arena.ts";
import { cophenet } from "../../src/cluster/cophenet.ts";
import { linkage } from "../../src/cluster/linkage.ts";
import type { Merge } from "../../src/cluster/merge.ts";
import { pdist } from "../../src/cluster/pdist.ts";
import { plainMachine } from "../../src/cluster/plainKernels.ts";
import { sparseGram } from "../../src/cluster/sparseGram.ts";
import { type MakeMachine, wasmMachine } from "../../src/cluster/wardKernels.ts";
import { type WardOptions, wardLinkage } from "../../src/cluster/wardLinkage.ts";
import type { CsrMatrix } from "../../src/text/csrMatrix.ts";

const engines: [string, WardOptions][] = [
  ["ml-hclust", { engine: "ml-hclust" }],
  ["nn-chain", { engine: "nn-chain" }],
  ["nn-chain in TypeScript", { engine: "nn-chain", machine: plainMachine }],
  ["matrix-free", { engine: "matrix-free", k: 5, matrixMost: 4 }],
  ["matrix-free in TypeScript", { engine: "matrix-free", k: 5, matrixMost: 4, machine: plainMachine }],
];

function sparse(rows: readonly (readonly number[])[]): CsrMatrix {
  const indptr = [0];
  const indices: number[] = [];
  const data: number[] = [];
  for (const row of rows) {
    row.forEach((x, j) => {
      if (x === 0) return;
      indices.push(j);
      data.push(x);
    });
    indptr.push(indices.length);
  }
  return {
    indptr: Int32Array.from(indptr),
    indices: Int32Array.from(indices),
    data: Float64Array.from(data),
    shape: [rows.length, rows[0]?.length ?? 0],
  };
}

/** Seeded uniform numbers in [0, 1) (mulberry32). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Rows of length 1 with few terms, some of them common, as documents have. */
function documentsLike(n: number, nTerms: number, seed: number): number[][] {
  const random = uniform(seed);
  return Array.from({ length: n }, () => {
    const row = new Array<number>(nTerms).fill(0);
    for (let words = 4 + Math.floor(random() * 20); words > 0; words--) {
      row[Math.floor(random() ** 2 * nTerms)]! += 0.5 + random();
    }
    const norm = Math.hypot(...row);
    return row.map((x) => x / norm);
  });
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    if (!(error <= tolerance * (1 + Math.abs(expected[i]!)))) expect({ i, found: actual[i] }).toBe(expected[i]);
  }
}

/** The lowest leaf below each node. */
function names(Z: readonly Merge[]): number[] {
  const name = Array.from({ length: Z.length + 1 }, (_, i) => i);
  for (const [i, j] of Z) name.push(Math.min(name[i]!, name[j]!));
  return name;
}

/** The slow obvious Ward: centroids of all clusters, all pairs looked at before every merge. Ties by the stated rule. */
function greedyWard(rows: readonly (readonly number[])[]): { sets: string[]; squares: number[] } {
  let clusters = rows.map((row, i) => ({ leaves: [i], sum: [...row] }));
  const sets: string[] = [];
  const squares: number[] = [];
  while (clusters.length > 1) {
    let best = { a: -1, b: -1, square: Number.POSITIVE_INFINITY };
    clusters.forEach((a, i) => {
      clusters.slice(i + 1).forEach((b, k) => {
        const square = wardSquare(a, b);
        if (square < best.square - 1e-12 * (1 + square)) best = { a: i, b: i + 1 + k, square };
      });
    });
    const [a, b] = [clusters[best.a]!, clusters[best.b]!];
    const merged = {
      leaves: [...a.leaves, ...b.leaves].sort((x, y) => x - y),
      sum: a.sum.map((x, t) => x + b.sum[t]!),
    };
    clusters = clusters.filter((c) => c !== a && c !== b);
    clusters.push(merged);
    clusters.sort((x, y) => x.leaves[0]! - y.leaves[0]!);
    sets.push(merged.leaves.join());
    squares.push(best.square);
  }
  return { sets: sets.sort(), squares };
}

function wardSquare(a: { leaves: number[]; sum: number[] }, b: { leaves: number[]; sum: number[] }): number {
  const [na, nb] = [a.leaves.length, b.leaves.length];
  const distance = a.sum.reduce((total, x, t) => total + (x / na - b.sum[t]! / nb) ** 2, 0);
  return ((2 * na * nb) / (na + nb)) * distance;
}

function leafSets(Z: readonly Merge[]): string[] {
  const sets: number[][] = Array.from({ length: Z.length + 1 }, (_, i) => [i]);
  for (const [i, j] of Z) sets.push([...sets[i]!, ...sets[j]!].sort((x, y) => x - y));
  return sets
    .slice(Z.length + 1)
    .map((set) => set.join())
    .sort();
}

describe.each(engines)("Ward linkage by %s", (_, options) => {
  test("has SciPy's linkage matrix of random vectors and of real abstracts", () => {
    const gold = JSON.parse(readFileSync(join(import.meta.dirname, "../golden/ward.json"), "utf8"));
    for (const { X, sparse: rows, Z } of gold.cases) {
      const { indptr, indices, data, shape } = rows ?? sparse(X);
      const matrix = {
        indptr: Int32Array.from(indptr),
        indices: Int32Array.from(indices),
        data: Float64Array.from(data),
        shape,
      };
      expectClose(wardLinkage(matrix, options).flat(), Z.flat(), 1e-12);
    }
  });

  test("has ml-hclust's cophenetic distances on tie-free vectors", () => {
    for (const [n, nTerms] of [
      [2, 5],
      [37, 9],
      [150, 60],
      [260, 400],
    ] as const) {
      const X = sparse(documentsLike(n, nTerms, n));
      expectClose(cophenet(wardLinkage(X, options)), cophenet(linkage(pdist(X))), 1e-12);
    }
  });

  test("breaks ties by the stated rule, and each merge is one of least cost", () => {
    const lattice = fc.tuple(fc.integer({ min: 2, max: 14 }), fc.integer({ min: 1, max: 4 })).chain(([n, terms]) =>
      fc.array(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: terms, maxLength: terms }), {
        minLength: n,
        maxLength: n,
      }),
    );
    fc.assert(
      fc.property(lattice, (rows) => {
        const Z = wardLinkage(sparse(rows), options);
        const expected = greedyWard(rows);
        expect(leafSets(Z)).toEqual(expected.sets);
        expectClose(
          Z.map((row) => row[2] ** 2),
          expected.squares.sort((a, b) => a - b),
          1e-11,
        );
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  test("merges identical rows first, at height exactly 0, the lowest two first", () => {
    const rows = documentsLike(40, 30, 5);
    const X = sparse([...rows, rows[3]!, rows[7]!, rows[3]!]);
    const Z = wardLinkage(X, options);
    const name = names(Z);
    expect(Z.slice(0, 3).map(([i, j, height]) => [[name[i], name[j]].sort((a, b) => a! - b!), height].flat())).toEqual([
      [3, 40, 0],
      [3, 42, 0],
      [7, 41, 0],
    ]);
    expect(Z[3]![2]).toBeGreaterThan(0);
  });

  test("has a tree for no row, one row, rows without entries and rows all alike", () => {
    expect(wardLinkage(sparse([]), options)).toEqual([]);
    expect(wardLinkage(sparse([[1, 2]]), options)).toEqual([]);
    expect(wardLinkage(sparse([[0], [0], [0]]), options)).toEqual([
      [0, 1, 0, 2],
      [2, 3, 0, 3],
    ]);
    expect(
      wardLinkage(
        sparse([
          [0, 0],
          [0, 3],
          [0, 0],
        ]),
        options,
      ),
    ).toEqual([
      [0, 2, 0, 2],
      [1, 3, Math.sqrt((4 / 3) * 9), 3],
    ]);
  });

  test("refuses a vector that is not finite, by row and column", () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, -1e200]) {
      expect(() =>
        wardLinkage(
          sparse([
            [1, 2],
            [0, bad],
            [3, 4],
          ]),
          options,
        ),
      ).toThrow(`wardLinkage: row 1, column 1: expected a number below 1e150, found ${bad}`);
    }
  });

  test("heights never fall, sizes add up; a permutation permutes the tree, a factor scales the heights", () => {
    const cases = fc.record({
      n: fc.integer({ min: 2, max: 60 }),
      nTerms: fc.integer({ min: 3, max: 80 }),
      seed: fc.integer(),
      factor: fc.constantFrom(1e-30, 0.3, 7, 1e30),
    });
    fc.assert(
      fc.property(cases, ({ n, nTerms, seed, factor }) => {
        const rows = documentsLike(n, nTerms, seed);
        const Z = wardLinkage(sparse(rows), options);
        const size = (id: number) => (id < n ? 1 : Z[id - n]![3]);
        Z.forEach(([i, j, height, count], s) => {
          expect(height).toBeGreaterThanOrEqual(s > 0 ? Z[s - 1]![2] : 0);
          expect(count).toBe(size(i) + size(j));
        });
        const random = uniform(seed + 1);
        const order = rows.map((_, i) => ({ i, key: random() })).sort((a, b) => a.key - b.key);
        const permuted = wardLinkage(sparse(order.map(({ i }) => rows[i]!)), options);
        const sets = leafSets(permuted).map((set) => set.split(",").map((leaf) => order[Number(leaf)]!.i));
        expect(sets.map((set) => set.sort((a, b) => a - b).join()).sort()).toEqual(leafSets(Z));
        const scaled = wardLinkage(sparse(rows.map((row) => row.map((x) => x * factor))), options);
        expectClose(
          scaled.map((row) => row[2] / factor),
          Z.map((row) => row[2]),
          1e-12,
        );
      }),
      { seed: 3, numRuns: 40 },
    );
  });
});

test("engines agree where rows fill more than one chunk", () => {
  const X = sparse(documentsLike(1300, 900, 2));
  const Z = wardLinkage(X, { engine: "nn-chain" });
  const tries: WardOptions[] = [
    { engine: "nn-chain", machine: plainMachine },
    { engine: "matrix-free", k: 8, matrixMost: 100 },
    { engine: "matrix-free", k: 64, matrixMost: 300, machine: plainMachine },
  ];
  for (const options of tries) expectClose(wardLinkage(X, options).flat(), Z.flat(), 1e-12);
});

describe("the kernels", () => {
  test("give the same bits in WASM and in TypeScript", () => {
    const n = 96;
    const X = sparse(documentsLike(n, 300, 8));
    const bits = (make: MakeMachine): Buffer => {
      const plan = sparseGram(X, 1);
      const memory = arena();
      const machine = make(1 << 22);
      const { kernels } = machine;
      const f32 = new Float32Array(machine.buffer);
      const u32 = new Uint32Array(machine.buffer);
      const gram = plan.place(machine, memory);
      const [D, norms, log, map, out] = [4 * n * n, 4 * n, 60, 4 * n, 520].map((bytes) => memory.take(bytes)) as [
        number,
        number,
        number,
        number,
        number,
      ];
      f32.fill(1, norms >>> 2, (norms >>> 2) + n);
      gram.loadChunk(0);
      for (let r = 0; r < n; r += 32) {
        gram.accumulate(r, 32, r / 32 + 1);
        const [block, mirrored] = [D + 4 * n * r, D + 4 * r];
        kernels.squaredDistances(gram.acc, gram.stride, 32, r + 32, norms + 4 * r, norms, block, mirrored, 4 * n);
      }
      for (let entry = 0; entry < 3; entry++) {
        const at = (log >>> 2) + 5 * entry;
        u32.set([4 * entry, 4 * (10 + entry)], at);
        f32.set([0.3 + entry / 10, 0.7 - entry / 10, 0.123], at + 2);
      }
      for (let row = 0; row < n; row++) kernels.replay(D + 4 * n * row, log, log + 60);
      kernels.mergeRows(D, D + 4 * n * 5, n, 1 / 3, 2 / 3, 0.1);
      const k = 4;
      const [lists, limits] = [memory.take(n * (8 + 8 * k)), memory.take(4 * n)];
      const rows = memory.take(16 * 32);
      f32.fill(Number.POSITIVE_INFINITY, limits >>> 2, (limits >>> 2) + n);
      for (const [first, both] of [
        [32, true],
        [64, false],
      ] as const) {
        for (let r = 0; r < 32; r++) {
          f32.set([1, 1 / (1 + (r % 3))], (rows >>> 2) + 4 * r);
          u32.set([first + r, first + r], (rows >>> 2) + 4 * r + 2);
        }
        const [b, scratch] = [8 + 8 * k, out];
        // biome-ignore format: arguments by kind
        kernels.collect(gram.acc, gram.stride, 32, first + 32, rows, norms, norms, 0, k, lists, b, limits, both, scratch);
      }
      const columns = Array.from({ length: n }, (_, c) => c).filter((c) => c % 3 !== 1 && c !== 95);
      columns.forEach((c, to) => {
        u32[(map >>> 2) + to] = 4 * c;
      });
      kernels.compact(D + 4 * n * 7, map, columns.length);
      const found = Array.from({ length: n }, (_, row) => {
        const width = row === 7 ? 64 : n;
        const count = kernels.nearest(D + 4 * n * row, norms, width, 1 / (row + 1), (row % 5) / 9, (row % 8) - 1, out);
        return [count, f32[out >>> 2]!, ...f32.slice((out >>> 2) + 2, (out >>> 2) + 2 + 2 * count)];
      });
      u32.fill(0, out >>> 2, (out + 576) >>> 2); // scratch
      const memoryUsed = Buffer.from(machine.buffer, 0, memory.take(0));
      return Buffer.concat([memoryUsed, Buffer.from(Float32Array.from(found.flat()).buffer)]);
    };
    expect(bits(plainMachine).equals(bits(wasmMachine))).toBe(true);
  });

  test("leave the same bits of a whole tree, ties, sizes and near points among it", () => {
    const rows = documentsLike(230, 150, 4);
    const near = rows.slice(0, 9).map((row) => row.map((x, t) => (t === 7 ? x + 1e-9 : x)));
    const X = sparse([...rows, ...near, ...rows.slice(20, 40)]);
    const run = (make: MakeMachine) => {
      const buffers: ArrayBuffer[] = [];
      const machine: MakeMachine = (bytes) => {
        const made = make(bytes);
        buffers.push(made.buffer);
        return made;
      };
      return {
        Z: wardLinkage(X, { engine: "nn-chain", machine }),
        memory: Buffer.concat(buffers.map((b) => Buffer.from(b))),
      };
    };
    const [plain, wasm] = [run(plainMachine), run(wasmMachine)];
    expect(wasm.Z).toEqual(plain.Z);
    expect(wasm.memory.subarray(0, plain.memory.length).equals(plain.memory)).toBe(true);
  });
});
