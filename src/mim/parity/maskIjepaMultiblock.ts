import { multiBlockMasking } from "../masking/multiBlock.ts";
import { cases } from "./cases.ts";
import { type Check, check, type RunDType } from "./compare.ts";
import { type Fixture, type JsonTensor, options, type RecordedDraw } from "./fixture.ts";
import { recordedDraws } from "./recordedDraws.ts";

interface Case {
  readonly config: Readonly<Record<string, unknown>>;
  readonly draws: readonly RecordedDraw[];
  readonly masks_enc: readonly JsonTensor[];
  readonly masks_pred: readonly JsonTensor[];
}

const OPTIONS = {
  input_size: [224, 224] as [number, number],
  patch_size: 16,
  enc_mask_scale: [0.2, 0.8] as [number, number],
  pred_mask_scale: [0.2, 0.8] as [number, number],
  aspect_ratio: [0.3, 3] as [number, number],
  nenc: 1,
  npred: 2,
  min_keep: 4,
  allow_overlap: false,
};

/** facebookresearch/ijepa, src/masks/multiblock.py. */
export const maskIjepaMultiblockParity = async (fixture: Fixture, dtype: RunDType): Promise<Check[]> =>
  cases<Case>(fixture, ["config", "draws", "masks_enc", "masks_pred"]).flatMap((recorded, i) => {
    const o = options({ ...fixture, config: recorded.config }, OPTIONS);
    const N = recorded.masks_enc[0]!.shape[0]!;
    const { context, target } = multiBlockMasking(
      recordedDraws(recorded.draws),
      N,
      [Math.floor(o.input_size[0] / o.patch_size), Math.floor(o.input_size[1] / o.patch_size)],
      {
        targets: o.npred,
        targetScale: o.pred_mask_scale,
        targetAspect: o.aspect_ratio,
        contexts: o.nenc,
        contextScale: o.enc_mask_scale,
        minKeep: o.min_keep,
        allowOverlap: o.allow_overlap,
      },
    );
    const compare = (name: string, expected: readonly JsonTensor[], ours: readonly Int32Array[]) =>
      expected.map((mask, k) => {
        const data = ours[k] && { shape: [N, ours[k].length / N], data: ours[k] };
        return check(`cases[${i}].${name}[${k}]`, mask, data, "exact", dtype);
      });
    return [
      ...compare("masks_enc", recorded.masks_enc, context),
      ...compare("masks_pred", recorded.masks_pred, target),
    ];
  });
