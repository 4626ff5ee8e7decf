import type { Draws } from "../draws.ts";
import { type TokenSchedule, tokenSchedule } from "../masking/tokenSchedule.ts";

/** Logits [N, L, V] of every place, given tokens [N, L] of which some are `maskToken`. */
export type TokenLogits = (tokens: Int32Array) => ArrayLike<number> | Promise<ArrayLike<number>>;

export interface DecodeOptions {
  readonly maskToken: number;
  readonly rounds: number;
  readonly schedule: TokenSchedule;
  /** Weight of the Gumbel noise on the confidences in the first round; it falls to 0 in the last. */
  readonly choiceTemperature: number;
}

/**
 * Iterative parallel decoding. MaskGIT, Chang et al. 2022, §3.2: each round draws an id for every masked place, keeps the most
 * confident and masks the others again, their number by the schedule. Known ids are never touched. Gives the sequences of
 * every round as drawn, before masking again: [rounds][N, L].
 */
export async function parallelDecode(
  draws: Draws,
  given: Int32Array,
  N: number,
  logitsOf: TokenLogits,
  { maskToken, rounds, schedule, choiceTemperature }: DecodeOptions,
): Promise<Int32Array[]> {
  const L = given.length / N;
  const unknown = Array.from({ length: N }, (_, n) => count(given.subarray(n * L, (n + 1) * L), maskToken));
  let tokens = given.slice();
  const history: Int32Array[] = [];
  for (let round = 0; round < rounds; round++) {
    const logits = await logitsOf(tokens);
    const { ids, logProbabilities } = drawIds(draws, logits, tokens, maskToken);
    history.push(ids);
    const ratio = (round + 1) / rounds;
    const noise = draws.gumbel(N * L);
    const confidence = logProbabilities.map((p, i) => p + choiceTemperature * (1 - ratio) * noise[i]!);
    const next = ids.slice();
    for (let n = 0; n < N; n++) {
      const row = confidence.subarray(n * L, (n + 1) * L);
      const still = Math.floor(unknown[n]! * tokenSchedule(schedule, ratio, unknown[n]!));
      const left = count(tokens.subarray(n * L, (n + 1) * L), maskToken);
      const cutOff = row.toSorted()[Math.max(1, Math.min(left - 1, still))]!;
      for (let i = 0; i < L; i++) if (row[i]! < cutOff) next[n * L + i] = maskToken;
    }
    tokens = next;
  }
  return history;
}

/** An id for every masked place, drawn from its softmax; the log probability of known ids is infinite. */
function drawIds(draws: Draws, logits: ArrayLike<number>, tokens: Int32Array, maskToken: number) {
  const V = logits.length / tokens.length;
  const noise = draws.gumbel(logits.length);
  const logProbabilities = new Float64Array(tokens.length).fill(Number.POSITIVE_INFINITY);
  const ids = tokens.map((token, i) => {
    if (token !== maskToken) return token;
    const row = Float64Array.from({ length: V }, (_, v) => logits[i * V + v]!);
    const top = Math.max(...row);
    const total = top + Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0));
    let drawn = 0;
    for (let v = 1; v < V; v++) if (row[v]! + noise[i * V + v]! > row[drawn]! + noise[i * V + drawn]!) drawn = v;
    logProbabilities[i] = row[drawn]! - total;
    return drawn;
  });
  return { ids, logProbabilities };
}

const count = (tokens: Int32Array, wanted: number): number =>
  tokens.reduce((n, token) => n + Number(token === wanted), 0);
