/**
 * Tokenizer of BEiT v2 (vector-quantised knowledge distillation). Peng et al. 2022, BEiT v2: Masked Image Modeling with
 * Vector-Quantized Visual Tokenizers, §3.1. It turns an image into one of V visual tokens a patch, for masked image
 * modeling to predict:
 *
 *   1  h = encoder(x), a small head to d values                          [N, L, d]
 *   2  zᵢ = argminⱼ ‖ℓ₂(hᵢ) - ℓ₂(vⱼ)‖, the codes vⱼ at unit length        [N, L]
 *   3  ô = decoder(ℓ₂(v_z)), a small head to the target's width           [N, L, F]
 *   4  loss = mean of 1 - cos(ô, t) + mean of (sg[v_z] - ℓ₂(h))²          []
 *   5  the codes follow the vectors that chose them by a running mean; gradients pass step 2 straight through
 *
 * The paper's target t is what a CLIP or DINO teacher makes of each patch; here a frozen MAE, or normalised pixels.
 * Differs from the released code: codes start as vectors of the first batch, without its ten rounds of k-means
 * (target/kMeans.ts), and the image is not brought to a scale of its own.
 */
import { encode as encodeMae, patchGrid } from "../architecture/asymmetricViT.ts";
import { encodeReplaced, type ReplaceTokenViT, replaceTokenSpecs } from "../architecture/replaceTokenViT.ts";
import { type Method, teacherOf } from "../method.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param, prefixed, under } from "../nn/params.ts";
import { patchify } from "../nn/patchify.ts";
import { followVectors, type Quantized, quantize } from "../nn/vectorQuantizer.ts";
import { negativeCosine } from "../objective/negativeCosine.ts";
import {
  add,
  embed,
  greater,
  mean,
  normalize,
  reshape,
  slice,
  stopGradient,
  type Tensor,
  tanh,
  transpose,
  where,
} from "../ops.ts";
import { frozen } from "../state/frozen.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { type MaeConfig, mae } from "./mae.ts";

export interface Beit2TokenizerConfig extends ReplaceTokenViT {
  /** V, number of codes. */
  readonly vocabulary: number;
  /** d, width of a code. */
  readonly codeDim: number;
  /** Of the running means of the codes. */
  readonly decay: number;
  readonly decoderDim: number;
  readonly decoderDepth: number;
  readonly decoderHeads: number;
  /** What the decoder is to say of each patch: a frozen MAE's tokens, or the normalised pixels. */
  readonly target: MaeConfig | "pixels";
}

const TEACHER = "teacher.";
const CODES = "quantize.embedding.weight";
const SIZES = "quantize.cluster_size";

const encoderOf = (c: Beit2TokenizerConfig): ReplaceTokenViT => ({ ...c, maskToken: false, lastNorm: "fc_norm" });

function decoderOf(c: Beit2TokenizerConfig): ReplaceTokenViT {
  const { h, w } = patchGrid(c);
  const size = { imageSize: [h, w] as const, patchSize: 1, channels: c.codeDim };
  return { ...encoderOf(c), ...size, dim: c.decoderDim, depth: c.decoderDepth, heads: c.decoderHeads };
}

const targetDim = (c: Beit2TokenizerConfig) => (c.target === "pixels" ? c.patchSize ** 2 * c.channels : c.target.dim);

const toyTeacher: MaeConfig = { ...mae.toy.config, depth: 2 };

