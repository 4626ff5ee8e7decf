import { cos, log, sin } from "../toy/exactMath.ts";

/**
 * Fixed position table of a sequence, [L, D]: channel pairs (2k, 2k + 1) hold sine and cosine of position ·
 * 10000^(-2k / D). Vaswani et al. 2017, §3.5.
 */
export function sinusoid(L: number, D: number): Float64Array {
  const table = new Float64Array(L * D);
  for (let position = 0; position < L; position++) {
    for (let channel = 0; channel < D; channel++) {
      const angle = position * Math.exp((-2 * Math.floor(channel / 2) * log(10_000)) / D);
      table[position * D + channel] = channel % 2 === 0 ? sin(angle) : cos(angle);
    }
  }
  return table;
}
