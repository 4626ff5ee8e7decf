/**
 * Ward linkage of sparse rows by Euclidean distance, whichever engine does it: SciPy's linkage(X, "ward").
 *
 *   1  rows that are identical merge first, at height exactly 0, the lowest two first
 *   2  an engine merges the others:
 *        ml-hclust    its ward2, O(n³): up to 500 documents
 *        nn-chain     nearest-neighbour chain on a square float32 matrix
 *        matrix-free  the chain in lists of nearest neighbours, then on the matrix of the few clusters left
 *   3  heights are taken from the vectors in float64, rows put in SciPy's order
 *
 * Ties: of pairs of clusters at equal distance the one with the lowest leaf merges first, then the one whose other
 * cluster has the lower lowest leaf. ml-hclust has an order of its own; where that tells, the chain decides.
 */
import type { CsrMatrix } from "../text/csrMatrix.ts";
import { csrRows } from "../text/csrRows.ts";
import { exactHeights } from "./exactHeights.ts";
import { followsTieRule } from "./followsTieRule.ts";
import { identicalRows } from "./identicalRows.ts";
import { linkage } from "./linkage.ts";
import { type MatrixFreeOptions, matrixFree } from "./matrixFree.ts";
import { type CorpusSize, memoryNeed } from "./memoryNeed.ts";
import type { Merge } from "./merge.ts";
import { nnChain } from "./nnChain.ts";
import { orderedMerges } from "./orderedMerges.ts";
import { pdist } from "./pdist.ts";
import { plainMachine } from "./plainKernels.ts";
import { type Points, squaredNorms } from "./points.ts";
import { type MakeMachine, type WardMachine, wasmMachine, wasmRuns } from "./wardKernels.ts";

export const engines = ["ml-hclust", "nn-chain", "matrix-free"] as const;
export type Engine = (typeof engines)[number];

export interface WardOptions extends MatrixFreeOptions {
  /** Default: by size. */
  readonly engine?: Engine | undefined;
  /** Where the kernels run. Default: WASM SIMD, in TypeScript where the host has none. */
  readonly machine?: MakeMachine | undefined;
}

/** Most documents that ml-hclust is chosen for. */
const HCLUST_MOST = 500;
/** Most documents whose distances are all put in memory while there is plenty: 2.5 GB; WASM addresses 4 GB. */
const MATRIX_MOST = 25000;

/** The engine for a corpus: the fastest of its size that so many bytes of memory allow. */
export function engineFor(size: CorpusSize, memory = Number.POSITIVE_INFINITY): Engine {
  if (size.nDocs <= HCLUST_MOST) return "ml-hclust";
  return size.nDocs <= MATRIX_MOST && memoryNeed("nn-chain", size) <= memory ? "nn-chain" : "matrix-free";
}

export function wardLinkage(X: CsrMatrix, options: WardOptions = {}): Merge[] {
  const squares = finiteNorms(X);
  const [n] = X.shape;
  if (n < 2) return [];
  const engine = options.engine ?? engineFor({ nDocs: n, nTerms: X.shape[1], nnz: X.data.length });
  if (engine === "ml-hclust") {
    options.stage?.("distances");
    const D = pdist(X);
    options.stage?.("linkage");
    const Z = linkage(D);
    if (followsTieRule(D, Z)) return Z;
  }
  const { points, leaf, zeros } = distinctPoints(X, squares);
  const makeMachine = options.machine ?? (wasmRuns ? wasmMachine : plainMachine);
  let machine: WardMachine | undefined;
  const newMachine: MakeMachine = (bytes) => {
    machine = makeMachine(bytes);
    return machine;
  };
  const found =
    engine === "matrix-free" ? matrixFree(points, newMachine, options) : nnChain(points, newMachine, options);
  // The memory that the engine is done with will do: first to touch a page takes longer than all that is done in it.
  const usedMachine: MakeMachine = (bytes) =>
    machine && machine.buffer.byteLength >= bytes ? machine : makeMachine(bytes);
  const heights = exactHeights(points, found, usedMachine);
  const all = {
    left: new Int32Array(n - 1),
    right: new Int32Array(n - 1),
    heights: new Float64Array(n - 1),
  };
  zeros.forEach(([a, b], s) => {
    all.left[s] = a;
    all.right[s] = b;
  });
  for (let s = 0; s < found.left.length; s++) {
    all.left[zeros.length + s] = leaf[found.left[s]!]!;
    all.right[zeros.length + s] = leaf[found.right[s]!]!;
  }
  all.heights.set(heights, zeros.length);
  return orderedMerges(n, all, usedMachine);
}

/** Squared norms of the rows. */
function finiteNorms(X: CsrMatrix): Float64Array {
  const squares = squaredNorms(X);
  const row = squares.findIndex((square) => !(square < Number.POSITIVE_INFINITY));
  if (row < 0) return squares;
  const values = X.data.subarray(X.indptr[row]!, X.indptr[row + 1]!);
  const bad = values.findIndex((x) => !(Math.abs(x) < 1e150));
  throw new Error(
    `wardLinkage: row ${row}, column ${X.indices[X.indptr[row]! + bad]}: expected a number below 1e150, found ${values[bad]}`,
  );
}

/**
 * The rows that differ, by rising lowest row. `leaf` is each point's lowest row, `zeros` the merges of identical rows.
 */
function distinctPoints(
  X: CsrMatrix,
  squares: Float64Array,
): { points: Points; leaf: Int32Array; zeros: [number, number][] } {
  const [n] = X.shape;
  const lowest = identicalRows(X);
  const leaf = lowest.filter((row, i) => row === i);
  if (leaf.length === n) return { points: { X, sizes: new Float64Array(n).fill(1), squares }, leaf, zeros: [] };
  const pointOf = new Int32Array(n);
  leaf.forEach((row, point) => {
    pointOf[row] = point;
  });
  const sizes = new Float64Array(leaf.length);
  const zeros: [number, number][] = [];
  lowest.forEach((row, i) => {
    sizes[pointOf[row]!]!++;
    if (row !== i) zeros.push([row, i]);
  });
  return {
    points: { X: csrRows(X, leaf), sizes, squares: Float64Array.from(leaf, (row) => squares[row]!) },
    leaf,
    zeros,
  };
}
