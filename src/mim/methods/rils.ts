/**
 * RILS. Yang et al. 2023, RILS: Masked Visual Reconstruction in Language Semantic Space, §3 (hustvl/RILS). Survey
 * §3.2: contrast of images and captions joined with masking, the space of language as target.
 *
 *   1  t_k = text encoder of the batch's captions, unit length: the prototypes              [N, E]
 *   2  f = E_θ(all patches) W,  g = D_ϕ(E_θ(visible patches), mask tokens) W                [N, L, E] each
 *   3  v = mean over patches of E_θ(all patches), times W; L_clip: v and t pick each other out of the batch
 *   4  q_i = softmax over the captions of cos(f_i, t_k) / τ_t, a constant                   [N, L, N]
 *      p_i = softmax over the captions of cos(g_i, t_k) / τ_s                               [N, L, N]
 *   5  L_rec = mean of KL(q_i ‖ p_i) over the hidden patches of images whose own caption is the closest
 *   6  loss = L_clip + λ L_rec
 *
 * Captions are both the other half of the contrast and the classes by which a patch is told, so a patch's target is another
 * in another batch. No gradient reaches q, whereas the captions inside p get theirs. One encoder sees both inputs: there is
 * no momentum teacher. Where a batch has no rightly picked image the sum over no patch is divided by 1e-6, as in the release.
 */
import {
  type AsymmetricViT,
  decode,
  decoderSpecs,
  encode,
  encoderSpecs,
  pooled,
} from "../architecture/asymmetricViT.ts";
import { encodeText, type TextTransformer, textTransformerSpecs } from "../architecture/textTransformer.ts";
import type { HostTensor, Method } from "../method.ts";
import { type Params, param, prefixed, under } from "../nn/params.ts";
import { imageTextContrast } from "../objective/imageTextContrast.ts";
import { kullbackLeibler } from "../objective/kullbackLeibler.ts";
import {
  add,
  argmax,
  cast,
  type DType,
  div,
  equal,
  exp,
  matmul,
  mul,
  normalize,
  range,
  reshape,
  slice,
  stopGradient,
  sum,
  type Tensor,
  transpose,
} from "../ops.ts";
import { SPECIAL, VOCABULARY } from "../toy/caption.ts";
import { mae } from "./mae.ts";

export interface RilsConfig extends AsymmetricViT, TextTransformer {
  readonly maskRatio: number;
  /** Token that ends a caption; the one of highest number unless given, as in CLIP's vocabulary. */
  readonly endToken?: number;
  /** τ_s and τ_t. */
  readonly studentTemperature: number;
  readonly teacherTemperature: number;
  /** λ */
  readonly reconstructionWeight: number;
}

const VISUAL = "visual.";

/** The image side as MAE's ViT: queries and values biased, the decoder as wide at its end as the encoder. */
const visual = (c: RilsConfig): AsymmetricViT => ({ ...c, qkvBias: "qv", predicted: c.dim });

