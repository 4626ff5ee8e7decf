import { parallelDecode } from "../generate/parallelDecode.ts";
import { type TokenSchedule, tokenSchedule } from "../masking/tokenSchedule.ts";
import { cases } from "./cases.ts";
import { type Check, check, type RunDType } from "./compare.ts";
import type { Fixture, JsonTensor, RecordedDraw } from "./fixture.ts";
import { recordedDraws } from "./recordedDraws.ts";

interface Schedule {
  readonly method: TokenSchedule;
  readonly total_unknown: number;
  readonly ratio: JsonTensor;
  readonly mask_ratio: JsonTensor;
}
interface Decode {
  readonly inputs: JsonTensor;
  /** [V + 1, V], one row of logits a token, the last for a masked one; [L, V], added to them. */
  readonly W: JsonTensor;
  readonly P: JsonTensor;
  readonly num_iter: number;
  readonly choice_temperature: number;
  readonly mask_token_id: number;
  readonly mask_scheduling_method?: TokenSchedule;
  readonly draws: readonly RecordedDraw[];
  readonly final_seqs: JsonTensor;
}
const SCHEDULE = ["method", "total_unknown", "ratio", "mask_ratio"];
const DECODE = "inputs W P num_iter choice_temperature mask_token_id mask_scheduling_method draws final_seqs".split(
  " ",
);

/** google-research/maskgit, libml/mask_schedule.py and libml/parallel_decode.py. */
export async function maskgitScheduleDecodeParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const schedules = cases<Schedule>(fixture, SCHEDULE, "schedules").map((recorded) => {
    const ours = recorded.ratio.data.map((ratio) => tokenSchedule(recorded.method, ratio, recorded.total_unknown));
    return check(`schedules.${recorded.method}`, recorded.mask_ratio, ours, "forward", dtype);
  });
  const [recorded] = cases<Decode>({ ...fixture, decode: [fixture.decode] }, DECODE, "decode") as [Decode];
  const [N, L] = recorded.inputs.shape as [number, number];
  const V = recorded.W.shape[1]!;
  const history = await parallelDecode(
    recordedDraws(recorded.draws),
    Int32Array.from(recorded.inputs.data),
    N,
    (tokens) =>
      Float64Array.from({ length: N * L * V }, (_, i) => {
        const [at, v] = [Math.floor(i / V), i % V];
        const row = tokens[at] === recorded.mask_token_id ? recorded.W.shape[0]! - 1 : tokens[at]!;
        return recorded.W.data[row * V + v]! + recorded.P.data[(at % L) * V + v]!;
      }),
    {
      maskToken: recorded.mask_token_id,
      rounds: recorded.num_iter,
      schedule: recorded.mask_scheduling_method ?? "cosine",
      choiceTemperature: recorded.choice_temperature,
    },
  );
  // Recorded sample by sample, ours are round by round.
  const ours = Int32Array.from({ length: N * recorded.num_iter * L }, (_, i) => {
    const n = Math.floor(i / (recorded.num_iter * L));
    return history[Math.floor(i / L) % recorded.num_iter]![n * L + (i % L)]!;
  });
  const shape = [N, recorded.num_iter, L];
  return [...schedules, check("decode.final_seqs", recorded.final_seqs, { shape, data: ours }, "exact", dtype)];
}
