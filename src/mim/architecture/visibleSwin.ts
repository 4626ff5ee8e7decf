/**
 * Swin transformer on visible tokens alone. GreenMIM, Huang et al. 2022, §3; modeling/green_swin_models.py. Windows are unevenly
 * visible, so their tokens are packed into groups (`windowGroups`); whole cells of the last map are hidden or visible, so every
 * merging finds its four tokens. Merging takes them row by row, where Swin goes column by column: `asSwin` reorders.
 */

import type { HostInputs, HostTensor, Inputs } from "../method.ts";
import { mlp } from "../nn/block.ts";
import { layerNorm } from "../nn/layerNorm.ts";
import { linear } from "../nn/linear.ts";
import { type Params, param } from "../nn/params.ts";
import { patchEmbed } from "../nn/patchEmbed.ts";
import { add, broadcastTo, gather, reshape, type Tensor, transpose } from "../ops.ts";
import { type GroupPlan, groupAttention } from "./groupAttention.ts";
import { type Swin, swinStages } from "./swin.ts";
import { windowGroups } from "./windowGroups.ts";

/** Host work for one mask [h' · w'] of the last map's cells, 1 hidden; the batch shares it. Read by `encodeVisibleSwin`. */
export function visiblePlan(c: Swin, mask: ArrayLike<number>, options: { readonly sameShape?: boolean }): HostInputs {
  const stages = swinStages(c);
  const last = stages.at(-1)!;
  const plan: Record<string, HostTensor> = {};
  stages.forEach(({ h, w, s, shift }, i) => {
    const scale = h / last.h;
    const hidden = (at: number) =>
      mask[Math.floor(Math.floor(at / w) / scale) * last.w + Math.floor((at % w) / scale)] === 1;
    const visible = Int32Array.from(Array.from({ length: h * w }, (_, at) => at).filter((at) => !hidden(at)));
    if (i === 0) plan.visible = { shape: [visible.length], data: visible };
    const coords = Int32Array.from(Array.from(visible).flatMap((at) => [Math.floor(at / w), at % w]));
    for (const by of shift ? [0, shift] : [0]) {
      const groups = windowGroups(coords, s, by, options);
      Object.assign(plan, named(planName(i, by), groups));
    }
    if (i < stages.length - 1) plan[`merge.${i}`] = { shape: [visible.length], data: quads(visible, w) };
  });
  return plan;
}

const planName = (stage: number, shift: number): string => `groups.${stage}.${shift ? "shifted" : "straight"}.`;

function named(prefix: string, groups: ReturnType<typeof windowGroups>): HostInputs {
  const { groups: G, size: S, idsShuffle, idsUnshuffle, open, relative } = groups;
  return {
    [`${prefix}idsShuffle`]: { shape: [G * S], data: idsShuffle },
    [`${prefix}idsUnshuffle`]: { shape: [idsUnshuffle.length], data: idsUnshuffle },
    [`${prefix}open`]: { shape: [G, S, S], data: open },
    [`${prefix}relative`]: { shape: [G, S, S], data: relative },
  };
}

/** Places among the visible tokens, so that four that merge stand together, row by row. */
function quads(visible: Int32Array, w: number): Int32Array {
  const place = new Map(Array.from(visible, (at, i) => [at, i]));
  const corners = Array.from(visible).filter((at) => Math.floor(at / w) % 2 === 0 && (at % w) % 2 === 0);
  return Int32Array.from(corners.flatMap((at) => [at, at + 1, at + w, at + w + 1].map((one) => place.get(one)!)));
}

/** Images [N, C, H, W] and a `visiblePlan` -> the visible cells of the last map in the image's order, [N, K, D'], normalised. */
export function encodeVisibleSwin(c: Swin, p: Params, images: Tensor, plan: Inputs): Tensor {
  const stages = swinStages(c);
  const projected = patchEmbed(p, "patch_embed.proj", images); // [N, L, D]
  const embedded = c.patchNorm ? layerNorm(p, "patch_embed.norm", projected, c.eps) : projected;
  const placed = c.absolutePositions ? add(embedded, param(p, "absolute_pos_embed")) : embedded;
  let x = pick(placed, plan.visible!); // [N, L_v, D]
  stages.forEach(({ heads, shift }, i) => {
    for (let j = 0; j < c.depths[i]!; j++) {
      const prefix = planName(i, j % 2 === 0 ? 0 : shift);
      x = groupBlock(c, p, `layers.${i}.blocks.${j}`, x, planOf(plan, prefix), heads);
    }
    if (i < stages.length - 1) x = mergeVisible(p, `layers.${i}.downsample`, x, plan[`merge.${i}`]!, c.eps);
  });
  return layerNorm(p, "norm", x, c.eps);
}

const pick = (x: Tensor, ids: Tensor): Tensor => gather(x, broadcastTo(ids, [x.shape[0]!, ids.shape[0]!]));

const planOf = (plan: Inputs, prefix: string): GroupPlan => ({
  idsShuffle: plan[`${prefix}idsShuffle`]!,
  idsUnshuffle: plan[`${prefix}idsUnshuffle`]!,
  open: plan[`${prefix}open`]!,
  relative: plan[`${prefix}relative`]!,
});

/** Swin's block with attention inside the visible part of each window, x [N, L_v, D]. */
function groupBlock(c: Swin, p: Params, name: string, x: Tensor, plan: GroupPlan, heads: number): Tensor {
  const attended = add(x, groupAttention(p, `${name}.attn`, layerNorm(p, `${name}.norm1`, x, c.eps), plan, heads));
  return add(attended, mlp(p, `${name}.mlp`, layerNorm(p, `${name}.norm2`, attended, c.eps), c.activation));
}

/** Every four visible tokens of a square become one of twice the width: [N, L_v, D] -> [N, L_v / 4, 2D]. */
function mergeVisible(p: Params, name: string, x: Tensor, ids: Tensor, eps: number): Tensor {
  const [N, L, D] = x.shape as [number, number, number];
  const joined = reshape(pick(x, ids), [N, L / 4, 4 * D]);
  return linear(p, `${name}.reduction`, layerNorm(p, `${name}.norm`, joined, eps));
}

/** The same network as a Swin transformer on the whole map: the inputs of each merging in Swin's order. */
export function asSwin(c: Swin, p: Params): Params {
  const changed: Record<string, Tensor> = { ...p };
  for (let i = 0; i < c.depths.length - 1; i++) {
    for (const name of ["reduction.weight", "norm.weight", "norm.bias"]) {
      const whole = `layers.${i}.downsample.${name}`;
      changed[whole] = byColumns(param(p, whole));
    }
  }
  return changed;
}

/** The four quarters of the last axis, top left, top right, bottom left, bottom right, with the middle two exchanged. */
function byColumns(x: Tensor): Tensor {
  const D = (x.shape.at(-1) as number) / 4;
  const rows = x.ndim === 2 ? (x.shape[0] as number) : 1;
  return reshape(transpose(reshape(x, [rows, 2, 2, D]), [0, 2, 1, 3]), x.shape);
}
