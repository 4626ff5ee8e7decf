/**
 * One transformer over the patches of several modalities of a scene, and a shallow decoder for each thing to be predicted. Bachmann et
 * al. 2022 (MultiMAE), §3; names of EPFL-VILAB/MultiMAE, multimae.py, input_adapters.py and output_adapters.py. All modalities have
 * patches of one size on one square grid. The encoder has no normalisation at its end.
 */
import { block, blockSpecs, mlp } from "../nn/block.ts";
import { crossAttention, crossAttentionSpecs } from "../nn/crossAttention.ts";
import { layerNorm, layerNormSpecs } from "../nn/layerNorm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpec, type ParamSpecs, type Params, param } from "../nn/params.ts";
import { patchEmbed, patchEmbedSpecs } from "../nn/patchEmbed.ts";
import { add, broadcastTo, concat, gather, reshape, slice, type Tensor, transpose } from "../ops.ts";
import { sinCos2d } from "../positions/sinCos2d.ts";
import { patchGrid } from "./asymmetricViT.ts";

export interface MultiModalViT {
  readonly imageSize: readonly [number, number];
  readonly patchSize: number;
  readonly dim: number;
  readonly depth: number;
  readonly heads: number;
  readonly decoderDim: number;
  /** Blocks after a decoder's cross-attention. */
  readonly decoderDepth: number;
  readonly decoderHeads: number;
  readonly mlpRatio?: number;
  readonly eps: number;
}

/** A modality that is seen: its name and channels. */
export interface SeenModality {
  readonly name: string;
  readonly channels: number;
}

/** Something to be predicted: the decoder's name, the modality whose patches it fills, and values of a patch. */
export interface Task {
  readonly name: string;
  readonly of: string;
  readonly predicted: number;
}

/** [1, D, h, w]: row in the first half of the channels, column in the second, as MoCo v3 and MultiMAE have it. */
function table({ imageSize, patchSize }: MultiModalViT, D: number): ParamSpec {
  const { h, w, L } = patchGrid({ imageSize, patchSize });
  const byPlace = sinCos2d(D, h, w); // [L, D], column first
  const values = Float64Array.from({ length: D * L }, (_, i) => {
    const [channel, place] = [Math.floor(i / L), i % L];
    return byPlace[place * D + ((channel + D / 2) % D)]!;
  });
  return { shape: [1, D, h, w], init: { values }, trainable: false };
}

const places = (p: Params, name: string): Tensor => {
  const x = param(p, name);
  return transpose(reshape(x, [1, x.shape[1]!, -1]), [0, 2, 1]); // [1, L, D]
};

const token = (D: number): ParamSpec => ({ shape: [1, 1, D], init: { normal: 0.02 } });

const blocks = (name: string, depth: number, D: number, mlpRatio?: number): ParamSpecs =>
  Object.assign(
    {},
    ...Array.from({ length: depth }, (_, i) => blockSpecs(`${name}.${i}`, { D, ...(mlpRatio && { mlpRatio }) })),
  );

export const multiModalSpecs = (
  c: MultiModalViT,
  seen: readonly SeenModality[],
  tasks: readonly Task[],
): ParamSpecs => ({
  global_tokens: token(c.dim),
  ...Object.assign(
    {},
    ...seen.map(({ name, channels }) => ({
      [`input_adapters.${name}.pos_emb`]: table(c, c.dim),
      ...patchEmbedSpecs(`input_adapters.${name}.proj`, channels, c.patchSize, c.patchSize, c.dim),
    })),
  ),
  ...blocks("encoder", c.depth, c.dim, c.mlpRatio),
  ...Object.assign({}, ...tasks.map((task) => decoderSpecs(c, seen, task))),
});

