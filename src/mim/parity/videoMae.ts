import { cubeSize } from "../architecture/videoViT.ts";
import type { HostInputs, HostTensor, Inputs } from "../method.ts";
import { type VideoMaeConfig, videoMae } from "../methods/videoMae.ts";
import { type VideoMaeV2Config, videoMaeV2, videoMaeV2Inputs } from "../methods/videoMaeV2.ts";
import type { Params } from "../nn/params.ts";
import { sinusoid } from "../positions/sinusoid.ts";
import { type Check, check, checkModel, type RunDType } from "./compare.ts";
import { evaluateWithGradients, sameNames, trainedNames } from "./evaluate.ts";
import { type Fixture, hosts, type JsonTensor, options, ParityError } from "./fixture.ts";
import { evaluationParity, modelParams } from "./model.ts";
import { recordedDraws } from "./recordedDraws.ts";

/** Options of MCG-NJU/VideoMAE, modeling_pretrain.py, and its defaults. */
const VIDEO_MAE_OPTIONS = {
  img_size: 224,
  patch_size: 16,
  encoder_in_chans: 3,
  encoder_embed_dim: 768,
  encoder_depth: 12,
  encoder_num_heads: 12,
  decoder_num_classes: 0,
  decoder_embed_dim: 512,
  decoder_depth: 8,
  decoder_num_heads: 8,
  mlp_ratio: 4,
  qkv_bias: true,
  init_values: 0,
  tubelet_size: 2,
  num_frames: 16,
  mask_ratio: 0.9,
  grid: [] as number[],
  attention_bias: "",
  layer_scale: false,
  decoder_mask_ratio: 0,
  decoder_mask_type: "run_cell",
  cos_attn: false,
};

const videoMaeConfig = (o: typeof VIDEO_MAE_OPTIONS): VideoMaeConfig => ({
  imageSize: [o.img_size, o.img_size],
  frames: o.num_frames,
  tubelet: o.tubelet_size,
  patchSize: o.patch_size,
  channels: o.encoder_in_chans,
  dim: o.encoder_embed_dim,
  depth: o.encoder_depth,
  heads: o.encoder_num_heads,
  mlpRatio: o.mlp_ratio,
  decoderDim: o.decoder_embed_dim,
  decoderDepth: o.decoder_depth,
  decoderHeads: o.decoder_num_heads,
  eps: 1e-6,
  maskRatio: o.mask_ratio,
  channelDeviation: [0.229, 0.224, 0.225], // of ImageNet, by which the code base divides
  ...(o.init_values > 0 && { layerScale: o.init_values }),
});

export async function videoMaeParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, VIDEO_MAE_OPTIONS);
  const c = videoMaeConfig(o);
  if (o.decoder_num_classes !== 0 && o.decoder_num_classes !== cubeSize(c)) {
    throw new ParityError(`config.decoder_num_classes: expected ${cubeSize(c)}, found ${o.decoder_num_classes}`);
  }
  if (o.cos_attn) throw new ParityError("config.cos_attn: expected false, found true");
  const params = hosts(fixture.params);
  sameNames(Object.keys(videoMae.specs(c)), Object.keys(params));
  const { videos } = hosts(fixture.inputs);
  if (!videos) throw new ParityError(`inputs: expected videos, found ${Object.keys(fixture.inputs ?? {})}`);
  if (o.decoder_mask_ratio > 0) {
    const run = await evaluationParity(
      fixture,
      dtype,
      videoMaeV2Run(fixture, { ...c, decoderMaskRatio: o.decoder_mask_ratio }),
    );
    return [...run.checks, ...checkTables(fixture, dtype)];
  }
  const inputs = videoMae.prepare(c, { videos }, recordedDraws(fixture.draws), { step: 0, steps: 1 });
  const { loss, outputs, grads } = await evaluateWithGradients(
    (p, x) => videoMae.evaluate(c, p, x, {}),
    params,
    inputs,
    trainedNames(fixture),
    dtype,
  );
  const ours = { mask: inputs.mask!, pred: outputs.pred!, labels: outputs.target!, loss };
  return [...checkModel(fixture, ours, grads, dtype), ...checkTables(fixture, dtype)];
}

/** OpenGVLab/VideoMAEv2: cells of every frame that the decoder passes over, by recorded masks or draws. */
function videoMaeV2Run(fixture: Fixture, c: VideoMaeV2Config) {
  const { videos, bool_masked_pos: hidden, decode_masked_pos: passedOver } = hosts(fixture.inputs);
  const given = hidden && passedOver;
  const inputs = given
    ? videoMaeV2Inputs(videos!, Float32Array.from(hidden.data), Float32Array.from(passedOver.data))
    : videoMaeV2.prepare(c, { videos: videos! }, recordedDraws(fixture.draws), { step: 0, steps: 1 });
  return {
    evaluate: (p: Params, x: Inputs) => videoMaeV2.evaluate(c, p, x, {}),
    params: modelParams(fixture, Object.keys(videoMaeV2.specs(c))),
    inputs,
    rename: (_: HostInputs, { target }: Readonly<Record<string, HostTensor>>) => ({ labels: target! }),
  };
}

/** The fixed position tables, which are no parameters. */
function checkTables(fixture: Fixture, dtype: RunDType): Check[] {
  return Object.entries((fixture.buffers ?? {}) as Record<string, JsonTensor>).map(([name, table]) => {
    const [, L, D] = table.shape as [number, number, number];
    return check(`buffers.${name}`, table, { shape: table.shape, data: sinusoid(L, D) }, "forward", dtype);
  });
}
