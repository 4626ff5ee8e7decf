import { arena } from "./arena.ts";
import { STATE, STATE_BYTES } from "./heightsState.ts";
import type { Points } from "./points.ts";
import type { MergeOrder } from "./sortMerges.ts";
import type { MakeMachine } from "./wardKernels.ts";

/**
 * The Ward height of every merge from the vectors, √(2ab/(a + b)) · |c_a − c_b|, in float64, whatever the precision it
 * was found with. Heights of SciPy's linkage within 1e-12.
 *
 * Along each path of larger children the sum of the leaves is carried in a dense vector; a smaller child is multiplied
 * with it, then added. So every leaf takes part at most log₂ n times.
 *
 * @returns [nMerges], in the order of the merges
 */
export function exactHeights(points: Points, { left, right }: MergeOrder, makeMachine: MakeMachine): Float64Array {
  const { indptr, indices, data, shape } = points.X;
  const m = shape[0];
  const nMerges = left.length;
  const nNodes = m + nMerges;
  const nnz = indptr[m]!;
  const { buffer, kernels } = makeMachine(12 * nnz + 8 * shape[1] + 104 * (m + 1) + 2048);
  const { take } = arena();
  const state = take(STATE_BYTES);
  const fields = new Uint32Array(buffer, state, STATE_BYTES / 4);
  const place = (name: keyof typeof STATE, bytes: number): number => {
    const at = take(bytes);
    fields[STATE[name] / 4] = at;
    return at;
  };
  const ints = (name: keyof typeof STATE, length: number): Int32Array =>
    new Int32Array(buffer, place(name, 4 * length), length);
  const floats = (name: keyof typeof STATE, length: number): Float64Array =>
    new Float64Array(buffer, place(name, 8 * length), length);

  fields[STATE.ROWS / 4] = m;
  fields[STATE.MERGES / 4] = nMerges;
  fields[STATE.TERMS / 4] = shape[1];
  ints("LEFT", nMerges).set(left);
  ints("RIGHT", nMerges).set(right);
  ints("INDPTR", m + 1).set(indptr);
  ints("INDICES", nnz).set(indices.subarray(0, nnz));
  floats("DATA", nnz).set(data.subarray(0, nnz));
  floats("SIZES", nNodes).set(points.sizes);
  floats("NORMS", nNodes).set(points.squares);
  const heights = floats("HEIGHTS", nMerges);
  for (const name of ["LARGER", "SMALLER", "PATH"] as const) place(name, 4 * nMerges);
  for (const name of ["FIRST", "END", "BELOW"] as const) place(name, 4 * nNodes);
  for (const name of ["LEAVES", "PARENT", "NODE"] as const) place(name, 4 * m);
  place("SUMS", 8 * shape[1]);
  kernels.heights(state);
  return heights.slice();
}
