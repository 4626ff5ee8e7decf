import { type McMaeConfig, mcMae } from "../methods/mcMae.ts";
import type { Check, RunDType } from "./compare.ts";
import { type Fixture, normalizationEps, options, ParityError } from "./fixture.ts";
import { modelInputs, modelParity } from "./model.ts";

type Triple = readonly [number, number, number];

/** Options of Alpha-VL/ConvMAE, models_convmae.py, by stage where there are three values; defaults of its base model. */
const OPTIONS = {
  img_size: [224, 56, 28] as Triple,
  patch_size: [4, 2, 2] as Triple,
  in_chans: 3,
  embed_dim: [256, 384, 768] as Triple,
  depth: [2, 2, 11] as Triple,
  num_heads: 12,
  decoder_embed_dim: 512,
  decoder_depth: 8,
  decoder_num_heads: 16,
  mlp_ratio: [4, 4, 4] as Triple,
  norm_pix_loss: false,
  mask_ratio: 0.75,
  layer_norm_eps: 1e-6,
  batch: 0,
  qkv_bias: true,
  gelu: "erf",
  target_var: "",
};

/** Alpha-VL/ConvMAE: the convolutional stages normalise with 1e-5, the transformer and the decoder as they were built. */
export async function convMaeParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, { ...OPTIONS, layer_norm_eps: normalizationEps(fixture, "norm", 1e-6) });
  const images = modelInputs(fixture).images;
  if (!images) throw new ParityError("inputs: expected imgs, found none");
  const c: McMaeConfig = {
    imageSize: [images.shape[2]!, images.shape[3]!],
    channels: o.in_chans,
    patchSizes: o.patch_size,
    dims: o.embed_dim,
    depths: o.depth,
    heads: o.num_heads,
    mlpRatios: o.mlp_ratio,
    decoderDim: o.decoder_embed_dim,
    decoderDepth: o.decoder_depth,
    decoderHeads: o.decoder_num_heads,
    eps: o.layer_norm_eps,
    maskRatio: o.mask_ratio,
    normalizedTarget: o.norm_pix_loss,
  };
  const run = await modelParity(mcMae, c, fixture, dtype, (inputs) => ({
    ids_restore: inputs.idsRestore!,
    ids_keep: inputs.idsKeep!,
  }));
  return run.checks;
}
