/** Random numbers as an argument: a seeded stream when a method trains, a recording when it is compared with a peer. */
import { exp, log } from "./toy/exactMath.ts";
import { type Generator, generator, type Key } from "./toy/random.ts";

export interface Draws {
  /** n numbers in [low, high), 0 to 1 unless given. */
  uniform(n: number, low?: number, high?: number): Float64Array;
  /** n standard normal numbers. */
  normal(n: number): Float64Array;
  /** A whole number from low to high - 1. */
  integer(low: number, high: number): number;
  /** 0 … n-1 in random order. */
  permutation(n: number): Int32Array;
  /** n standard Gumbel numbers, -log(-log(u)). */
  gumbel(n: number): Float64Array;
  /** One normal number, drawn again until it lies in [low, high]. */
  truncatedNormal(mean: number, deviation: number, low: number, high: number): number;
  /** For each row of concentrations [rows, W], all positive, shares that add up to 1. */
  dirichlet(concentrations: ArrayLike<number>, rows: number): Float64Array;
  /** For each row of weights [rows, W], `count` different indices, each next one drawn in proportion to its weight. */
  multinomial(weights: ArrayLike<number>, rows: number, count: number): Int32Array;
}

/** Draws from the stream that a key names. */
export function seededDraws(key: Key): Draws {
  const draw = generator(key);
  return {
    uniform: (n, low = 0, high = 1) => Float64Array.from({ length: n }, () => draw.range(low, high)),
    normal: (n) => Float64Array.from({ length: n }, () => draw.normal()),
    integer: (low, high) => low + draw.below(high - low),
    permutation: (n) => Int32Array.from(draw.shuffle(Array.from({ length: n }, (_, i) => i))),
    gumbel: (n) => Float64Array.from({ length: n }, () => -log(-log(draw.uniform() + 2 ** -33))),
    truncatedNormal(mean, deviation, low, high) {
      for (let tries = 0; tries < 10_000; tries++) {
        const x = mean + deviation * draw.normal();
        if (x >= low && x <= high) return x;
      }
      throw new RangeError(`truncatedNormal: expected bounds with some mass, found ${low} to ${high}`);
    },
    dirichlet(concentrations, rows) {
      const shares = Float64Array.from(concentrations, (a) => gamma(draw, a));
      const width = shares.length / rows;
      for (let row = 0; row < rows; row++) {
        const own = shares.subarray(row * width, (row + 1) * width);
        const total = own.reduce((a, b) => a + b, 0);
        own.forEach((x, i) => {
          own[i] = x / total;
        });
      }
      return shares;
    },
    multinomial(weights, rows, count) {
      const left = Float64Array.from(weights);
      const width = left.length / rows;
      return Int32Array.from({ length: rows * count }, (_, k) => {
        const row = left.subarray(Math.floor(k / count) * width, (Math.floor(k / count) + 1) * width);
        const i = pickWeighted(row, draw.uniform());
        row[i] = 0;
        return i;
      });
    },
  };
}

function pickWeighted(weights: Float64Array, uniform: number): number {
  let above = uniform * weights.reduce((a, b) => a + b, 0);
  let last = -1;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i]! <= 0) continue;
    last = i;
    above -= weights[i]!;
    if (above < 0) return i;
  }
  if (last < 0) throw new RangeError("multinomial: expected as many positive weights as draws, found fewer");
  return last;
}

/** A Gamma(a, 1) number; Marsaglia and Tsang 2000, A Simple Method for Generating Gamma Variables. */
function gamma(draw: Generator, a: number): number {
  if (a < 1) return gamma(draw, a + 1) * exp(log(1 - draw.uniform()) / a);
  const d = a - 1 / 3;
  for (;;) {
    const x = draw.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && log(1 - draw.uniform()) < 0.5 * x * x + d - d * v + d * log(v)) return d * v;
  }
}
