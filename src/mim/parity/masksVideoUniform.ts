import { runningCell } from "../masking/runningCell.ts";
import { shuffledMasking } from "../masking/shuffled.ts";
import { tubeMasking } from "../masking/tube.ts";
import { uniformSampling } from "../masking/uniformSampling.ts";
import { cases } from "./cases.ts";
import { type Check, check, type RunDType } from "./compare.ts";
import { type Fixture, type JsonTensor, ParityError, type RecordedDraw } from "./fixture.ts";
import { recordedDraws } from "./recordedDraws.ts";

interface Case {
  readonly kind: string;
  readonly input_size: readonly number[];
  readonly mask_ratio: number;
  readonly draws?: readonly RecordedDraw[];
  readonly mask?: JsonTensor;
  readonly all_mask_maps?: JsonTensor;
}
const FIELDS = "kind input_size mask_ratio draws mask all_mask_maps note".split(" ");

/** Masks of a case by its kind, one sample each; running cells are listed for all four starts. */
const KINDS: Readonly<Record<string, (recorded: Case) => ArrayLike<number>>> = {
  tube: ({ input_size: [frames, h, w], mask_ratio, draws }) =>
    tubeMasking(recordedDraws(draws), 1, { frames: frames!, patches: h! * w! }, mask_ratio),
  running_cell: ({ input_size: [frames, h, w], mask_ratio }) =>
    Float32Array.from([0, 1, 2, 3].flatMap((start) => Array.from(runningCell(frames!, [h!, w!], mask_ratio, start)))),
  uniform_masking_regular: ({ input_size: [h, w], draws }) => uniformSampling(recordedDraws(draws), 1, [h!, w!]),
  random_video: ({ input_size, mask_ratio, draws }) =>
    shuffledMasking(
      recordedDraws(draws),
      1,
      input_size.reduce((a, b) => a * b, 1),
      mask_ratio,
    ),
};

/** Masks of MCG-NJU/VideoMAE, OpenGVLab/VideoMAEv2 and implus/UM-MAE. */
export const masksVideoUniformParity = async (fixture: Fixture, dtype: RunDType): Promise<Check[]> =>
  cases<Case>(fixture, FIELDS).map((recorded, i) => {
    const make = KINDS[recorded.kind];
    const expected = recorded.mask ?? recorded.all_mask_maps;
    if (!make || !expected) {
      throw new ParityError(
        `cases[${i}].kind: expected ${Object.keys(KINDS).join(", ")} and its mask, found ${recorded.kind}`,
      );
    }
    const ours = { shape: expected.shape, data: Float32Array.from(make(recorded)) };
    return check(`cases[${i}].${recorded.kind}`, expected, ours, "exact", dtype);
  });