function decoderSpecs(c: MultiModalViT, seen: readonly SeenModality[], { name, predicted }: Task): ParamSpecs {
  const own = `output_adapters.${name}`;
  const D = c.decoderDim;
  const hidden = Math.floor(D * (c.mlpRatio ?? 4));
  return {
    ...Object.fromEntries(seen.map((modality) => [`${own}.task_embeddings.${modality.name}`, token(D)])),
    [`${own}.mask_token`]: { shape: [1, 1, D], init: { constant: 0 } },
    [`${own}.pos_emb`]: table(c, D),
    ...crossAttentionSpecs(`${own}.decoder`, D, D),
    ...layerNormSpecs(`${own}.context_norm`, D),
    ...layerNormSpecs(`${own}.query_norm`, D),
    ...layerNormSpecs(`${own}.out_norm`, D),
    ...linearSpecs(`${own}.mlp.fc1`, D, hidden),
    ...linearSpecs(`${own}.mlp.fc2`, hidden, D),
    ...blocks(`${own}.decoder_transformer`, c.decoderDepth, D, c.mlpRatio),
    ...linearSpecs(`${own}.out_proj`, D, predicted),
    ...linearSpecs(`${own}.proj_context`, c.dim, D),
  };
}

/** Maps [N, C, H, W] by modality and the tokens of all of them to keep, int32 [N, K] (all when absent) -> [N, K + 1, D], a global token last. */
export function encodeModalities(
  c: MultiModalViT,
  p: Params,
  seen: readonly SeenModality[],
  maps: Readonly<Record<string, Tensor>>,
  idsKeep?: Tensor,
): Tensor {
  const tokens = concat(
    seen.map(({ name }) =>
      add(patchEmbed(p, `input_adapters.${name}.proj`, maps[name]!), places(p, `input_adapters.${name}.pos_emb`)),
    ),
    1,
  );
  const visible = idsKeep ? gather(tokens, idsKeep) : tokens;
  let x = concat([visible, broadcastTo(param(p, "global_tokens"), [visible.shape[0]!, 1, c.dim])], 1);
  for (let i = 0; i < c.depth; i++) x = block(p, `encoder.${i}`, x, { heads: c.heads, eps: c.eps });
  return x;
}

/**
 * A task's patches from the latents [N, K + 1, D]: queries are the tokens of its modality, mask tokens among them, and look at all visible
 * tokens of all modalities -> [N, L, predicted]. The global token has neither place nor modality; queries are not added to what they found.
 */
export function decodeTask(
  c: MultiModalViT,
  p: Params,
  seen: readonly SeenModality[],
  task: Task,
  latent: Tensor,
  { idsKeep, idsRestore }: { readonly idsKeep: Tensor; readonly idsRestore: Tensor },
): Tensor {
  const own = `output_adapters.${task.name}`;
  const norm = (name: string, x: Tensor) => layerNorm(p, `${own}.${name}`, x, c.eps);
  const context = linear(p, `${own}.proj_context`, latent); // [N, K + 1, D']
  const [N, all] = idsRestore.shape as [number, number];
  const K = idsKeep.shape[1]!;
  const masks = broadcastTo(param(p, `${own}.mask_token`), [N, all - K, c.decoderDim]);
  const inPlace = gather(concat([slice(context, 1, 0, K), masks], 1), idsRestore);
  const marks = concat(
    seen.map(({ name }) => add(places(p, `${own}.pos_emb`), param(p, `${own}.task_embeddings.${name}`))),
    1,
  ); // [1, L · modalities, D']
  const placed = add(inPlace, marks);
  const { L } = patchGrid(c);
  const first = seen.findIndex(({ name }) => name === task.of) * L;
  const queries = slice(placed, 1, first, first + L);
  const looked = concat([gather(placed, idsKeep), slice(context, 1, K)], 1); // [N, K + 1, D']
  const found = crossAttention(
    p,
    `${own}.decoder`,
    norm("query_norm", queries),
    norm("context_norm", looked),
    c.decoderHeads,
  ).x;
  let x = add(found, mlp(p, `${own}.mlp`, norm("out_norm", found)));
  for (let i = 0; i < c.decoderDepth; i++) {
    x = block(p, `${own}.decoder_transformer.${i}`, x, { heads: c.decoderHeads, eps: c.eps });
  }
  return linear(p, `${own}.out_proj`, x);
}
