import type { Draws } from "../draws.ts";

export interface SpanOptions {
  /** Share of the steps that would be hidden if no spans overlapped. */
  readonly probability: number;
  /** Steps of a span. */
  readonly length: number;
}

/**
 * Hides spans of a sequence of T steps: mask [N, T], 0 kept, 1 masked. Spans start at different steps and may overlap, so fewer
 * steps are hidden than `probability` says; the number of spans is rounded up or down by chance. AV-HuBERT, Shi et al. 2022
 * (audio 0.8 and length 10, video 0.3 and length 5), after wav2vec 2.0, Baevski et al. 2020, §3.1.
 */
export function spanMasking(draws: Draws, N: number, T: number, { probability, length }: SpanOptions): Float32Array {
  if (length > T) throw new RangeError(`spanMasking: expected spans of at most ${T} steps, found ${length}`);
  const mask = new Float32Array(N * T);
  for (let n = 0; n < N; n++) {
    const spans = Math.floor((probability * T) / length + draws.uniform(1)[0]!);
    for (const start of draws.permutation(T - length + 1).subarray(0, spans)) {
      mask.fill(1, n * T + start, n * T + start + length);
    }
  }
  return mask;
}
