import { cos, exp, log, sin } from "../toy/exactMath.ts";

/**
 * Sine-cosine code of positions, whole or not: [P, D], sines in the first half of the channels and cosines in the second, with
 * frequencies temperature^(-k / (D/2)). MAE's released code, util/pos_embed.py; Vaswani et al. 2017, §3.5.
 */
export function sinCos1d(D: number, positions: ArrayLike<number>, { temperature = 10_000 } = {}): Float64Array {
  if (D % 2 !== 0) throw new RangeError(`sinCos1d: expected an even width, found ${D}`);
  const half = D / 2;
  return Float64Array.from({ length: positions.length * D }, (_, i) => {
    const channel = i % D;
    const angle = positions[Math.floor(i / D)]! * exp((-(channel % half) / half) * log(temperature));
    return channel < half ? sin(angle) : cos(angle);
  });
}
