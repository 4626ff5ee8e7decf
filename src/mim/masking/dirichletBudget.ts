import type { Draws } from "../draws.ts";
import { keepSmallest } from "./random.ts";
import { roundHalfEven } from "./roundHalfEven.ts";

export interface DirichletBudgetOptions {
  /** Tokens kept over all modalities. */
  readonly keep: number;
  /** Concentration of every modality: small values give most of the budget to one of them, large ones equal shares. */
  readonly concentration: number;
}

/** A batch's split over modalities; indices run through the modalities' tokens, one modality after the other. */
export interface DirichletBudget {
  /** [N, keep] */
  readonly idsKeep: Int32Array;
  /** [N, sum of tokens] */
  readonly idsRestore: Int32Array;
  /** One mask [N, tokens] a modality, 0 kept, 1 masked. */
  readonly masks: readonly Float32Array[];
}

/**
 * Keeps a fixed number of tokens whose split over modalities is drawn for each sample. MultiMAE, Bachmann et al. 2022;
 * generate_random_masks of multimae/multimae.py. Where rounding gives more or fewer tokens than the budget, random ones of them
 * are dropped or added.
 */
export function dirichletBudget(
  draws: Draws,
  N: number,
  tokens: readonly number[],
  { keep, concentration }: DirichletBudgetOptions,
): DirichletBudget {
  const total = tokens.reduce((a, b) => a + b, 0);
  if (keep > total) throw new RangeError(`dirichletBudget: expected at most ${total} kept tokens, found ${keep}`);
  const shares = draws.dirichlet(new Float64Array(N * tokens.length).fill(concentration), N);
  const starts = tokens.map((_, m) => tokens.slice(0, m).reduce((a, b) => a + b, 0));
  const wanted = new Float64Array(N * total);
  tokens.forEach((L, m) => {
    const noise = draws.uniform(N * L);
    for (let n = 0; n < N; n++) {
      const order = Array.from({ length: L }, (_, i) => i).sort(
        (a, b) => noise[n * L + a]! - noise[n * L + b]! || a - b,
      );
      const budget = roundHalfEven(shares[n * tokens.length + m]! * keep);
      order.forEach((rank, place) => {
        wanted[n * total + starts[m]! + place] = rank < budget ? 0 : 1; // the shuffled ranks, as the authors take them
      });
    }
  });
  const noise = draws.uniform(N * total).map((x, i) => x + wanted[i]!);
  const { idsKeep, idsRestore, mask } = keepSmallest(noise, N, total, keep);
  const masks = tokens.map((L, m) =>
    Float32Array.from({ length: N * L }, (_, i) => mask[Math.floor(i / L) * total + starts[m]! + (i % L)]!),
  );
  return { idsKeep, idsRestore, masks };
}
