/**
 * MAGE. Li et al. 2023, MAGE: MAsked Generative Encoder to Unify Representation Learning and Image Synthesis (LTH14/mage).
 *
 *   1  t = tokenizer(X), a frozen vector-quantised network                        [N, L], 0 … V-1
 *   2  one ratio r a step from a normal law cut to [0.5, 1]; ⌈r L⌉ tokens of each sample are masked, and ⌈L / 2⌉ of them
 *      are left out of what the encoder sees
 *   3  Z = E_θ(class, the tokens left in, [M] for the masked among them)          [N, 1 + ⌊L / 2⌋, D]
 *   4  H: each visible token's latent in its place, the class token's in every masked place, learned positions
 *   5  logits = D_ϕ(H) W · embeddings of all tokens, held + b                     [N, 1 + L, vocabulary]
 *   6  loss = cross-entropy with t over the masked tokens, labels smoothed by 0.1  []
 *
 * At r = 1 the encoder sees nothing of the image: the same network generates, by parallel decoding. The softmax is over all
 * entries of the vocabulary, classes and mask included, as in the released code. Dropout of 0.1 is left out.
 */
import {
  decodeLatent,
  encodeIds,
  type GenerativeEncoder,
  generativeEncoderSpecs,
  vocabulary,
} from "../architecture/generativeEncoder.ts";
import { type DroppedTokens, droppedTokens, type RatioLaw } from "../masking/droppedTokens.ts";
import { type HostInputs, type HostTensor, type Inputs, type Method, teacherOf } from "../method.ts";
import { type Params, prefixed, under } from "../nn/params.ts";
import { crossEntropy } from "../objective/crossEntropy.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { broadcastTo, concat, mean, range, slice, type Tensor, tensor } from "../ops.ts";
import { type Beit2TokenizerConfig, beit2Tokenizer, visualTokenSpecs, visualTokens } from "./beit2Tokenizer.ts";

export interface MageConfig extends GenerativeEncoder {
  readonly ratio: RatioLaw;
  readonly smoothing: number;
  /** Makes the tokens; without one each batch brings its `tokenIds`, int32 [N, L]. */
  readonly tokenizer?: Beit2TokenizerConfig;
}

const TOKENIZER = "vqgan.";
const toyTokenizer: Beit2TokenizerConfig = { ...beit2Tokenizer.toy.config, target: "pixels" };

