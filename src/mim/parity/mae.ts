import type { HostTensor } from "../method.ts";
import { type MaeConfig, mae } from "../methods/mae.ts";
import type { Actual, Check, RunDType } from "./compare.ts";
import { layersAs } from "./evaluate.ts";
import { type Fixture, normalizationEps, options } from "./fixture.ts";
import { modelParity } from "./model.ts";

/** Options of facebookresearch/mae, models_mae.py, and its defaults. */
export const MAE_OPTIONS = {
  img_size: 224,
  patch_size: 16,
  in_chans: 3,
  embed_dim: 1024,
  depth: 24,
  num_heads: 16,
  decoder_embed_dim: 512,
  decoder_depth: 8,
  decoder_num_heads: 16,
  mlp_ratio: 4,
  norm_pix_loss: false,
  mask_ratio: 0.75,
  batch: 0,
  layer_norm_eps: 1e-6,
  qkv_bias: true,
  gelu: "erf",
  target_var: "",
};

/** Our configuration of a model that its code base describes by these options. */
export const maeConfig = (o: typeof MAE_OPTIONS): MaeConfig => ({
  imageSize: [o.img_size, o.img_size],
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
  activation: o.gelu === "tanh" ? "geluTanh" : "gelu",
  maskRatio: o.mask_ratio,
  normalizedTarget: o.norm_pix_loss,
});

/** The options of a descendant of MAE, `more` of its own among them; eps of the normalisations as the layers were built. */
export const maeOptions = <T extends Readonly<Record<string, unknown>>>(
  fixture: Fixture,
  more: T,
): typeof MAE_OPTIONS & T =>
  options(fixture, { ...MAE_OPTIONS, layer_norm_eps: normalizationEps(fixture, "norm", 1e-6), ...more });

export const maeParity = async (fixture: Fixture, dtype: RunDType): Promise<Check[]> =>
  (await modelParity(mae, maeConfig(maeOptions(fixture, {})), fixture, dtype, maeOutputs)).checks;

/** Our tensors under the names that recordings of MAE and its descendants use. */
export const maeOutputs = (
  inputs: Readonly<Record<string, Actual>>,
  outputs: Readonly<Record<string, HostTensor>>,
): Record<string, Actual> => ({
  patch_embed: outputs["projected.embedded"]!,
  ...layersAs("enc_block", outputs, "encoded.layers."),
  enc_norm: outputs.latent!,
  latent: outputs.latent!,
  decoder_embed: outputs["encoded.visible"]!,
  ...layersAs("dec_block", outputs, "decoded.layers."),
  dec_norm: outputs["decoded.normed"]!,
  mask: inputs.mask!,
  ids_restore: inputs.idsRestore!,
  target_patches: outputs.patches!,
  pred: outputs.pred!,
});
