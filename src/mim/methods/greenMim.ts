/**
 * GreenMIM. Huang et al. 2022, Green Hierarchical Vision Transformer for Masked Image Modeling, §3; LayneH/GreenMIM.
 * Survey §2.1, Algorithm 1, with an encoder whose windows and mergings see visible patches alone:
 *
 *   1      P = split(X, h, w); cells are those of the encoder's last map, s pixels a side      [N, L', s²C]
 *   2      I_v, I_m = mask(P, α, n), one mask for the whole batch                              [K], [L' - K]
 *          of each stage, visible tokens packed into groups of windows (the knapsack problem)  [G, S]
 *   3-5    H = Swin on the visible tokens: attention inside a group, pairs of different windows
 *          left out, positions by coordinates; four visible tokens merge into one              [N, K, D']
 *   6-7    mask tokens at hidden cells                                                         [N, L', D'']
 *   8      P̂ = decoder, one block                                                              [N, L', s²C]
 *   9      loss = mean square over I_m of P̂ and pixels normalised cell by cell                 []
 *
 * The paper searches for the size of a group that costs least; the released code takes the fullest window's number of tokens
 * (`groupSize: "fullestWindow"`). With "window" a group has room for a whole window, which the search may also find: then
 * shapes are the same for every mask. `decoderOrder: "drawn"` is what the release does: the encoder gives visible cells in the
 * image's order, but the decoder puts them at visible places in the order in which they were drawn; the paper says nothing of
 * it, and "image" puts each at its own place. Built here: Swin; the release has Twins beside it.
 */
import { type AsymmetricViT, decode, decoderSpecs, patchGrid } from "../architecture/asymmetricViT.ts";
import { lastMap } from "../architecture/maskedEncoder.ts";
import { encodeSwin, type Swin, swinSpecs } from "../architecture/swin.ts";
import { asSwin, encodeVisibleSwin, visiblePlan } from "../architecture/visibleSwin.ts";
import { randomMasking } from "../masking/random.ts";
import { visibleFirst } from "../masking/visibleFirst.ts";
import type { Method } from "../method.ts";
import { prefixed, under } from "../nn/params.ts";
import { patchify } from "../nn/patchify.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { broadcastTo, mean, type Tensor } from "../ops.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { maskedPictures } from "../train/pictures.ts";

export interface GreenMimConfig extends Swin {
  /** Share α of the cells that is hidden. */
  readonly maskRatio: number;
  readonly groupSize: "fullestWindow" | "window";
  readonly decoderOrder: "image" | "drawn";
  readonly decoderDim: number;
  readonly decoderDepth: number;
  readonly decoderHeads: number;
  readonly normalizedTarget: boolean;
}

/** MAE's decoder over the cells of the last map. */
const decoderOf = (c: GreenMimConfig): AsymmetricViT => ({
  imageSize: c.imageSize,
  patchSize: lastMap(c).stride,
  channels: c.channels,
  dim: lastMap(c).dim,
  depth: 0,
  heads: 1,
  decoderDim: c.decoderDim,
  decoderDepth: c.decoderDepth,
  decoderHeads: c.decoderHeads,
  eps: c.eps,
  activation: c.activation,
  classToken: false,
});

export const greenMim: Method<GreenMimConfig> = {
  id: "greenmim",
  title: "GreenMIM",
  paper: "huang2022greenmim",
  source: "Huang et al. 2022, §3; LayneH/GreenMIM, modeling/; survey §3.10",
  recipe: {
    masking: { file: "masking/random", does: "75 % of the last map's cells, one mask for the batch" },
    target: { file: "target/normalizedPixels", does: "pixels, normalised cell by cell" },
    objective: { file: "objective/l2", does: "mean square over the masked cells" },
    architecture: {
      file: "architecture/visibleSwin",
      does: "Swin on visible tokens in groups of windows, light decoder",
    },
  },
  published: {
    maskRatio: { value: 0.75, source: "LayneH/GreenMIM, scripts/run_greenmim_swin_base.sh" },
    decoder: { value: "1 block, 512 wide, 16 heads", source: "LayneH/GreenMIM, modeling/model_factory.py" },
    window: { value: "7, or 14", source: "LayneH/GreenMIM, modeling/model_factory.py" },
    learningRate: { value: "1.5e-4 · batch / 256, 40 epochs of warm-up", source: "LayneH/GreenMIM, scripts, as above" },
    epochs: { value: 200, source: "LayneH/GreenMIM, scripts, as above" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/greenMim.test.ts" },
  toy: {
    modality: "rgb",
    batch: 16,
    steps: 900,
    lr: 3e-3,
    config: {
      imageSize: [32, 32],
      patchSize: 4,
      channels: 3,
      dim: 48,
      depths: [2, 2],
      heads: [4, 4],
      window: 4,
      qkvBias: true,
      eps: 1e-6,
      activation: "geluTanh",
      patchNorm: true,
      maskToken: false,
      maskRatio: 0.75,
      groupSize: "window",
      decoderOrder: "image",
      decoderDim: 48,
      decoderDepth: 1,
      decoderHeads: 4,
      normalizedTarget: true,
    },
  },
  specs: (c) => ({ ...prefixed("encoder.", swinSpecs(c)), ...decoderSpecs(decoderOf(c)) }),
  prepare: (c, { images }, draws) => {
    const { L } = patchGrid(decoderOf(c));
    const drawn = randomMasking(draws, 1, L, c.maskRatio); //                             2
    const { idsRestore } = c.decoderOrder === "drawn" ? drawn : visibleFirst(drawn.mask, 1, L);
    return {
      images: images!,
      mask: { shape: [1, L], data: drawn.mask },
      idsRestore: { shape: [1, L], data: idsRestore },
      ...visiblePlan(c, drawn.mask, { sameShape: c.groupSize === "window" }),
    };
  },
  evaluate: (c, p, { images, mask, idsRestore, ...plan }) => {
    const N = images!.shape[0]!;
    const { L } = patchGrid(decoderOf(c));
    const P = patchify(images!, lastMap(c).stride); //                                    1    [N, L', s²C]
    const latent = encodeVisibleSwin(c, under(p, "encoder."), images!, plan); //          3-5  [N, K, D']
    const { pred } = decode(decoderOf(c), p, latent, broadcastTo(idsRestore!, [N, L])); // 6-8 [N, L', s²C]
    const target = c.normalizedTarget ? normalizedPixels(P) : P;
    const loss = maskedMean(l2(pred, target), broadcastTo(mask!, [N, L])); //             9    []
    return { loss, outputs: { pred, latent, target } };
  },
  encode: (c, p, { images }) => mean(encodeSwin(c, asSwin(c, under(p, "encoder.")), images!).latent, 1),
  pictures: (c, { images, mask }, { pred }) => {
    const shown = { ...decoderOf(c), normalizedTarget: c.normalizedTarget };
    const [N, L] = (pred as Tensor).shape as [number, number];
    return maskedPictures(shown, images!, broadcastTo(mask!, [N, L]), pred as Tensor);
  },
};
