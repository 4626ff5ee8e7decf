/**
 * LocalMIM. Wang et al. 2023, Masked Image Modeling with Local Multi-Scale Reconstruction (huawei-noah/Efficient-Computing,
 * Self-supervised/LocalMIM).
 *
 *   1  I_v = mask(P), random, 75 % hidden                                     [N, K]
 *   2  Z_b = norm_i(output of encoder block b), b = 2nd, 4th, 3rd last, last   [N, 1 + K, D]
 *   3  P̂_i = decoder i of Z_b, on a grid 4, 2, 1, ½ times the patches'         [N, L s², bins C]
 *   4  Y_i = histograms of oriented gradients, cells of patch side / s         [N, L s², bins C]
 *   5  M_i = mask on the same grid; a coarse cell weighs as much of it is hidden
 *   6  loss = Σ_i Σ M_i · mean square(P̂_i - Y_i) / Σ M_i                       []
 *
 * Each term reaches the encoder only from its own block down: lower blocks learn from fine targets directly.
 */
import { encodeLayers, encoderSpecs, patchGrid } from "../architecture/asymmetricViT.ts";
import { type Scale, scaledDecode, scaledDecoderSpecs } from "../architecture/scaledDecoder.ts";
import { randomMasking } from "../masking/random.ts";
import { resizeMask } from "../masking/resizeMask.ts";
import type { HostTensor, Method } from "../method.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import type { ParamSpecs } from "../nn/params.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import { mean, slice, sumOf } from "../ops.ts";
import { hog, hogTokens, SOBEL } from "../target/hog.ts";
import { type MaeConfig, mae } from "./mae.ts";

export interface LocalMimConfig extends Omit<MaeConfig, "normalizedTarget"> {
  readonly bins: number;
  /** Offsets of the gradient, one pair a scale, as released models with `hog_bias` store them; none unless given. */
  readonly hogBias?: readonly (readonly [number, number])[];
}

const SCALES: readonly Scale[] = [4, 2, 1, 0.5];

/** The encoder blocks that are tapped, one a scale. */
export const tappedBlocks = (depth: number): number[] => [1, 3, depth - 3, depth - 1];

const { normalizedTarget: _, ...toyConfig } = mae.toy.config;

export const localMim: Method<LocalMimConfig> = {
  id: "localmim",
  title: "LocalMIM",
  paper: "wang2023localmim",
  source: "Wang et al. 2023; huawei-noah/Efficient-Computing, LocalMIM/ViT/models_mim.py",
  recipe: {
    masking: { file: "masking/random", does: "75 % of the patches, drawn by sorting noise" },
    target: { file: "target/hog", does: "oriented gradients in cells of four sizes" },
    objective: { file: "objective/maskedMean", does: "mean square over the hidden share of each grid, summed" },
    architecture: {
      file: "architecture/scaledDecoder",
      does: "visible-only encoder, a decoder at each of four depths",
    },
  },
  published: {
    maskRatio: { value: 0.75, source: "LocalMIM/ViT/README.md" },
    bins: { value: "9 for ViT-B, 18 for ViT-L", source: "LocalMIM/ViT/README.md" },
    decoder: { value: "1 block, 256 wide, 8 heads", source: "LocalMIM/ViT/models_mim.py" },
    epochs: { value: "1,600 for ViT-B, 800 for ViT-L", source: "LocalMIM/ViT/README.md" },
    learningRate: { value: "2e-4 · batch / 256 for ViT-B, 40 epochs of warm-up", source: "LocalMIM/ViT/README.md" },
  },
  evidence: { level: "parity", proof: "test/golden/parity/localmim.json.gz" },
  toy: { ...mae.toy, batch: 16, steps: 600, config: { ...toyConfig, patchSize: 8, depth: 6, bins: 9 } },
  specs: (c) => {
    const { "norm.weight": _weight, "norm.bias": _bias, ...encoder } = encoderSpecs(c);
    const scales = SCALES.map((scale, i) => ({
      ...layerNormSpecs(`norm.${i}`, c.dim),
      ...scaledDecoderSpecs(c, `decoder.${i}`, scale, c.bins * c.channels),
      ...filterSpecs(`hog_enc.${i}.conv`, c.hogBias?.[i]),
    }));
    return Object.assign({}, encoder, ...scales);
  },
  prepare: (c, { images }, draws) => {
    const N = images!.shape[0]!;
    const { h, w, L } = patchGrid(c);
    const { idsKeep, idsRestore, mask } = randomMasking(draws, N, L, c.maskRatio); //                 1
    const scales = SCALES.flatMap((scale, i) => {
      const bias = c.hogBias?.[i];
      const cells = hog(images!, { bins: c.bins, cell: c.patchSize / scale, ...(bias && { bias }) }); // 4
      const weights = resizeMask(mask, [h, w], scale); //                                             5
      return [
        [`target${i}`, hogTokens(cells, 1)],
        [`mask${i}`, { shape: [N, weights.length / N], data: weights }],
      ] as const;
    });
    return {
      images: images!,
      idsKeep: { shape: [N, idsKeep.length / N], data: idsKeep },
      idsRestore: { shape: [N, L], data: idsRestore },
      mask: { shape: [N, L], data: mask },
      ...(Object.fromEntries(scales) as Record<string, HostTensor>),
    };
  },
  evaluate: (c, p, inputs) => {
    const { layers } = encodeLayers(c, p, inputs.images!, inputs.idsKeep);
    const latents = tappedBlocks(c.depth).map((b, i) => layerNorm(p, `norm.${i}`, layers[b]!, c.eps)); // 2
    const preds = latents.map(
      (latent, i) => scaledDecode(c, p, `decoder.${i}`, SCALES[i]!, latent, inputs.idsRestore!), //                     3
    );
    const losses = preds.map((pred, i) => maskedMean(l2(pred, inputs[`target${i}`]!), inputs[`mask${i}`]!));
    return { loss: sumOf(...losses), outputs: { latents, preds, losses } }; //                           6
  },
  encode: (c, p, { images }) => {
    const last = encodeLayers(c, p, images!).layers.at(-1)!;
    return mean(slice(layerNorm(p, `norm.${SCALES.length - 1}`, last, c.eps), 1, 1), 1);
  },
};

/** The filters that released checkpoints hold beside the parameters. */
const filterSpecs = (name: string, bias?: readonly [number, number]): ParamSpecs => ({
  [`${name}.weight`]: { shape: [2, 1, 3, 3], init: { values: Float64Array.from(SOBEL) }, trainable: false },
  ...(bias && { [`${name}.bias`]: { shape: [2], init: { values: Float64Array.from(bias) }, trainable: false } }),
});
