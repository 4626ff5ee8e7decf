/** How much of a picture is left at each step of a diffusion, entry t - 1 for step t = 1 … T. */
export interface Diffusion {
  /** ᾱ_t, share of the picture's variance that is left. */
  readonly kept: Float64Array;
}

/**
 * The linear schedule of DDPM, Ho et al. 2020, §2 and §4: β_t from `first` to `last` in T even steps, ᾱ_t = Π (1 - β_s).
 * `exponent` bends it, ᾱ_t^ρ: below 1 leaves more of the picture at every step.
 */
export function linearDiffusion(T: number, { first = 1e-4, last = 0.02, exponent = 1 } = {}): Diffusion {
  const kept = new Float64Array(T);
  let product = 1;
  for (let t = 0; t < T; t++) {
    product *= 1 - (first + ((last - first) * t) / Math.max(1, T - 1));
    kept[t] = product ** exponent;
  }
  return { kept };
}
