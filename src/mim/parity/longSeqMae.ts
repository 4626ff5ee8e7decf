import { blockOptions, encode } from "../architecture/asymmetricViT.ts";
import { jointUnits } from "../masking/jointUnits.ts";
import type { KeepMask } from "../masking/random.ts";
import type { Evaluation, HostInputs, Inputs } from "../method.ts";
import type { MaeConfig } from "../methods/mae.ts";
import { block } from "../nn/block.ts";
import { convolution, transposedConvolution } from "../nn/convolution.ts";
import { layerNorm } from "../nn/layerNorm.ts";
import { linear } from "../nn/linear.ts";
import { type Params, param } from "../nn/params.ts";
import { patchify } from "../nn/patchify.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { add, broadcastTo, concat, gather, mean, reshape, slice, type Tensor, transpose } from "../ops.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { type Check, checkOutputs, type RunDType } from "./compare.ts";
import { type Fixture, ParityError, type RecordedDraw } from "./fixture.ts";
import { maeConfig, maeOptions } from "./mae.ts";
import { evaluationParity, modelInputs, modelParams } from "./model.ts";
import { recordedDraws } from "./recordedDraws.ts";

/** Options of facebookresearch/long_seq_mae, models_mae.py and util/long_seq_patch_loader.py, beside those of MAE. */
const OPTIONS = {
  args: {} as Readonly<Record<string, unknown>>,
  decoder_downsampling: 1,
  pred_downsampling: 1,
  mask_downsampling: 1,
  no_k_bias_in_vit: false,
};

/** Names of the released model's parameters. */
const KNOWN =
  /^(cls_token|mask_token|(decoder_)?pos_embed|patch_embed\.proj\.\w+|(decoder_)?norm\.\w+|decoder_(embed|pred|downsample|upsample)\.\w+|(decoder_)?blocks\.\d+\.(norm[12]\.\w+|attn\.((qkv|proj)\.\w+|[qv]_bias)|mlp\.fc[12]\.\w+))$/;

interface MaskCase {
  readonly num_patches: number;
  readonly mask_ratio: number;
  readonly mask_downsampling: number;
  readonly draws: readonly RecordedDraw[];
  readonly [name: string]: unknown;
}

/** facebookresearch/long_seq_mae: a decoder on a coarser grid than the encoder's, masks of units, with or without key biases. */
export async function longSeqMaeParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const masks = ((fixture.cases ?? []) as readonly MaskCase[]).flatMap((recorded, i) => {
    const side = Math.sqrt(recorded.num_patches);
    const { mask_ratio: maskRatio, mask_downsampling: unit } = recorded;
    const ours = jointUnits(recordedDraws(recorded.draws), 1, side, { maskRatio, unit });
    const names = ["ids_keep", "ids_restore", "ids_shuffle", "mask"];
    const want = Object.fromEntries(names.flatMap((name) => (name in recorded ? [[name, recorded[name]]] : [])));
    const inverse = new Int32Array(side ** 2);
    ours.idsRestore.forEach((place, patch) => {
      inverse[place] = patch;
    });
    const actual = { ids_keep: ours.idsKeep, ids_restore: ours.idsRestore, ids_shuffle: inverse, mask: ours.mask };
    return checkOutputs(want, actual, dtype, `cases[${i}].`);
  });
  return fixture.params ? [...masks, ...(await modelChecks(fixture, dtype))] : masks;
}

