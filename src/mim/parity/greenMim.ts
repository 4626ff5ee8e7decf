import { lastMap } from "../architecture/maskedEncoder.ts";
import { type GreenMimConfig, greenMim } from "../methods/greenMim.ts";
import type { Check, RunDType } from "./compare.ts";
import { type Fixture, normalizationEps, options } from "./fixture.ts";
import { modelParity } from "./model.ts";

/** Options of LayneH/GreenMIM with Swin, modeling/green_swin_models.py and base_green_models.py, and their defaults. */
const OPTIONS = {
  encoder: {} as Readonly<Record<string, unknown>>,
  decoder: {} as Readonly<Record<string, unknown>>,
  img_size: 224,
  patch_size: 4,
  in_chans: 3,
  num_classes: 0,
  embed_dim: 96,
  depths: [2, 2, 6, 2],
  num_heads: [3, 6, 12, 24],
  window_size: 7,
  mlp_ratio: 4,
  qkv_bias: true,
  ape: false,
  patch_norm: true,
  use_checkpoint: false,
  decoder_num_patches: 0,
  decoder_embed_dim: 512,
  decoder_depth: 1,
  decoder_num_heads: 16,
  norm_pix_loss: false,
  mask_ratio: 0.75,
  layer_norm_eps: 1e-6,
  batch: 0,
  gelu: "erf",
};

/** LayneH/GreenMIM, the whole model: one mask for the batch, decoder slots in the order in which cells were drawn. */
export async function greenMimParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const { encoder, decoder, ...flat } = fixture.config as Record<string, object>;
  const eps = normalizationEps(fixture, "encoder.norm", 1e-6);
  const o = options({ ...fixture, config: { ...encoder, ...decoder, ...flat } }, { ...OPTIONS, layer_norm_eps: eps });
  const c: GreenMimConfig = {
    imageSize: [o.img_size, o.img_size],
    patchSize: o.patch_size,
    channels: o.in_chans,
    dim: o.embed_dim,
    depths: o.depths,
    heads: o.num_heads,
    window: o.window_size,
    mlpRatio: o.mlp_ratio,
    qkvBias: o.qkv_bias,
    eps: o.layer_norm_eps,
    patchNorm: o.patch_norm,
    absolutePositions: o.ape,
    maskToken: false,
    maskRatio: o.mask_ratio,
    groupSize: "fullestWindow",
    decoderOrder: "drawn",
    decoderDim: o.decoder_embed_dim,
    decoderDepth: o.decoder_depth,
    decoderHeads: o.decoder_num_heads,
    normalizedTarget: o.norm_pix_loss,
  };
  const N = (fixture.inputs?.imgs ?? Object.values(fixture.inputs ?? {})[0])?.shape[0] ?? 1;
  const repeated = ({ shape, data }: { shape: readonly number[]; data: ArrayLike<number> }) => ({
    shape: [N, ...shape.slice(1)],
    data: Float64Array.from({ length: N * data.length }, (_, i) => data[i % data.length]!),
  });
  const run = await modelParity(greenMim, c, fixture, dtype, ({ mask, idsRestore }) => ({
    mask: repeated(mask!),
    ids_restore: repeated(idsRestore!),
    stride: lastMap(c).stride,
  }));
  return run.checks;
}