export const mage: Method<MageConfig> = {
  id: "mage",
  title: "MAGE",
  paper: "li2023mage",
  source: "Li et al. 2023; LTH14/mage, models_mage.py",
  recipe: {
    masking: { file: "masking/droppedTokens", does: "50 to 100 % of the tokens, half of all left out" },
    target: { file: "nn/vectorQuantizer", does: "visual tokens of a frozen tokenizer" },
    objective: { file: "objective/crossEntropy", does: "smoothed cross-entropy over the masked tokens" },
    architecture: {
      file: "methods/mage",
      does: "encoder on the tokens left in, decoder filled up with its class token",
    },
  },
  published: {
    ratio: { value: "mean 0.55, deviation 0.25, cut to 0.5 and 1", source: "LTH14/mage, models_mage.py" },
    smoothing: { value: 0.1, source: "LTH14/mage, models_mage.py" },
    codes: { value: 1024, source: "LTH14/mage, models_mage.py" },
    decoder: { value: "8 blocks, 512 wide", source: "LTH14/mage, models_mage.py" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/mage.test.ts" },
  toy: {
    modality: "rgb",
    batch: 32,
    steps: 200,
    lr: 3e-3,
    config: {
      imageSize: [32, 32],
      patchSize: 8,
      dim: 64,
      depth: 2,
      heads: 4,
      decoderDim: 32,
      decoderDepth: 1,
      decoderHeads: 4,
      eps: 1e-6,
      activation: "geluTanh",
      codes: toyTokenizer.vocabulary,
      classEntries: 1,
      noClass: 0,
      ratio: { mean: 0.55, deviation: 0.25, low: 0.5, high: 1 },
      smoothing: 0.1,
      tokenizer: toyTokenizer,
    },
  },
  specs: (c) => ({
    ...generativeEncoderSpecs(c),
    ...(c.tokenizer && prefixed(TOKENIZER, visualTokenSpecs(c.tokenizer))),
  }),
  teachers: ({ tokenizer: t }) =>
    t ? [teacherOf({ prefix: TOKENIZER, method: beit2Tokenizer, config: t, steps: 150, lr: 1e-3 })] : [],
  guide: (c, p, { images }): Inputs => (c.tokenizer ? { tokenIds: tokensOf(c, p, images!) } : {}), //       1
  prepare: (c, batch, draws, _, guide) => {
    const tokenIds = (batch.tokenIds ?? guide?.tokenIds) as HostTensor;
    const [N, L] = tokenIds.shape as [number, number];
    return maskedTokens(c, tokenIds, droppedTokens(draws, N, L, c.ratio)); //                                2
  },
  evaluate: (c, p, { tokenIds, keptIds, keptPlaces, sources, mask }) => {
    const latent = encodeIds(c, p, keptIds!, keptPlaces!); //                 3    [N, 1 + K, D]
    const logits = decodeLatent(c, p, latent, sources!); //                   4-5  [N, 1 + L, vocabulary]
    const losses = crossEntropy(slice(logits, 1, 1), tokenIds!, { smoothing: c.smoothing }); //  [N, L]
    const loss = maskedMean(losses, mask!); //                                6    []
    return { loss, outputs: { latent, logits } };
  },
  encode: (c, p, inputs) => {
    const tokenIds = inputs.tokenIds ?? tokensOf(c, p, inputs.images!);
    const [N, L] = tokenIds.shape as [number, number];
    const cls = tensor(new Int32Array(N).fill(c.codes + c.noClass), [N, 1], "int32");
    const latent = encodeIds(c, p, concat([cls, tokenIds], 1), broadcastTo(range(L + 1), [N, L + 1]));
    return mean(slice(latent, 1, 1), 1);
  },
};

const tokensOf = (c: MageConfig, p: Params, images: Tensor): Tensor => {
  if (!c.tokenizer) throw new RangeError("mage: expected a tokenizer or a batch with tokenIds, found neither");
  return visualTokens(c.tokenizer, under(p, TOKENIZER), images);
};

/** What the networks need of masked tokens [N, L]: ids and places that the encoder sees, and where the decoder looks. */
export function maskedTokens(c: MageConfig, tokenIds: HostTensor, { mask, dropped }: DroppedTokens): HostInputs {
  const [N, L] = tokenIds.shape as [number, number];
  const K = L - Array.from(dropped.subarray(0, L)).reduce((a, b) => a + b, 0);
  const keptIds = new Int32Array(N * (1 + K));
  const keptPlaces = new Int32Array(N * (1 + K));
  const sources = new Int32Array(N * (1 + L)); // 0, the class token, for every masked place
  for (let n = 0; n < N; n++) {
    let at = n * (1 + K);
    keptIds[at++] = c.codes + c.noClass;
    for (let i = 0; i < L; i++) {
      if (dropped[n * L + i]) continue;
      const hidden = mask[n * L + i] === 1;
      keptIds[at] = hidden ? vocabulary(c) - 1 : tokenIds.data[n * L + i]!;
      keptPlaces[at] = 1 + i;
      if (!hidden) sources[n * (1 + L) + 1 + i] = at - n * (1 + K);
      at++;
    }
  }
  return {
    tokenIds,
    keptIds: { shape: [N, 1 + K], data: keptIds },
    keptPlaces: { shape: [N, 1 + K], data: keptPlaces },
    sources: { shape: [N, 1 + L], data: sources },
    mask: { shape: [N, L], data: mask },
  };
}
