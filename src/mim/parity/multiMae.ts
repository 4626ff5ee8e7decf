import { dirichletBudget, keepFirst } from "../masking/dirichletBudget.ts";
import type { HostInputs, HostTensor, Inputs } from "../method.ts";
import { block, mlp } from "../nn/block.ts";
import { convolution } from "../nn/convolution.ts";
import { crossAttention } from "../nn/crossAttention.ts";
import { layerNorm } from "../nn/layerNorm.ts";
import { linear } from "../nn/linear.ts";
import { type Params, param, under } from "../nn/params.ts";
import { patchify, unpatchify } from "../nn/patchify.ts";
import {
  abs,
  add,
  broadcastTo,
  concat,
  type DType,
  div,
  embed,
  gather,
  logSoftmax,
  maximum,
  mean,
  minimum,
  mul,
  neg,
  oneHot,
  repeat,
  reshape,
  slice,
  square,
  sub,
  sum,
  sumOf,
  type Tensor,
  transpose,
} from "../ops.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import type { Check, RunDType } from "./compare.ts";
import { type Fixture, isTensor, options, ParityError } from "./fixture.ts";
import { evaluationParity, modelInputs, modelParams } from "./model.ts";
import { recordedDraws } from "./recordedDraws.ts";

/** Options of EPFL-VILAB/MultiMAE, multimae.py and run_pretraining_multimae.py; widths and depths follow from the parameters. */
const OPTIONS = {
  image_size: 224,
  img_size: 224,
  input_size: 224,
  patch_size: 16,
  patch_size_full: 16,
  dim_tokens: 768,
  depth: 12,
  num_heads: 12,
  mlp_ratio: 4,
  qkv_bias: true,
  num_global_tokens: 1,
  num_encoded_tokens: 98,
  alphas: 1,
  sample_tasks_uniformly: false,
  decoder_dim: 256,
  decoder_depth: 2,
  decoder_num_heads: 8,
  decoder_use_task_queries: true,
  decoder_use_xattn: true,
  use_task_queries: true,
  in_domains: null,
  out_domains: null,
  domains: [] as readonly string[],
  tasks: [] as readonly string[],
  encoder: {} as Readonly<Record<string, unknown>>,
  decoder: {} as Readonly<Record<string, unknown>>,
  input_adapter: {} as Readonly<Record<string, unknown>>,
  output_adapter: {} as Readonly<Record<string, unknown>>,
  input_adapters: {} as Readonly<Record<string, unknown>>,
  output_adapters: {} as Readonly<Record<string, unknown>>,
  losses: {} as Readonly<Record<string, string>>,
  stride_level: null,
  norm_pix_loss: false,
  standardize_depth: false,
  extra_norm_pix_loss: false,
  loss_on_unmasked: false,
  label_smoothing: 0,
  layer_norm_eps: 1e-6,
};
type Options = typeof OPTIONS;

/** Names of the released model's parameters. */
const KNOWN =
  /^(global_tokens|input_adapters\.\w+\.(pos_emb|class_emb\.weight|proj\.\w+)|output_adapters\.\w+\.(mask_token|pos_emb|task_embeddings\.\w+|(proj_context|context_norm|query_norm|out_norm|out_proj)\.\w+|decoder\.(q|kv|proj)\.\w+|mlp\.fc[12]\.\w+)|(encoder|output_adapters\.\w+\.decoder_transformer)\.\d+\.(norm[12]\.\w+|attn\.(qkv|proj)\.\w+|mlp\.fc[12]\.\w+))$/;

/** Names of the parts of a module list: the domains of `input_adapters.rgb.proj.weight` … in their order. */
const domainsOf = (names: readonly string[], list: string): string[] => [
  ...new Set(names.flatMap((name) => (name.startsWith(`${list}.`) ? [name.split(".")[1]!] : []))),
];

/**
 * EPFL-VILAB/MultiMAE: tokens of several modalities of which a shared budget is seen, and a cross-attention decoder for each
 * that is predicted. Losses are those of the release by domain: mean square for rgb, absolute for depth, cross-entropy for
 * semseg, unless `losses` names them.
 */
