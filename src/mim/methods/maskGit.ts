/**
 * MaskGIT. Chang et al. 2022, MaskGIT: Masked Generative Image Transformer, §3.
 * Survey §2.1, Algorithm 1 on visual tokens, with a rate of masking that is drawn anew for each image:
 *
 *   1      t = tokenizer(X), a frozen vector-quantised network          [N, L], 0 … V-1
 *   2      u uniform in [0, 1); ⌈cos(π u / 2) L⌉ of the tokens masked   mask [N, L]
 *   6-7    the mask entry in place of masked tokens                     [N, L]
 *   3-5    H = bidirectional transformer of all tokens                  [N, L, D]
 *   8      logits = products with the token embeddings                  [N, L, V]
 *   9      loss = cross-entropy with t over the masked tokens, labels smoothed by 0.1   []
 *
 * An image is made from nothing but masks in a few rounds (generate/parallelDecode.ts). The released models condition on a
 * class; here no label is seen.
 */
import { patchGrid } from "../architecture/asymmetricViT.ts";
import {
  codeLogits,
  encodeSequence,
  type TokenTransformer,
  tokenTransformerSpecs,
} from "../architecture/tokenTransformer.ts";
import { scheduledTokens } from "../masking/scheduledTokens.ts";
import type { TokenSchedule } from "../masking/tokenSchedule.ts";
import { type HostTensor, type Method, teacherOf } from "../method.ts";
import { type Params, prefixed, under } from "../nn/params.ts";
import { crossEntropy } from "../objective/crossEntropy.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { greater, mean, type Tensor, where } from "../ops.ts";
import { type Beit2TokenizerConfig, beit2Tokenizer, visualTokenSpecs, visualTokens } from "./beit2Tokenizer.ts";

export interface MaskGitConfig {
  /** Height and width in pixels. */
  readonly imageSize: readonly [number, number];
  readonly transformer: TokenTransformer;
  readonly schedule: TokenSchedule;
  readonly smoothing: number;
  readonly tokenizer: Beit2TokenizerConfig;
}

const TOKENIZER = "vqgan.";
const toyTokenizer: Beit2TokenizerConfig = { ...beit2Tokenizer.toy.config, target: "pixels" };

export const maskGit: Method<MaskGitConfig> = {
  id: "maskgit",
  title: "MaskGIT",
  paper: "chang2022maskgit",
  source: "Chang et al. 2022, §3; survey §2.1",
  recipe: {
    masking: { file: "masking/scheduledTokens", does: "tokens at a rate drawn through a cosine" },
    target: { file: "nn/vectorQuantizer", does: "visual tokens of a frozen tokenizer" },
    objective: { file: "objective/crossEntropy", does: "smoothed cross-entropy over the masked tokens" },
    architecture: {
      file: "architecture/tokenTransformer",
      does: "bidirectional transformer on tokens and mask entries",
    },
  },
  published: {
    schedule: { value: "cosine", source: "google-research/maskgit, maskgit_class_cond_config.py" },
    rounds: { value: 12, source: "google-research/maskgit, libml/parallel_decode.py" },
    choiceTemperature: { value: 4.5, source: "google-research/maskgit, maskgit_class_cond_config.py" },
    smoothing: { value: 0.1, source: "google-research/maskgit, maskgit_class_cond_config.py" },
    optimizer: {
      value: "1e-4, betas 0.9 and 0.96, weight decay 0.045",
      source: "google-research/maskgit, maskgit_class_cond_config.py",
    },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/maskGit.test.ts" },
  toy: {
    modality: "rgb",
    batch: 24,
    steps: 200,
    lr: 3e-3,
    classifies: false,
    config: {
      imageSize: [32, 32],
      transformer: {
        codes: toyTokenizer.vocabulary,
        length: 16,
        dim: 64,
        depth: 2,
        heads: 4,
        eps: 1e-6,
        activation: "geluTanh",
      },
      schedule: "cosine",
      smoothing: 0.1,
      tokenizer: toyTokenizer,
    },
  },
  specs: (c) => ({ ...tokenTransformerSpecs(c.transformer), ...prefixed(TOKENIZER, visualTokenSpecs(c.tokenizer)) }),
  teachers: (c) => [
    teacherOf({
      prefix: TOKENIZER,
      method: beit2Tokenizer,
      config: c.tokenizer,
      steps: 100,
      lr: beit2Tokenizer.toy.lr,
    }),
  ],
  guide: (c, p, { images }) => ({ tokenIds: tokensOf(c, p, images!) }), //                              1
  prepare: (c, batch, draws, _, guide) => {
    const tokenIds = (batch.tokenIds ?? guide?.tokenIds) as HostTensor;
    const [N, L] = tokenIds.shape as [number, number];
    return { tokenIds, mask: { shape: [N, L], data: scheduledTokens(draws, N, L, c.schedule) } }; //  2
  },
  evaluate: (c, p, { tokenIds, mask }) => {
    const logits = maskGitLogits(c, p, masked(c, tokenIds!, mask!)); //                       6-8, 3-5  [N, L, V]
    const loss = maskedMean(crossEntropy(logits, tokenIds!, { smoothing: c.smoothing }), mask!); //  9  []
    return { loss, outputs: { logits } };
  },
  encode: (c, p, { images }) => mean(encodeSequence(c.transformer, p, tokensOf(c, p, images!)), 1),
};

/** Logits [N, L, V] of every place, given ids int32 [N, L] of which some are the mask entry, V. */
export const maskGitLogits = (c: MaskGitConfig, p: Params, ids: Tensor): Tensor =>
  codeLogits(c.transformer, p, encodeSequence(c.transformer, p, ids));

function tokensOf(c: MaskGitConfig, p: Params, images: Tensor): Tensor {
  const { L } = patchGrid(c.tokenizer);
  if (L !== c.transformer.length) {
    throw new RangeError(
      `maskgit: expected a transformer of ${L} tokens, as the tokenizer has, found ${c.transformer.length}`,
    );
  }
  return visualTokens(c.tokenizer, under(p, TOKENIZER), images);
}

const masked = (c: MaskGitConfig, ids: Tensor, mask: Tensor): Tensor =>
  where(greater(mask, 0.5), c.transformer.codes, ids);