export const rils: Method<RilsConfig> = {
  id: "rils",
  title: "RILS",
  paper: "yang2023rils",
  source: "Yang et al. 2023, §3; hustvl/RILS, losses.py, models.py and models_rils.py; survey §3.2",
  recipe: {
    masking: { file: "masking/random", does: "75 % of the patches" },
    target: { file: "methods/rils", does: "how much a patch of the whole image resembles each caption of the batch" },
    objective: { file: "objective/kullbackLeibler", does: "KL over captions, and contrast of images and captions" },
    architecture: {
      file: "architecture/textTransformer",
      does: "one ViT on visible and on all patches, one decoder block, a text transformer",
    },
  },
  published: {
    maskRatio: { value: 0.75, source: "hustvl/RILS, models.py" },
    studentTemperature: { value: 0.1, source: "hustvl/RILS, losses.py" },
    teacherTemperature: { value: 0.04, source: "hustvl/RILS, losses.py" },
    reconstructionWeight: { value: 0.5, source: "hustvl/RILS, losses.py" },
    decoder: { value: "1 block, 768 wide with ViT-B", source: "hustvl/RILS, models_rils.py" },
    text: { value: "12 blocks, 512 wide, shared space of 512 with ViT-B", source: "hustvl/RILS, models.py" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/rils.test.ts" },
  toy: {
    modality: "captions",
    batch: 16,
    steps: 800,
    lr: 3e-3,
    config: {
      imageSize: [32, 32],
      patchSize: 8,
      channels: 3,
      dim: 64,
      depth: 2,
      heads: 4,
      decoderDim: 64,
      decoderDepth: 1,
      decoderHeads: 4,
      eps: 1e-6,
      activation: "geluTanh",
      vocabulary: VOCABULARY.length,
      contextLength: 20,
      textDim: 48,
      textDepth: 1,
      textHeads: 4,
      embedDim: 48,
      endToken: SPECIAL.end,
      maskRatio: 0.75,
      studentTemperature: 0.1,
      teacherTemperature: 0.04,
      reconstructionWeight: 0.5,
    },
  },
  specs: (c) => ({
    ...textTransformerSpecs(c),
    image_projection: { shape: [c.dim, c.embedDim], init: { normal: c.dim ** -0.5 } },
    logit_scale: { shape: [], init: { constant: Math.log(1 / 0.07) } },
    ...prefixed(VISUAL, { ...encoderSpecs(visual(c)), ...decoderSpecs(visual(c)) }),
  }),
  prepare: (c, { images, tokens }, draws, progress) => ({
    ...mae.prepare(
      { ...visual(c), maskRatio: c.maskRatio, normalizedTarget: false },
      { images: images! },
      draws,
      progress,
    ),
    tokens: tokens!,
    ends: endsOf(tokens!, c.endToken),
  }),
  evaluate: (c, p, { images, tokens, ends, idsKeep, idsRestore, mask }) => {
    const [own, view] = [visual(c), under(p, VISUAL)];
    const text = encodeText(c, p, tokens!, ends!); //                                                1    [N, E]
    const full = encode(own, view, images!).latent; //                                               2    [N, 1 + L, D]
    const { pred } = decode(own, view, encode(own, view, images!, idsKeep).latent, idsRestore!); //       [N, L, D]
    const image = projected(p, pooled(own, full)); //                                                3    [N, E]
    const { loss: lossClip, logits } = imageTextContrast(image, text, exp(param(p, "logit_scale")));
    const likeness = (x: Tensor, temperature: number) => captionLogits(projected(p, x), text, temperature);
    const target = stopGradient(likeness(patchesOf(full), c.teacherTemperature)); //                 4    [N, L, N]
    const student = likeness(pred, c.studentTemperature);
    const N = images!.shape[0]!;
    const picked = cast(equal(argmax(logits), range(N)), logits.dtype as DType); //                       [N]
    const counted = mul(mask!, reshape(picked, [N, 1])); //                                               [N, L]
    const divergence = kullbackLeibler(target, student); //                                               [N, L]
    const lossRec = div(sum(mul(divergence, counted)), add(sum(counted), 1e-6)); //                  5    []
    const loss = add(lossClip, mul(lossRec, c.reconstructionWeight)); //                             6    []
    return { loss, outputs: { text, image, pred, target, student, picked, lossClip, lossRec } };
  },
  encode: (c, p, { images }) => pooled(visual(c), encode(visual(c), under(p, VISUAL), images!).latent),
};

/** Tokens of an encoder without the class token, [N, 1 + L, D] -> [N, L, D]. */
const patchesOf = (latent: Tensor): Tensor => slice(latent, 1, 1);

/** Image features in the space shared with captions, [..., D] -> [..., E]. */
const projected = (p: Params, x: Tensor): Tensor => {
  const W = param(p, "image_projection");
  const [D, E] = W.shape as [number, number];
  return reshape(matmul(reshape(x, [-1, D]), W), [...x.shape.slice(0, -1), E]);
};

/** Cosine of each patch [N, L, E] with each caption [N, E], over a temperature -> [N, L, N]. */
function captionLogits(patches: Tensor, text: Tensor, temperature: number): Tensor {
  const [N, L, E] = patches.shape as [number, number, number];
  const cosines = matmul(reshape(normalize(patches), [N * L, E]), transpose(normalize(text)));
  return mul(reshape(cosines, [N, L, -1]), 1 / temperature);
}

/** Where each caption ends, int32 [N, 1]: its first `end`, or its token of highest number. */
function endsOf({ shape, data }: HostTensor, end?: number): HostTensor {
  const [N, W] = shape as [number, number];
  const place = (n: number): number => {
    const caption = Array.from(data.subarray(n * W, (n + 1) * W));
    const found = caption.indexOf(end ?? Math.max(...caption));
    if (found < 0) throw new RangeError(`rils: expected token ${end} at the end of caption ${n}, found none`);
    return found;
  };
  return { shape: [N, 1], data: Int32Array.from({ length: N }, (_, n) => place(n)) };
}