export async function multiMaeParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const { alphas, ...config } = fixture.config;
  const decoder = (config.decoder ?? config.output_adapter ?? anyOf(config.output_adapters)) as { num_heads?: number };
  const o = options(
    { ...fixture, config },
    { ...OPTIONS, ...(decoder?.num_heads && { decoder_num_heads: decoder.num_heads }) },
  );
  const params = modelParams(fixture, KNOWN);
  const names = Object.keys(params);
  const [seen, predicted] = [domainsOf(names, "input_adapters"), domainsOf(names, "output_adapters")];
  const images = domainInputs(fixture, [...seen, ...predicted]);
  const N = images[seen[0]!]!.shape[0]!;
  const counts = seen.map((domain) => {
    const [h, w] = params[`input_adapters.${domain}.pos_emb`]!.shape.slice(2) as [number, number];
    return h * w;
  });
  const masks = masksOf(fixture, o, { alphas, N, seen, counts });
  const total = counts.reduce((a, b) => a + b, 0);
  const inputs: HostInputs = {
    ...prefixedHost("domain:", images),
    idsKeep: { shape: [N, masks.idsKeep.length / N], data: masks.idsKeep },
    idsRestore: { shape: [N, total], data: masks.idsRestore },
    ...Object.fromEntries(
      seen.map((domain, i) => [`mask:${domain}`, { shape: [N, counts[i]!], data: masks.masks[i]! }]),
    ),
  };
  const run = await evaluationParity(fixture, dtype, {
    evaluate: (p, x) => evaluate(o, { seen, predicted, counts }, p, x),
    params,
    inputs,
    rename: (_, ours) => ({
      ids_keep: inputs.idsKeep!,
      ids_restore: inputs.idsRestore!,
      ...Object.fromEntries(
        seen.flatMap((domain) => {
          const mask = inputs[`mask:${domain}`]!;
          return [`task_masks.${domain}`, `masks.${domain}`, `mask_${domain}`].map((name) => [name, mask]);
        }),
      ),
      ...Object.fromEntries(
        predicted.flatMap((domain) => [
          [`pred_${domain}`, ours[`preds.${domain}`]!],
          [`loss_${domain}`, ours[`losses.${domain}`]!],
        ]),
      ),
    }),
  });
  return run.checks;
}

/** One of the described adapters, which share their sizes. */
const anyOf = (adapters: unknown): unknown => Object.values((adapters ?? {}) as object)[0];

/** Each modality's recorded tensor; a modality predicted in normalised pixels has the images of the plain one. */
function domainInputs(fixture: Fixture, domains: readonly string[]): Record<string, HostTensor> {
  const given = modelInputs(fixture);
  return Object.fromEntries(
    [...new Set(domains)].map((domain) => {
      const x = given[domain] ?? given[domain.replace(/^norm_/, "")] ?? (/rgb/.test(domain) ? given.images : undefined);
      if (!x) throw new ParityError(`inputs: expected ${domain}, found ${Object.keys(given).join(", ")}`);
      return [domain, x];
    }),
  );
}

const prefixedHost = (prefix: string, record: HostInputs): HostInputs =>
  Object.fromEntries(Object.entries(record).map(([name, x]) => [prefix + name, x]));

interface Budgeted {
  readonly alphas: unknown;
  readonly N: number;
  readonly seen: readonly string[];
  readonly counts: readonly number[];
}

/** Recorded masks, or those that recorded draws give. */
function masksOf(fixture: Fixture, o: Options, { alphas, N, seen, counts }: Budgeted) {
  const given = seen.map((domain) => fixture.inputs?.[`task_masks.${domain}`] ?? fixture.inputs?.[`mask_${domain}`]);
  const total = counts.reduce((a, b) => a + b, 0);
  if (given.every(isTensor)) {
    const all = new Float64Array(N * total);
    let from = 0;
    given.forEach((mask, i) => {
      for (let at = 0; at < N * counts[i]!; at++) {
        all[Math.floor(at / counts[i]!) * total + from + (at % counts[i]!)] = mask.data[at]!;
      }
      from += counts[i]!;
    });
    const split = keepFirst(all, N, total, all.filter((m) => m === 0).length / N);
    return { ...split, masks: given.map((mask) => Float32Array.from(mask.data)) };
  }
  const draws = fixture.draws ?? [];
  const plain = Array.isArray(alphas)
    ? (alphas as number[])
    : seen.map(() => (typeof alphas === "number" ? alphas : 1));
  if (!o.sample_tasks_uniformly) {
    return dirichletBudget(recordedDraws(draws), N, counts, { keep: o.num_encoded_tokens, concentration: plain });
  }
  const chosen = draws[0]?.out;
  if (!isTensor(chosen)) throw new ParityError("draws[0]: expected one subset of the tasks a sample, found none");
  const concentration = Array.from(chosen.data).flatMap((subset) =>
    seen.map((_, i) => (((subset + 1) >> (seen.length - 1 - i)) & 1) * plain[i]! + 1e-5),
  );
  return dirichletBudget(recordedDraws(draws.slice(1)), N, counts, { keep: o.num_encoded_tokens, concentration });
}