export const beit2Tokenizer: Method<Beit2TokenizerConfig> = {
  id: "beit2_tokenizer",
  title: "BEiT v2 tokenizer",
  paper: null,
  source: "Peng et al. 2022, BEiT v2, §3.1; microsoft/unilm, beit2",
  recipe: {
    masking: { file: "nn/patchEmbed", does: "none: the tokenizer sees the whole image" },
    target: { file: "state/frozen", does: "a frozen teacher's features of each patch" },
    objective: { file: "objective/negativeCosine", does: "cosine to the teacher, and vectors kept near their codes" },
    architecture: { file: "nn/vectorQuantizer", does: "encoder, codebook of unit vectors, light decoder" },
  },
  published: {
    vocabulary: { value: 8192, source: "microsoft/unilm, beit2/modeling_vqkd.py, n_code" },
    codeDim: { value: 32, source: "microsoft/unilm, beit2/modeling_vqkd.py, code_dim" },
    decay: { value: 0.99, source: "microsoft/unilm, beit2/norm_ema_quantizer.py" },
    decoder: { value: "1 or 3 blocks, 768 wide", source: "microsoft/unilm, beit2/modeling_vqkd.py" },
  },
  evidence: { level: "parity", proof: "test/golden/parity/beit2_vq.json.gz" },
  toy: {
    modality: "rgb",
    batch: 32,
    steps: 200,
    lr: 3e-3,
    classifies: false,
    config: {
      imageSize: [32, 32],
      patchSize: 8,
      channels: 3,
      dim: 64,
      depth: 1,
      heads: 4,
      eps: 1e-6,
      activation: "geluTanh",
      positions: "learned",
      relativePositions: "none",
      qkvBias: "qv",
      vocabulary: 64,
      codeDim: 16,
      decay: 0.99,
      decoderDim: 64,
      decoderDepth: 1,
      decoderHeads: 4,
      target: toyTeacher,
    },
  },
  specs: (c) => ({
    ...prefixed("encoder.", replaceTokenSpecs(encoderOf(c))),
    ...prefixed("decoder.", replaceTokenSpecs(decoderOf(c))),
    ...headSpecs("encode_task_layer", c.dim, c.codeDim),
    ...headSpecs("decode_task_layer", c.decoderDim, targetDim(c)),
  }),
  state: {
    init: (c) =>
      frozen({
        [CODES]: { shape: [c.vocabulary, c.codeDim], init: { normal: 1 } },
        [SIZES]: { shape: [c.vocabulary], init: { constant: 0 } },
        ...(c.target !== "pixels" && prefixed(TEACHER, mae.specs(c.target))),
      }).init(),
    update: (c, state, _, __, { codebook, quantized }) => {
      const before = { codebook: codebook as Tensor, clusterSize: param(state, SIZES) };
      const after = followVectors(before, quantized as unknown as Quantized, c.decay);
      return { ...state, [CODES]: after.codebook, [SIZES]: after.clusterSize };
    },
  },
  teachers: (c) =>
    c.target === "pixels"
      ? []
      : [teacherOf({ prefix: TEACHER, method: mae, config: c.target, steps: 100, lr: mae.toy.lr })],
  prepare: (c, { images }, draws, { step }) => {
    const { L } = patchGrid(c);
    const M = images!.shape[0]! * L;
    const rows = draws.permutation(M).slice(0, c.vocabulary);
    const seeds = Int32Array.from({ length: c.vocabulary }, (_, k) => rows[k % rows.length]!);
    return {
      images: images!,
      seeds: { shape: [c.vocabulary], data: seeds },
      first: { shape: [], data: Float32Array.of(step === 0 ? 1 : 0) },
    };
  },
  evaluate: (c, p, { images, seeds, first }, state) => {
    const { h, w, L } = patchGrid(c);
    const N = images!.shape[0] as number;
    const z = vectors(c, p, images!); //                                                 1    [N·L, d]
    const codebook = where(greater(first!, 0.5), stopGradient(embed(z, seeds!)), param(state, CODES));
    const quantized = quantize(z, normalize(codebook)); //                                2
    const map = transpose(reshape(quantized.codes, [N, h, w, c.codeDim]), [0, 3, 1, 2]); //   [N, d, h, w]
    const { latent } = encodeReplaced(decoderOf(c), under(p, "decoder."), map);
    const pred = head(p, "decode_task_layer", slice(latent, 1, 1)); //                   3    [N, L, F]
    const target = stopGradient(targetOf(c, images!, state)); //                              [N, L, F]
    const reconstruction = add(mean(negativeCosine(pred, target)), 1);
    const loss = add(reconstruction, quantized.commitment); //                           4    []
    const tokenIds = reshape(quantized.indices, [N, L]);
    return {
      loss,
      outputs: { pred, tokenIds, reconstruction, codebook: normalize(codebook), quantized: { ...quantized } },
    };
  },
  encode: (c, p, { images }) =>
    mean(slice(encodeReplaced(encoderOf(c), under(p, "encoder."), images!).latent, 1, 1), 1),
};

/** int32 [N, L], the visual token of each patch by a trained tokenizer; params and codes under their own names. */
export function visualTokens(c: Beit2TokenizerConfig, p: Params, images: Tensor): Tensor {
  const { indices } = quantize(vectors(c, p, images), normalize(param(p, CODES)));
  return reshape(indices, [images.shape[0] as number, patchGrid(c).L]);
}

/** What `visualTokens` needs of a trained tokenizer, as parameters that are not trained. */
export function visualTokenSpecs(c: Beit2TokenizerConfig): ParamSpecs {
  const specs: ParamSpecs = {
    ...prefixed("encoder.", replaceTokenSpecs(encoderOf(c))),
    ...headSpecs("encode_task_layer", c.dim, c.codeDim),
    [CODES]: { shape: [c.vocabulary, c.codeDim], init: { normal: 1 } },
  };
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, { ...spec, trainable: false as const }]),
  );
}

/** What is quantised, [N·L, d]. */
function vectors(c: Beit2TokenizerConfig, p: Params, images: Tensor): Tensor {
  const { latent } = encodeReplaced(encoderOf(c), under(p, "encoder."), images);
  return reshape(head(p, "encode_task_layer", slice(latent, 1, 1)), [-1, c.codeDim]);
}

/** Two linear layers with a hyperbolic tangent between. */
const head = (p: Params, name: string, x: Tensor): Tensor => linear(p, `${name}.2`, tanh(linear(p, `${name}.0`, x)));

const headSpecs = (name: string, D: number, out: number): ParamSpecs => ({
  ...linearSpecs(`${name}.0`, D, D),
  ...linearSpecs(`${name}.2`, D, out),
});

function targetOf(c: Beit2TokenizerConfig, images: Tensor, state: Params): Tensor {
  if (c.target === "pixels") return normalizedPixels(patchify(images, c.patchSize));
  return slice(encodeMae(c.target, under(state, TEACHER), images).latent, 1, 1);
}
