import type { Draws } from "../draws.ts";

export interface AttentionGuidedOptions {
  /** Share of the tokens that is hidden, rounded down. */
  readonly maskRatio: number;
  /** Which end of the attention is hidden. */
  readonly hide: "high" | "low";
  /** Share of the samples that is masked at all. */
  readonly probability: number;
  /** Hints: the share `show` of the tokens, drawn from the `among` most attended, stays visible. */
  readonly hints?: { readonly show: number; readonly among: number };
}

/**
 * Hides the tokens that the teacher's class token attends to most (or least): mask [N, L], 0 kept, 1 masked. `attention`
 * [N, L] is the class token's row of the last block, averaged over heads. AttMask, Kakogeorgiou et al. 2022;
 * whole samples left unmasked, and hints drawn whether or not the sample is masked, as in attmask.py.
 */
export function attentionGuidedMasking(
  draws: Draws,
  attention: ArrayLike<number>,
  [N, L]: readonly [number, number],
  { maskRatio, hide, probability, hints }: AttentionGuidedOptions,
): Float32Array {
  const mask = extreme(attention, [N, L], Math.floor(L * maskRatio), hide);
  draws.uniform(N).forEach((draw, n) => {
    if (draw > probability) mask.fill(0, n * L, (n + 1) * L);
  });
  if (!hints) return mask;
  const most = extreme(attention, [N, L], Math.floor(L * hints.among), "high");
  draws.uniform(N); // the released code draws once more here, for a probability of one
  const shown = Math.floor(hints.show * L);
  draws.multinomial(most, N, shown).forEach((token, i) => {
    mask[Math.floor(i / shown) * L + token] = 0;
  });
  return mask;
}

/** 1 at the `count` largest (or smallest) of each row; ties go to the lower index. */
function extreme(
  scores: ArrayLike<number>,
  [N, L]: readonly [number, number],
  count: number,
  end: "high" | "low",
): Float32Array {
  const sign = end === "high" ? -1 : 1;
  const out = new Float32Array(N * L);
  for (let n = 0; n < N; n++) {
    const order = Array.from({ length: L }, (_, i) => i).sort(
      (a, b) => sign * (scores[n * L + a]! - scores[n * L + b]!) || a - b,
    );
    for (const token of order.slice(0, count)) out[n * L + token] = 1;
  }
  return out;
}
