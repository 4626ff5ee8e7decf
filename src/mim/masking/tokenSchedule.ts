/**
 * Shares of tokens that stay masked at a point of the way, MaskGIT, Chang et al. 2022, §3.3. In training the
 * point is a uniform draw; in decoding it is the share of the rounds that are over.
 */
const CURVES = {
  uniform: (ratio: number) => 1 - ratio,
  cosine: (ratio: number) => Math.cos((Math.PI / 2) * ratio),
  log: (ratio: number, unknown: number) => -Math.log2(ratio) / Math.log2(unknown),
  exp: (ratio: number, unknown: number) => 1 - 2 ** (-Math.log2(unknown) * (1 - ratio)),
} as const satisfies Record<string, (ratio: number, unknown: number) => number>;

/** A curve's name; `pow2.5` is 1 - ratio^2.5. */
export type TokenSchedule = keyof typeof CURVES | `pow${number}`;

/** Share still masked at `ratio` in [0, 1] of the way from `unknown` masked tokens, limited to [1e-6, 1]. */
export function tokenSchedule(name: TokenSchedule, ratio: number, unknown: number): number {
  const power = name.startsWith("pow") ? Number(name.slice(3)) : undefined;
  if (power === undefined && !(name in CURVES)) {
    throw new RangeError(`tokenSchedule: expected ${Object.keys(CURVES).join(", ")} or pow2, found ${name}`);
  }
  const share = power === undefined ? CURVES[name as keyof typeof CURVES](ratio, unknown) : 1 - ratio ** power;
  return Math.min(1, Math.max(1e-6, share));
}
