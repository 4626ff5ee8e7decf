import { cumulative, density, quantile } from "./normal.ts";

/** How well the data support a cluster, each in [0, 1] with its standard error. */
export interface Support {
  /** Approximately unbiased: from how the frequency changes with the size of the resample. */
  readonly au: number;
  readonly auError: number;
  /** Bootstrap probability: the frequency at the size of the data, smoothed over the scales. */
  readonly bp: number;
  readonly bpError: number;
}

/**
 * AU and BP values from the frequencies of a cluster in resamples of several sizes. Shimodaira 2002, An approximately
 * unbiased test of phylogenetic tree selection; pvclust's msfit:
 *
 *   z_s = -quantile(bp_s) ≈ v √r_s + c / √r_s     weighted least squares, variances bp (1 - bp) / (density(z)² B)
 *   AU  = 1 - cumulative(v - c),  BP = 1 - cumulative(v + c)
 *
 * Frequencies within 0.001 of 0 or 1 say nothing of z and are left out; with fewer than three left the cluster is
 * always there (1) or never (0).
 *
 * @param bp [nScales] frequency of the cluster
 * @param r [nScales] size of the resample over the size of the data
 * @param B resamples at each scale
 */
export function multiscaleFit(bp: readonly number[], r: readonly number[], B: number): Support {
  const used = bp.flatMap((p, s) => (p > 0.001 && p < 0.999 ? [{ p, r: r[s]! }] : []));
  if (used.length < 3) {
    const always = bp.reduce((sum, p) => sum + p, 0) / bp.length < 0.5 ? 0 : 1;
    return { au: always, auError: 0, bp: always, bpError: 0 };
  }
  // Normal equations of two coefficients: [[a, b], [b, d]] (v, c) = (e, f).
  let [a, b, d, e, f] = [0, 0, 0, 0, 0];
  for (const { p, r: scale } of used) {
    const z = -quantile(p);
    const weight = (density(z) ** 2 * B) / (p * (1 - p));
    a += weight * scale;
    b += weight;
    d += weight / scale;
    e += weight * z * Math.sqrt(scale);
    f += (weight * z) / Math.sqrt(scale);
  }
  const determinant = a * d - b * b;
  const v = (d * e - b * f) / determinant;
  const c = (a * f - b * e) / determinant;
  return {
    au: cumulative(c - v),
    auError: density(v - c) * Math.sqrt((a + d + 2 * b) / determinant),
    bp: cumulative(-v - c),
    bpError: density(v + c) * Math.sqrt((a + d - 2 * b) / determinant),
  };
}
