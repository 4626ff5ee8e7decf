import type { Evaluation, HostInputs, HostTensor } from "../method.ts";
import { scaledDotProduct } from "../nn/attention.ts";
import { layerNorm } from "../nn/layerNorm.ts";
import { linear } from "../nn/linear.ts";
import { type Params, param } from "../nn/params.ts";
import { patchify } from "../nn/patchify.ts";
import {
  abs,
  add,
  concat,
  div,
  embed,
  gather,
  gelu,
  greater,
  mean,
  reshape,
  select,
  slice,
  square,
  sub,
  type Tensor,
  transpose,
  where,
} from "../ops.ts";
import type { Check, RunDType } from "./compare.ts";
import { type Fixture, options, ParityError } from "./fixture.ts";
import { evaluationParity, modelInputs, modelParams } from "./model.ts";
import { recordedDraws } from "./recordedDraws.ts";

/** Options of lucidrains/vit-pytorch, vit.py, mae.py and simmim.py, and their defaults. */
const OPTIONS = {
  image_size: 256,
  patch_size: 32,
  num_classes: 1000,
  dim: 1024,
  depth: 6,
  heads: 8,
  mlp_dim: 2048,
  pool: "cls",
  channels: 3,
  dim_head: 64,
  dropout: 0,
  emb_dropout: 0,
  decoder_dim: 512,
  decoder_depth: 1,
  decoder_heads: 8,
  decoder_dim_head: 64,
  masking_ratio: -1,
  apply_decoder_pos_emb_all: true,
  batch: 0,
};
type Options = typeof OPTIONS;

/** Names of the parameters of either objective, its vision transformer's classifier among them. */
const KNOWN =
  /^(mask_token|enc_to_dec\.\w+|decoder_pos_emb\.weight|to_pixels\.\w+|(to_patch|patch_to_emb)\..*|encoder\.(cls_token|pos_embedding|to_patch_embedding\.\d+\.\w+|mlp_head\..*)|(encoder\.transformer|decoder)\.(norm\.\w+|layers\.\d+\.[01]\.(norm\.\w+|(fn\.)?(to_qkv|to_out\.0|net\.\d)\.\w+)))$/;

/** Of every layer normalisation, PyTorch's default. */
const EPS = 1e-5;

/** lucidrains/vit-pytorch: its MAE where there is a decoder, else its SimMIM. Every layer normalisation has eps 1e-5. */
export async function vitPytorchParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const { encoder, vit, mae, simmim, model, ...flat } = fixture.config as Record<string, object>;
  const o = options({ ...fixture, config: { ...encoder, ...vit, ...model, ...mae, ...simmim, ...flat } }, OPTIONS);
  const params = modelParams(fixture, KNOWN);
  const images = modelInputs(fixture).images;
  if (!images) throw new ParityError("inputs: expected img, found none");
  const isMae = "decoder_pos_emb.weight" in params;
  const ratio = o.masking_ratio > 0 ? o.masking_ratio : isMae ? 0.75 : 0.5;
  const [N, L] = [
    images.shape[0]!,
    Math.floor(images.shape[2]! / o.patch_size) * Math.floor(images.shape[3]! / o.patch_size),
  ];
  const noise = recordedDraws(fixture.draws).uniform(N * L);
  const M = Math.floor(ratio * L);
  const split = splitByNoise(noise, [N, L], M, isMae ? "smallest" : "largest");
  const inputs: HostInputs = { images, ...split };
  const run = await evaluationParity(fixture, dtype, {
    evaluate: (p, x) => (isMae ? evaluateMae(o, p, x as never) : evaluateSimmim(o, p, x as never)),
    params,
    inputs,
    rename: ({ mask, masked, visible }) => ({
      masked_indices: masked!,
      unmasked_indices: visible!,
      masked_bool_mask: mask!,
      mask: mask!,
    }),
  });
  return run.checks;
}

/** Which M patches of each row are masked: those of least noise in rising order, or those of most in falling order. */
function splitByNoise(noise: Float64Array, [N, L]: [number, number], M: number, which: "smallest" | "largest") {
  const sign = which === "smallest" ? 1 : -1;
  const rows = Array.from({ length: N }, (_, n) =>
    Array.from({ length: L }, (_, i) => i).sort((a, b) => sign * (noise[n * L + a]! - noise[n * L + b]!) || a - b),
  );
  const mask = new Float32Array(N * L);
  rows.forEach((row, n) => {
    for (const i of row.slice(0, M)) mask[n * L + i] = 1;
  });
  const ids = (from: number, to: number): HostTensor => ({
    shape: [N, to - from],
    data: Int32Array.from(rows.flatMap((row) => row.slice(from, to))),
  });
  return { masked: ids(0, M), visible: ids(M, L), mask: { shape: [N, L], data: mask } };
}

