import { introsortOrder } from "../architecture/introsortOrder.ts";
import type { Draws } from "../draws.ts";
import { type KeepMask, keepSmallest } from "./random.ts";
import { roundHalfEven } from "./roundHalfEven.ts";

export interface DirichletBudgetOptions {
  /** Tokens kept over all modalities. */
  readonly keep: number;
  /** Concentration of every modality, or of each or of each in every sample: small values give most of the budget to one of them, large ones equal shares. */
  readonly concentration: number | readonly number[];
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
 * generate_random_masks of multimae/multimae.py. Where rounding gives more or fewer tokens than the budget, the order in which
 * the authors' sort leaves equal keys decides which are dropped or added.
 */
export function dirichletBudget(
  draws: Draws,
  N: number,
  tokens: readonly number[],
  { keep, concentration }: DirichletBudgetOptions,
): DirichletBudget {
  const total = tokens.reduce((a, b) => a + b, 0);
  if (keep > total) throw new RangeError(`dirichletBudget: expected at most ${total} kept tokens, found ${keep}`);
  const own = typeof concentration === "number" ? tokens.map(() => concentration) : concentration;
  const shares = draws.dirichlet(
    Float64Array.from({ length: N * tokens.length }, (_, i) => own[i % own.length]!),
    N,
  );
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
  const { idsKeep, idsRestore, mask } = keepFirst(wanted, N, total, keep);
  const masks = tokens.map((L, m) =>
    Float32Array.from({ length: N * L }, (_, i) => mask[Math.floor(i / L) * total + starts[m]! + (i % L)]!),
  );
  return { idsKeep, idsRestore, masks };
}

/** Keeps the first K of each sample's tokens by ascending key [N, L], as an unstable sort orders them. */
export function keepFirst(keys: Float64Array, N: number, L: number, K: number): KeepMask {
  const places = new Float64Array(N * L);
  for (let n = 0; n < N; n++) {
    introsortOrder(keys.subarray(n * L, (n + 1) * L)).forEach((token, place) => {
      places[n * L + token] = place;
    });
  }
  return keepSmallest(places, N, L, K);
}
