import { blockwiseMasking } from "../masking/blockwise.ts";
import { cases } from "./cases.ts";
import { type Check, check, type RunDType } from "./compare.ts";
import type { Fixture, JsonTensor, RecordedDraw } from "./fixture.ts";
import { recordedDraws } from "./recordedDraws.ts";

interface Case {
  readonly input_size: readonly [number, number];
  readonly num_masking_patches: number;
  readonly min_num_patches: number;
  readonly max_num_patches: number | null;
  readonly min_aspect: number;
  readonly draws: readonly RecordedDraw[];
  readonly mask: JsonTensor;
  readonly count: number;
}
const FIELDS = "input_size num_masking_patches min_num_patches max_num_patches min_aspect draws mask count".split(" ");

/** microsoft/unilm, beit/masking_generator.py. */
export const maskBeitBlockwiseParity = async (fixture: Fixture, dtype: RunDType): Promise<Check[]> =>
  cases<Case>(fixture, FIELDS).flatMap((recorded, i) => {
    const mask = blockwiseMasking(recordedDraws(recorded.draws), 1, recorded.input_size, {
      hidden: recorded.num_masking_patches,
      minBlock: recorded.min_num_patches,
      ...(recorded.max_num_patches !== null && { maxBlock: recorded.max_num_patches }),
      minAspect: recorded.min_aspect,
    });
    const count = mask.reduce((a, b) => a + b, 0);
    return [
      check(`cases[${i}].mask`, recorded.mask, { shape: recorded.input_size, data: mask }, "exact", dtype),
      check(`cases[${i}].count`, recorded.count, count, "exact", dtype),
    ];
  });
