/**
 * BEiT. Bao et al. 2022, BEiT: BERT Pre-Training of Image Transformers, §2.
 * Survey §2.1, Algorithm 1 with visual tokens for pixels, by its steps:
 *
 *   1      P = split(X, h, w), embedded                              [N, L, D]
 *          z = tokenizer(X), a frozen network of its own             [N, L], 0 … V-1
 *   2      I_m = blocks of patches, about 40 % (paper's Algorithm 1) mask [N, L]
 *   6-7    the mask token M in place of P[I_m], a class token first  [N, 1 + L, D]
 *   3-5    H = E_θ of all tokens                                     [N, 1 + L, D]
 *   8      logits = one linear layer                                 [N, L, V]
 *   9      loss = mean cross-entropy of logits with z over I_m       []
 *
 * The paper's tokenizer is DALL-E's; here it is one of this package (methods/beit2Tokenizer.ts), trained on pixels first.
 */
import { patchGrid } from "../architecture/asymmetricViT.ts";
import { encodeReplaced, type ReplaceTokenViT, replaceTokenSpecs } from "../architecture/replaceTokenViT.ts";
import { type BlockwiseOptions, blockwiseMasking } from "../masking/blockwise.ts";
import { type HostInputs, type HostTensor, type Inputs, type Method, teacherOf } from "../method.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type HostParams, under } from "../nn/params.ts";
import { crossEntropy } from "../objective/crossEntropy.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { mean, slice } from "../ops.ts";
import { frozen } from "../state/frozen.ts";
import { type Beit2TokenizerConfig, beit2Tokenizer, visualTokens } from "./beit2Tokenizer.ts";

export interface BeitConfig extends ReplaceTokenViT {
  /** V, number of visual tokens. */
  readonly vocabulary: number;
  readonly blocks: BlockwiseOptions;
  /** Makes the tokens; without one each batch brings its `tokenIds`, int32 [N, L]. */
  readonly tokenizer?: Beit2TokenizerConfig;
}

const TOKENIZER = "tokenizer.";

const toyTokenizer: Beit2TokenizerConfig = { ...beit2Tokenizer.toy.config, target: "pixels" };

export const beit: Method<BeitConfig> = {
  id: "beit",
  title: "BEiT",
  paper: null,
  source: "Bao et al. 2022, §2; survey §2.1",
  recipe: {
    masking: { file: "masking/blockwise", does: "blocks of patches, about 40 % of them" },
    target: { file: "nn/vectorQuantizer", does: "visual tokens of a frozen tokenizer" },
    objective: { file: "objective/crossEntropy", does: "cross-entropy over the masked patches" },
    architecture: {
      file: "architecture/replaceTokenViT",
      does: "encoder on patches and mask tokens, one linear layer",
    },
  },
  published: {
    maskedPatches: { value: "75 of 196", source: "microsoft/unilm, beit/README, --num_mask_patches" },
    vocabulary: { value: 8192, source: "microsoft/unilm, beit, beit_base_patch16_224_8k_vocab" },
    learningRate: { value: "1.5e-3 at batch 2048", source: "microsoft/unilm, beit/README" },
    epochs: { value: "800 on ImageNet-1k, 150 on ImageNet-22k", source: "microsoft/unilm, beit/README" },
    layerScale: { value: "0.1 (base), 1e-5 (large)", source: "microsoft/unilm, beit/README" },
  },
  evidence: { level: "parity", proof: "test/golden/parity/beit.json.gz" },
  toy: {
    modality: "rgb",
    batch: 24,
    steps: 700,
    lr: 3e-3,
    config: {
      imageSize: [32, 32],
      patchSize: 8,
      channels: 3,
      dim: 64,
      depth: 2,
      heads: 4,
      eps: 1e-6,
      activation: "geluTanh",
      positions: "learned",
      relativePositions: "perBlock",
      qkvBias: "qv",
      layerScale: 1,
      vocabulary: toyTokenizer.vocabulary,
      blocks: { hidden: 7, minBlock: 2, minAspect: 0.3 },
      tokenizer: toyTokenizer,
    },
  },
  specs: (c) => ({ ...replaceTokenSpecs(c), ...linearSpecs("lm_head", c.dim, c.vocabulary) }),
  state: {
    init: ({ tokenizer: t }) => (t ? untrainedTokenizer(t) : {}),
    update: (_, state) => state,
  },
  teachers: ({ tokenizer: t }) =>
    t ? [teacherOf({ prefix: TOKENIZER, method: beit2Tokenizer, config: t, steps: 100, lr: 1e-3 })] : [],
  guide: ({ tokenizer: t }, _, { images }, state): Inputs =>
    t ? { tokenIds: visualTokens(t, under(state, TOKENIZER), images!) } : {},
  prepare: (c, batch, draws, _, guide) => {
    const { h, w, L } = patchGrid(c);
    const N = batch.images!.shape[0]!;
    const mask = blockwiseMasking(draws, N, [h, w], c.blocks); //                                  2
    return { images: batch.images!, tokenIds: tokenIdsOf(batch, guide), mask: { shape: [N, L], data: mask } };
  },
  evaluate: (c, p, { images, mask, tokenIds }) => {
    const { latent } = encodeReplaced(c, p, images!, mask!); //                     1, 6-7, 3-5    [N, 1 + L, D]
    const logits = linear(p, "lm_head", slice(latent, 1, 1)); //                          8        [N, L, V]
    const loss = maskedMean(crossEntropy(logits, tokenIds!), mask!); //                   9        []
    return { loss, outputs: { logits, latent } };
  },
  encode: (c, p, { images }) => mean(slice(encodeReplaced(c, p, images!).latent, 1, 1), 1),
};

function untrainedTokenizer(t: Beit2TokenizerConfig): HostParams {
  const params = frozen(beit2Tokenizer.specs(t)).init();
  const all = { ...params, ...beit2Tokenizer.state?.init(t, params) };
  return Object.fromEntries(Object.entries(all).map(([name, x]) => [TOKENIZER + name, x]));
}

function tokenIdsOf(batch: HostInputs, guide: HostInputs | undefined): HostTensor {
  const ids = batch.tokenIds ?? guide?.tokenIds;
  if (!ids) throw new RangeError("beit: expected a tokenizer or a batch with tokenIds, found neither");
  return ids;
}