interface Tasks {
  readonly seen: readonly string[];
  readonly predicted: readonly string[];
  readonly counts: readonly number[];
}

function evaluate(o: Options, tasks: Tasks, p: Params, x: Inputs) {
  const images = under(x, "domain:");
  const all = concat(
    tasks.seen.map((domain) => inputTokens(under(p, `input_adapters.${domain}.`), images[domain]!)),
    1,
  );
  const N = all.shape[0]!;
  const global = param(p, "global_tokens");
  let tokens = concat([gather(all, x.idsKeep!), broadcastTo(global, [N, ...global.shape.slice(1)])], 1);
  for (let i = 0; p[`encoder.${i}.norm1.weight`]; i++) {
    tokens = block(p, `encoder.${i}`, tokens, { heads: o.num_heads, eps: o.layer_norm_eps });
  }
  const preds: Record<string, Tensor> = {};
  const losses: Record<string, Tensor> = {};
  for (const domain of tasks.predicted) {
    const own = under(p, `output_adapters.${domain}.`);
    const pred = decode(o, tasks, domain, own, tokens, x, images[domain]!);
    preds[domain] = pred;
    losses[domain] = domainLoss(o, domain, pred, images[domain]!, own, x[`mask:${domain.replace(/^norm_/, "")}`]);
  }
  return { loss: sumOf(...Object.values(losses)), outputs: { encoder_tokens: tokens, preds, losses } };
}

/** Images [N, C, H, W], or classes [N, H, W] embedded first, as tokens with positions, [N, L, D]. */
function inputTokens(p: Params, x: Tensor): Tensor {
  const table = p["class_emb.weight"];
  const image = table ? transpose(embed(table, x), [0, 3, 1, 2]) : x;
  const stride = param(p, "proj.weight").shape.slice(2);
  return flat(add(convolution(p, "proj", image, { stride }), param(p, "pos_emb")));
}

/** [N, D, h, w] -> [N, hw, D] */
const flat = (map: Tensor): Tensor => transpose(reshape(map, [map.shape[0]!, map.shape[1]!, -1]), [0, 2, 1]);

