import { type MixMaeConfig, mixMae } from "../methods/mixMae.ts";
import type { Check, RunDType } from "./compare.ts";
import { type Fixture, normalizationEps, options, ParityError } from "./fixture.ts";
import { modelParity } from "./model.ts";

/** Options of Sense-X/MixMIM, models_mixmim.py, and its defaults; classification and checkpointing play no part here. */
const OPTIONS = {
  img_size: 224,
  patch_size: 4,
  in_chans: 3,
  num_classes: 0,
  embed_dim: 96,
  depths: [2, 2, 18, 2],
  num_heads: [3, 6, 12, 24],
  window_size: [7, 7, 14, 7],
  mlp_ratio: 4,
  qkv_bias: true,
  patch_norm: true,
  decoder_dim: 512,
  decoder_depth: 8,
  decoder_num_heads: 16,
  norm_pix_loss: true,
  range_mask_ratio: 0,
  mask_ratio: 0.5,
  encoder_stride: 32,
  use_checkpoint: false,
  layer_norm_eps: 1e-5,
  batch: 0,
  gelu: "erf",
};

/** Sense-X/MixMIM; x_rec is what is said of both images of every pair, [2N, L, s²C]. */
export async function mixMimParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, { ...OPTIONS, layer_norm_eps: normalizationEps(fixture, "norm", 1e-5) });
  if (!o.patch_norm || !o.qkv_bias) {
    throw new ParityError("config: expected patch_norm and qkv_bias, found one of them off");
  }
  const c: MixMaeConfig = {
    imageSize: [o.img_size, o.img_size],
    patchSize: o.patch_size,
    channels: o.in_chans,
    dim: o.embed_dim,
    depths: o.depths,
    heads: o.num_heads,
    windows: o.window_size,
    mlpRatio: o.mlp_ratio,
    eps: o.layer_norm_eps,
    maskRatio: o.mask_ratio,
    ratioRange: o.range_mask_ratio,
    decoderDim: o.decoder_dim,
    decoderDepth: o.decoder_depth,
    decoderHeads: o.decoder_num_heads,
    normalizedTarget: o.norm_pix_loss,
  };
  const run = await modelParity(mixMae, c, fixture, dtype, ({ mask }, ours) => {
    const [h, w] = [o.img_size / o.encoder_stride, o.img_size / o.encoder_stride];
    const grid = [...mask!.data];
    const atScale = (times: number) => ({
      shape: [1, h * w * times ** 2, 1],
      data: Float64Array.from({ length: h * w * times ** 2 }, (_, i) => {
        const [row, column] = [Math.floor(i / (w * times)), i % (w * times)];
        return grid[Math.floor(row / times) * w + Math.floor(column / times)]!;
      }),
    });
    return {
      mask: atScale(1),
      mask_s1: atScale(8),
      mask_s2: atScale(4),
      mask_s3: atScale(2),
      mask_s4: atScale(1),
      latent: ours.latent!,
      z: ours.latent!,
      x_rec: ours.said!,
      pred: ours.said!,
      unmix_x_rec: ours.pred!,
    };
  });
  return run.checks;
}
