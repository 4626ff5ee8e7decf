import { channelNorm, convNext, convNextBlock, convNextSpecs } from "../architecture/convNext.ts";
import { type FcMaeConfig, fcMae } from "../methods/fcMae.ts";
import { globalResponseNorm } from "../nn/globalResponseNorm.ts";
import { layerNorm } from "../nn/layerNorm.ts";
import { linear } from "../nn/linear.ts";
import type { Params } from "../nn/params.ts";
import { mean, reshape, type Tensor, transpose } from "../ops.ts";
import type { Check, RunDType } from "./compare.ts";
import { sameNames } from "./evaluate.ts";
import { type Fixture, options, ParityError } from "./fixture.ts";
import { layerCases } from "./layerCases.ts";
import { evaluationParity, modelInputs, modelParams } from "./model.ts";
import { recordedDraws } from "./recordedDraws.ts";

/** Options of facebookresearch/ConvNeXt-V2, models/fcmae.py and models/convnextv2.py, and their defaults. */
const OPTIONS = {
  img_size: 224,
  in_chans: 3,
  num_classes: 1000,
  depths: [3, 3, 9, 3] as number[],
  dims: [96, 192, 384, 768] as number[],
  decoder_depth: 1,
  decoder_embed_dim: 512,
  patch_size: 32,
  mask_ratio: 0.6,
  norm_pix_loss: false,
  head_init_scale: 1,
  layer_norm_eps: 1e-6,
  batch: 0,
  gelu: "erf",
};

/** facebookresearch/ConvNeXt-V2: FCMAE in sparse or dense layout, the classifier, or single layers as cases. */
export async function fcMaeParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  if (fixture.cases) return layerCases(fixture, dtype, layer);
  const o = options(fixture, OPTIONS);
  const recorded = Object.keys(fixture.params ?? {});
  if (recorded.includes("head.weight")) return classifier(fixture, dtype, o);
  const c: FcMaeConfig = {
    imageSize: [o.img_size, o.img_size],
    channels: o.in_chans,
    stem: o.patch_size / 2 ** (o.dims.length - 1),
    depths: o.depths,
    dims: o.dims,
    kernel: 7,
    responseNorm: true,
    eps: o.layer_norm_eps,
    maskRatio: o.mask_ratio,
    decoderDim: o.decoder_embed_dim,
    decoderDepth: o.decoder_depth,
    normalizedTarget: o.norm_pix_loss,
  };
  sameNames(Object.keys(fcMae.specs(c)), recorded.map(denseName));
  const params = modelParams(fixture, recorded);
  const inputs = fcMae.prepare(c, modelInputs(fixture), recordedDraws(fixture.draws), { step: 0, steps: 1 });
  const run = await evaluationParity(fixture, dtype, {
    evaluate: (p, x) => fcMae.evaluate(c, denseLayout(p), x, {}),
    params,
    inputs,
    rename: (_, { pred }) => ({ pred: asRecorded(fixture, pred!) }),
  });
  return run.checks;
}

/** Names of MinkowskiEngine's layers -> those of the same layers in PyTorch. */
const denseName = (name: string): string =>
  name.replace(/\.kernel$/, ".weight").replace(/\.(ln|linear|conv)\.(weight|bias)$/, ".$2");

/**
 * Sparse layers in the layout of dense ones: a kernel [k², in, out] or [k², C] lists its places column by column, a bias has
 * a leading axis of 1. remap_checkpoint_keys of the released utils.py.
 */
function denseLayout(p: Params): Params {
  return Object.fromEntries(
    Object.entries(p).map(([name, x]) => {
      if (!name.endsWith(".kernel")) return [denseName(name), /conv|downsample/.test(name) ? flatBias(name, x) : x];
      const k = Math.sqrt(x.shape[0]!);
      const [inner, out] = x.ndim === 3 ? [x.shape[1]!, x.shape[2]!] : [1, x.shape[1]!];
      const grid = transpose(reshape(x, [k, k, inner, out]), [3, 2, 1, 0]); // [out, in, row, column]
      return [denseName(name), grid];
    }),
  );
}

const flatBias = (name: string, x: Tensor): Tensor => (name.endsWith(".bias") ? reshape(x, [-1]) : x);

/** Predictions [N, L, p²C] as the recording has them, which may be the map [N, p²C, f, f]. */
function asRecorded(fixture: Fixture, pred: { shape: readonly number[]; data: ArrayLike<number> }) {
  const shape = fixture.outputs?.pred?.shape;
  const [N, L, F] = pred.shape as [number, number, number];
  const data = Float64Array.from(pred.data);
  if (shape?.length !== 4) return { shape: pred.shape, data };
  const map = Float64Array.from({ length: data.length }, (_, i) => {
    const [n, f, l] = [Math.floor(i / (F * L)), Math.floor(i / L) % F, i % L];
    return data[(n * L + l) * F + f]!;
  });
  return { shape: [N, F, Math.sqrt(L), Math.sqrt(L)], data: map };
}

/** The classifier: stages, mean over the map, normalisation, head. */
async function classifier(fixture: Fixture, dtype: RunDType, o: typeof OPTIONS): Promise<Check[]> {
  const stem = fixture.params!["downsample_layers.0.0.weight"]!.shape[2]!;
  const c = { channels: o.in_chans, stem, depths: o.depths, dims: o.dims, kernel: 7, responseNorm: true, eps: 1e-6 };
  const run = await evaluationParity(fixture, dtype, {
    evaluate: (p, { images }) => {
      const stages = convNext(c, p, images!);
      const features = layerNorm(p, "norm", mean(stages.at(-1)!, [2, 3]), c.eps);
      const logits = linear(p, "head", features);
      return { loss: mean(logits), outputs: { stages, features, logits, out: logits } };
    },
    params: modelParams(fixture, [
      ...Object.keys(convNextSpecs(c)),
      ...["norm", "head"].flatMap((n) => [`${n}.weight`, `${n}.bias`]),
    ]),
    inputs: modelInputs(fixture),
    rename: () => ({}),
  });
  return run.checks;
}

/** A block, response normalisation (of all images together when its gamma is [1, C]) or layer normalisation alone. */
function layer(p: Params, x: Tensor): Tensor {
  const dense = denseLayout(Object.fromEntries(Object.entries(p).map(([name, value]) => [`layer.${name}`, value])));
  if (p["dwconv.weight"]) return convNextBlock({ kernel: 7, responseNorm: true, eps: 1e-6 }, dense, "layer", x);
  const { gamma } = p;
  if (gamma?.ndim === 4) return globalResponseNorm(dense, "layer", x);
  if (gamma) return sparseRows(dense, x);
  if (p.weight && x.ndim === 4)
    return x.shape[1] === p.weight.shape[0] ? channelNorm(dense, "layer", x, 1e-6) : layerNorm(dense, "layer", x, 1e-6);
  throw new ParityError(`params: expected a block, GRN or LayerNorm, found ${Object.keys(p).join(", ")}`);
}

/** Rows of active positions [positions, C], normalised as one map. */
function sparseRows(p: Params, x: Tensor): Tensor {
  const [rows, C] = x.shape as [number, number];
  return reshape(globalResponseNorm(p, "layer", reshape(x, [1, rows, 1, C])), [rows, C]);
}