/** Predictions of a modality, [N, C, H, W]: its tokens ask the visible ones of all, then attend to one another. */
function decode(
  o: Options,
  { seen, counts }: Tasks,
  domain: string,
  p: Params,
  encoded: Tensor,
  x: Inputs,
  target: Tensor,
): Tensor {
  const projected = linear(p, "proj_context", encoded); // [N, K + G, D]
  const [N, , D] = projected.shape as [number, number, number];
  const [K, total] = [x.idsKeep!.shape[1]!, x.idsRestore!.shape[1]!];
  const masks = broadcastTo(param(p, "mask_token"), [N, total - K, D]);
  const inPlace = gather(concat([slice(projected, 1, 0, K), masks], 1), x.idsRestore!);
  const positions = flat(param(p, "pos_emb")); // [1, L, D]
  const marks = seen.map((task, i) => {
    const mark = p[`task_embeddings.${task}`];
    if (positions.shape[1] !== counts[i])
      throw new ParityError(`params: expected ${counts[i]} positions, found others`);
    return mark ? add(positions, mark) : positions;
  });
  const context = add(inPlace, concat(marks, 1)); // [N, total, D]
  const at = seen.indexOf(domain);
  const asking = o.use_task_queries && o.decoder_use_task_queries && at >= 0;
  const start = counts.slice(0, at).reduce((a, b) => a + b, 0);
  const mark = p[`task_embeddings.${domain}`];
  const fresh = add(param(p, "mask_token"), positions);
  const queries = asking
    ? slice(context, 1, start, start + counts[at]!)
    : broadcastTo(mark ? add(fresh, mark) : fresh, [N, positions.shape[1]!, D]);
  const known = concat([gather(context, x.idsKeep!), slice(projected, 1, K)], 1);
  const norm = (name: string, y: Tensor) => layerNorm(p, name, y, o.layer_norm_eps);
  let y = queries;
  if (p["decoder.q.weight"]) {
    const answered = crossAttention(
      p,
      "decoder",
      norm("query_norm", queries),
      norm("context_norm", known),
      o.decoder_num_heads,
    ).x;
    y = add(answered, mlp(p, "mlp", norm("out_norm", answered)));
  }
  for (let i = 0; p[`decoder_transformer.${i}.norm1.weight`]; i++) {
    y = block(p, `decoder_transformer.${i}`, y, { heads: o.decoder_num_heads, eps: o.layer_norm_eps });
  }
  return toImage(linear(p, "out_proj", y), param(p, "pos_emb").shape.slice(2) as [number, number], target);
}

/** Values of tokens, channel by channel, as an image: [N, hw, C·ph·pw] -> [N, C, H, W]. */
function toImage(values: Tensor, [h, w]: [number, number], target: Tensor): Tensor {
  const [H, W] = target.shape.slice(-2) as [number, number];
  const [ph, pw] = [H / h, W / w];
  const [N, , F] = values.shape as [number, number, number];
  const C = F / (ph * pw);
  return reshape(transpose(reshape(values, [N, h, w, C, ph, pw]), [0, 3, 1, 4, 2, 5]), [N, C, H, W]);
}

/** Mean of a domain's losses over its masked pixels, sample by sample, samples without any left out; over all without a mask. */
function domainLoss(o: Options, domain: string, pred: Tensor, target: Tensor, p: Params, mask?: Tensor): Tensor {
  const kind = o.losses[domain] ?? (/semseg/.test(domain) ? "cross_entropy" : /depth/.test(domain) ? "l1" : "mse");
  const losses = /ce|entropy/i.test(kind)
    ? classLosses(o, pred, target)
    : pixelLosses(o, domain, kind, pred, target, p);
  if (!mask || o.loss_on_unmasked) return mean(losses);
  const [N, H, W] = losses.shape as [number, number, number];
  const [h, w] = param(p, "pos_emb").shape.slice(2) as [number, number];
  const hidden = repeat(repeat(reshape(mask, [N, h, w]), H / h, 1), W / w, 2);
  const sums = sum(mul(losses, hidden), [1, 2]);
  const weights = sum(hidden, [1, 2]);
  const counted = minimum(weights, 1);
  return div(sum(mul(div(sums, maximum(weights, 1)), counted)), maximum(sum(counted), 1));
}

/** [N, H, W], the mean over channels. */
function pixelLosses(o: Options, domain: string, kind: string, pred: Tensor, target: Tensor, p: Params): Tensor {
  const [h, w] = param(p, "pos_emb").shape.slice(2) as [number, number];
  const side = target.shape[2]! / h;
  const normalized = domain.startsWith("norm_") || o.norm_pix_loss;
  const wanted = normalized ? unpatchify(normalizedPixels(patchify(target, side)), side, h, w) : target;
  const difference = sub(pred, wanted);
  return mean(/l1/i.test(kind) ? abs(difference) : square(difference), 1);
}

/** Cross-entropy of classes int32 [N, H, W] by logits [N, V, H, W], labels smoothed over all classes. */
function classLosses(o: Options, logits: Tensor, classes: Tensor): Tensor {
  const logs = logSoftmax(transpose(logits, [0, 2, 3, 1]), -1); // [N, H, W, V]
  const V = logits.shape[1]!;
  const wanted = add(mul(oneHot(classes, V, logits.dtype as DType), 1 - o.label_smoothing), o.label_smoothing / V);
  return neg(sum(mul(logs, wanted), -1));
}
