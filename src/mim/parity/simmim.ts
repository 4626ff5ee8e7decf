import { lastMap, type MaskedEncoder } from "../architecture/maskedEncoder.ts";
import type { Swin } from "../architecture/swin.ts";
import type { HostTensor } from "../method.ts";
import { simmim } from "../methods/simmim.ts";
import { BEIT_VIT_OPTIONS, beitVit } from "./beitVit.ts";
import type { Check, RunDType } from "./compare.ts";
import { type Fixture, options, ParityError } from "./fixture.ts";
import { modelParity } from "./model.ts";

/** Options of the encoder of SimMIM's and MFM's code, of which classification and pooling play no part here. */
const SIMMIM_VIT_OPTIONS = { ...BEIT_VIT_OPTIONS, num_classes: 0, use_mean_pooling: false };

/** Options of Swin in SimMIM's code, and their defaults; classification and drop path play no part here. */
const SWIN_OPTIONS = {
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
  drop_path_rate: 0,
  ape: false,
  patch_norm: true,
};

const swin = (o: typeof SWIN_OPTIONS, eps: number): Swin => ({
  imageSize: [o.img_size, o.img_size],
  patchSize: o.patch_size,
  channels: o.in_chans,
  dim: o.embed_dim,
  depths: o.depths,
  heads: o.num_heads,
  window: o.window_size,
  mlpRatio: o.mlp_ratio,
  qkvBias: o.qkv_bias,
  eps,
  patchNorm: o.patch_norm,
  absolutePositions: o.ape,
});

/** The encoder that a recording's options describe. */
export const simmimEncoder = (described: Fixture, eps: number): MaskedEncoder =>
  "depths" in described.config
    ? swin(options(described, SWIN_OPTIONS), eps)
    : beitVit(options(described, SIMMIM_VIT_OPTIONS), eps);

/** microsoft/SimMIM, models/simmim.py, with either of its encoders. */
export async function simmimParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, { encoder: {}, encoder_stride: 16, mask_generator: {}, layer_norm_eps: 1e-6 });
  const masking = options(
    { ...fixture, config: o.mask_generator },
    { input_size: 192, mask_patch_size: 32, model_patch_size: 4, mask_ratio: 0.6 },
  );
  const described = { ...fixture, config: o.encoder };
  const encoder = simmimEncoder(described, o.layer_norm_eps);
  const { stride } = lastMap(encoder);
  if (o.encoder_stride !== stride) {
    throw new ParityError(`config.encoder_stride: expected the encoder's ${stride}, found ${o.encoder_stride}`);
  }
  const c = { encoder, maskUnit: masking.mask_patch_size, maskRatio: masking.mask_ratio };
  const { checks } = await modelParity(simmim, c, fixture, dtype, (inputs, outputs) => ({
    mask: gridOf(inputs.mask!),
    z: channelsFirst(outputs.features!),
    rec: outputs.pred!,
  }));
  return checks;
}

/** [N, L] as a square grid [N, h, h]. */
function gridOf({ shape: [N, L], data }: HostTensor): HostTensor {
  const side = Math.sqrt(L!);
  return { shape: [N!, side, side], data };
}

/** Tokens [N, L, D] of a square grid as a feature map [N, D, h, h]. */
function channelsFirst({ shape, data }: HostTensor): HostTensor {
  const [N, L, D] = shape as [number, number, number];
  const side = Math.sqrt(L);
  const moved = Float64Array.from({ length: N * D * L }, (_, at) => {
    const [n, d, l] = [Math.floor(at / (D * L)), Math.floor(at / L) % D, at % L];
    return data[(n * L + l) * D + d]!;
  });
  return { shape: [N, D, side, side], data: moved };
}
