import { type StMaeConfig, stMae } from "../methods/stMae.ts";
import type { Check, RunDType } from "./compare.ts";
import { type Fixture, hosts, ParityError } from "./fixture.ts";
import { maeOptions } from "./mae.ts";
import { evaluationParity, modelParams } from "./model.ts";
import { recordedDraws } from "./recordedDraws.ts";

/** Options of facebookresearch/mae_st, models_mae.py, beside those of MAE. */
const OPTIONS = {
  num_frames: 16,
  t_patch_size: 4,
  no_qkv_bias: false,
  sep_pos_embed: false,
  trunc_init: false,
  cls_embed: false,
  pred_t_dim: 8,
};

/** facebookresearch/mae_st on clips [N, 3, T, H, W]. */
export async function maeStParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = maeOptions(fixture, OPTIONS);
  const given = hosts(fixture.inputs);
  const videos = Object.values(given).find(({ shape }) => shape.length === 5);
  if (!videos) throw new ParityError(`inputs: expected clips [N, C, T, H, W], found ${Object.keys(given).join(", ")}`);
  const c: StMaeConfig = {
    imageSize: [o.img_size, o.img_size],
    frames: o.num_frames,
    tubelet: o.t_patch_size,
    patchSize: o.patch_size,
    channels: o.in_chans,
    dim: o.embed_dim,
    depth: o.depth,
    heads: o.num_heads,
    mlpRatio: o.mlp_ratio,
    decoderDim: o.decoder_embed_dim,
    decoderDepth: o.decoder_depth,
    decoderHeads: o.decoder_num_heads,
    eps: o.layer_norm_eps,
    cls: o.cls_embed,
    predictedFrames: o.pred_t_dim,
    maskRatio: o.mask_ratio,
    normalizedTarget: o.norm_pix_loss,
    ...(!o.sep_pos_embed && { jointPositions: true }),
    ...(o.no_qkv_bias && { qkvBias: false }),
  };
  const inputs = stMae.prepare(c, { videos }, recordedDraws(fixture.draws), { step: 0, steps: 1 });
  const run = await evaluationParity(fixture, dtype, {
    evaluate: (p, x) => stMae.evaluate(c, p, x, {}),
    params: modelParams(fixture, Object.keys(stMae.specs(c))),
    inputs,
    rename: () => ({ ids_restore: inputs.idsRestore!, ids_keep: inputs.idsKeep! }),
  });
  return run.checks;
}
