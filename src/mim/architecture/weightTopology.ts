/**
 * Which weights of a matrix a sparse network keeps: the largest ones. Dynamic sparse training selects them anew as weights move, and
 * a straight-through estimator lets the dropped ones move too, so that they may come back.
 */
import {
  abs,
  add,
  cast,
  type DType,
  greaterEqual,
  less,
  max,
  mul,
  stopGradient,
  sub,
  sum,
  type Tensor,
  where,
} from "../ops.ts";

/** Weights kept of `size`, at least one. */
export const keptWeights = (size: number, density: number): number => Math.max(1, Math.round(size * density));

/** 1 at the `kept` largest magnitudes, 0 elsewhere, on the host; ties go to the lower index. */
export function largestWeights(weights: Float32Array | Float64Array | Int32Array, kept: number): Float32Array {
  const magnitudes = Float64Array.from(weights, Math.abs);
  const threshold = magnitudes.slice().sort()[magnitudes.length - kept]!;
  const topology = Float32Array.from(magnitudes, (m) => (m > threshold ? 1 : 0));
  let missing = kept - topology.reduce((a, b) => a + b, 0);
  for (let i = 0; missing > 0; i++) {
    if (magnitudes[i] !== threshold) continue;
    topology[i] = 1;
    missing--;
  }
  return topology;
}

/** Halvings of the interval in which the smallest kept magnitude lies. */
const HALVINGS = 30;

/** The same in traced code, by bisection; where magnitudes are as close as the last halving, one more may be kept. */
export function largestInGraph(weights: Tensor, kept: number): Tensor {
  const magnitudes = stopGradient(abs(weights));
  let [low, high] = [mul(max(magnitudes), 0), max(magnitudes)];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = mul(add(low, high), 0.5);
    const tooFew = less(sum(cast(greaterEqual(magnitudes, middle), weights.dtype as DType)), kept);
    [low, high] = [where(tooFew, low, middle), where(tooFew, middle, high)];
  }
  return cast(greaterEqual(magnitudes, low), weights.dtype as DType);
}

/** Weights as the sparse network uses them, 0 where the topology is; gradients reach all of them. Bengio et al. 2013. */
export const straightThrough = (weights: Tensor, topology: Tensor): Tensor =>
  sub(weights, stopGradient(mul(weights, sub(1, topology))));
