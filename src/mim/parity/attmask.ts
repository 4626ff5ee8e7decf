import { attentionGuidedMasking } from "../masking/attentionGuided.ts";
import { cases } from "./cases.ts";
import { type Check, check, type RunDType } from "./compare.ts";
import { type Fixture, type JsonTensor, ParityError, type RecordedDraw } from "./fixture.ts";
import { recordedDraws } from "./recordedDraws.ts";

interface Case {
  readonly mode: string;
  readonly masking_ratio: number;
  readonly masking_prob: number;
  readonly show_ratio: number;
  readonly show_max: number;
  readonly draws: readonly RecordedDraw[];
  readonly mask: JsonTensor;
}
const FIELDS = ["mode", "masking_ratio", "masking_prob", "show_ratio", "show_max", "draws", "mask"];
const MODES = ["attmask_high", "attmask_hint", "attmask_low"];

/** gkakogeorgiou/attmask, attmask.py. */
export async function attmaskParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const attention = fixture.inputs!.attention!;
  const [N, L] = attention.shape as [number, number];
  return cases<Case>(fixture, FIELDS).map((recorded, i) => {
    if (!MODES.includes(recorded.mode)) {
      throw new ParityError(`cases[${i}].mode: expected ${MODES.join(", ")}, found ${recorded.mode}`);
    }
    const mask = attentionGuidedMasking(recordedDraws(recorded.draws), attention.data, [N, L], {
      maskRatio: recorded.masking_ratio,
      probability: recorded.masking_prob,
      hide: recorded.mode === "attmask_low" ? "low" : "high",
      ...(recorded.mode === "attmask_hint" && { hints: { show: recorded.show_ratio, among: recorded.show_max } }),
    });
    return check(`cases[${i}].${recorded.mode}`, recorded.mask, { shape: [N, L], data: mask }, "exact", dtype);
  });
}