async function modelChecks(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const { args = {}, ...flat } = fixture.config as { args?: Record<string, unknown> };
  const o = maeOptions({ ...fixture, config: { ...flat, ...args } }, OPTIONS);
  const c = maeConfig(o);
  const given = modelInputs(fixture);
  const { images, ids_keep: keep, ids_restore: restore } = given;
  if (!images) throw new ParityError(`inputs: expected imgs, found ${Object.keys(given).join(", ")}`);
  const N = images.shape[0]!;
  const side = c.imageSize[0] / c.patchSize;
  const L = side ** 2;
  const masked: KeepMask =
    keep && restore
      ? {
          idsKeep: Int32Array.from(keep.data),
          idsRestore: Int32Array.from(restore.data),
          mask: hidden(keep.data, N, L),
        }
      : jointUnits(recordedDraws(fixture.draws), N, side, { maskRatio: c.maskRatio, unit: o.mask_downsampling });
  const inputs: HostInputs = {
    images,
    idsKeep: { shape: [N, masked.idsKeep.length / N], data: masked.idsKeep },
    idsRestore: { shape: [N, L], data: masked.idsRestore },
    mask: { shape: [N, L], data: masked.mask },
  };
  const scale = { input: o.decoder_downsampling, predicted: o.pred_downsampling };
  const run = await evaluationParity(fixture, dtype, {
    evaluate: (p, x) => evaluate(c, scale, p, x),
    params: modelParams(fixture, KNOWN),
    inputs,
    rename: () => ({ ids_keep: inputs.idsKeep!, ids_restore: inputs.idsRestore! }),
  });
  return run.checks;
}

function hidden(idsKeep: ArrayLike<number>, N: number, L: number): Float32Array {
  const mask = new Float32Array(N * L).fill(1);
  for (let i = 0; i < idsKeep.length; i++) mask[Math.floor((i * N) / idsKeep.length) * L + idsKeep[i]!] = 0;
  return mask;
}

/** By how much the decoder's grid, and that of what is predicted, is coarser than the encoder's. */
interface Scale {
  readonly input: number;
  readonly predicted: number;
}

function evaluate(c: MaeConfig, scale: Scale, p: Params, x: Inputs): Evaluation {
  const { latent } = encode(c, p, x.images!, x.idsKeep);
  const pred = decode(c, scale, p, latent, x.idsRestore!);
  const P = patchify(x.images!, c.patchSize * scale.predicted);
  const target = c.normalizedTarget ? normalizedPixels(P) : P;
  const [N, L] = x.mask!.shape as [number, number];
  const coarse = Math.sqrt(L) / scale.predicted;
  const cells = reshape(x.mask!, [N, coarse, scale.predicted, coarse, scale.predicted]);
  const loss = maskedMean(l2(pred, target), reshape(mean(cells, [2, 4]), [N, coarse ** 2])); // shares of a cell count
  return { loss, outputs: { latent, pred, target } };
}

function decode(c: MaeConfig, scale: Scale, p: Params, latent: Tensor, idsRestore: Tensor): Tensor {
  const [N, L] = idsRestore.shape as [number, number];
  const embedded = linear(p, "decoder_embed", latent);
  const masks = broadcastTo(param(p, "mask_token"), [N, L + 1 - embedded.shape[1]!, c.decoderDim]);
  const inPlace = gather(concat([slice(embedded, 1, 1), masks], 1), idsRestore);
  const strided = { stride: scale.input };
  const input = scale.input > 1 ? tokens(convolution(p, "decoder_downsample", map(inPlace), strided)) : inPlace;
  let y = add(concat([slice(embedded, 1, 0, 1), input], 1), param(p, "decoder_pos_embed"));
  for (let i = 0; i < c.decoderDepth; i++) y = block(p, `decoder_blocks.${i}`, y, blockOptions(c, c.decoderHeads));
  const decoded = slice(y, 1, 1);
  const output =
    scale.input > scale.predicted
      ? tokens(transposedConvolution(p, "decoder_upsample", map(decoded), strided))
      : decoded;
  return linear(p, "decoder_pred", layerNorm(p, "decoder_norm", output, c.eps));
}

/** [N, h², D] -> [N, D, h, h] */
function map(x: Tensor): Tensor {
  const [N, L, D] = x.shape as [number, number, number];
  return reshape(transpose(x, [0, 2, 1]), [N, D, Math.sqrt(L), Math.sqrt(L)]);
}

/** [N, D, h, w] -> [N, hw, D] */
const tokens = (x: Tensor): Tensor => transpose(reshape(x, [x.shape[0]!, x.shape[1]!, -1]), [0, 2, 1]);