interface Split {
  readonly images: Tensor;
  readonly masked: Tensor;
  readonly visible: Tensor;
  readonly mask: Tensor;
}

/** Visible tokens are encoded without a class token; the decoder sees mask tokens and those; mean square over masked patches. */
function evaluateMae(o: Options, p: Params, { images, masked, visible }: Split): Evaluation {
  const patches = patchify(images, o.patch_size);
  const tokens = add(patchTokens(p, patches), patchPositions(p, patches.shape[1]!));
  const encoded = transformer(p, "encoder.transformer", gather(tokens, visible), o.heads);
  const projected = p["enc_to_dec.weight"] ? linear(p, "enc_to_dec", encoded) : encoded;
  const table = param(p, "decoder_pos_emb.weight");
  const known = o.apply_decoder_pos_emb_all ? add(projected, embed(table, visible)) : projected;
  const asked = add(param(p, "mask_token"), embed(table, masked));
  const decoded = transformer(p, "decoder", concat([asked, known], 1), o.decoder_heads);
  const pred = linear(p, "to_pixels", slice(decoded, 1, 0, masked.shape[1]!));
  const target = gather(patches, masked);
  return { loss: mean(square(sub(pred, target))), outputs: { encoded, decoded, pred, target } };
}

/** All tokens are encoded, masked ones replaced; mean absolute difference over masked patches, over their number once more. */
function evaluateSimmim(o: Options, p: Params, { images, masked, mask }: Split): Evaluation {
  const patches = patchify(images, o.patch_size);
  const [N, L] = mask.shape as [number, number];
  const positions = patchPositions(p, L);
  const tokens = add(patchTokens(p, patches), positions);
  const hidden = add(param(p, "mask_token"), positions); // [1, L, D]
  const mixed = where(greater(reshape(mask, [N, L, 1]), 0.5), hidden, tokens);
  const encoded = transformer(p, "encoder.transformer", mixed, o.heads);
  const pred = linear(p, "to_pixels", gather(encoded, masked));
  const target = gather(patches, masked);
  const loss = div(mean(abs(sub(pred, target))), masked.shape[1]!);
  return { loss, outputs: { encoded, pred, target } };
}

/** A linear layer, with normalisations before and after it in newer versions. */
function patchTokens(p: Params, patches: Tensor): Tensor {
  let x = patches;
  for (let i = 1; p[`encoder.to_patch_embedding.${i}.weight`]; i++) {
    const name = `encoder.to_patch_embedding.${i}`;
    x = param(p, `${name}.weight`).ndim === 1 ? layerNorm(p, name, x, EPS) : linear(p, name, x);
  }
  return x;
}

/** [1, L, D], the class token's row left out. */
function patchPositions(p: Params, L: number): Tensor {
  const table = param(p, "encoder.pos_embedding");
  const rows = reshape(table, [1, -1, table.shape.at(-1)!]);
  return slice(rows, 1, rows.shape[1]! - L);
}

/** Blocks with normalisation first, and one at the end in newer versions. */
function transformer(p: Params, name: string, tokens: Tensor, heads: number): Tensor {
  let x = tokens;
  for (let i = 0; p[`${name}.layers.${i}.0.norm.weight`]; i++) {
    x = add(x, attend(p, `${name}.layers.${i}.0`, x, heads));
    x = add(x, feedForward(p, `${name}.layers.${i}.1`, x));
  }
  return p[`${name}.norm.weight`] ? layerNorm(p, `${name}.norm`, x, EPS) : x;
}

/** Queries, keys and values without biases; no projection with a single head as wide as the tokens. */
function attend(p: Params, name: string, x: Tensor, heads: number): Tensor {
  const at = p[`${name}.fn.to_qkv.weight`] ? `${name}.fn` : name;
  const [N, L] = x.shape as [number, number, number];
  const qkv = linear(p, `${at}.to_qkv`, layerNorm(p, `${name}.norm`, x, EPS));
  const apart = transpose(reshape(qkv, [N, L, 3, heads, -1]), [2, 0, 3, 1, 4]);
  const { y } = scaledDotProduct(select(apart, 0, 0), select(apart, 0, 1), select(apart, 0, 2));
  const mixed = reshape(transpose(y, [0, 2, 1, 3]), [N, L, -1]);
  return p[`${at}.to_out.0.weight`] ? linear(p, `${at}.to_out.0`, mixed) : mixed;
}

function feedForward(p: Params, name: string, x: Tensor): Tensor {
  if (p[`${name}.fn.net.0.weight`]) {
    const hidden = gelu(linear(p, `${name}.fn.net.0`, layerNorm(p, `${name}.norm`, x, EPS)));
    return linear(p, `${name}.fn.net.3`, hidden);
  }
  return linear(p, `${name}.net.4`, gelu(linear(p, `${name}.net.1`, layerNorm(p, `${name}.net.0`, x, EPS))));
}
