import { groupAttention } from "../architecture/groupAttention.ts";
import { optimalGrouping } from "../architecture/optimalGrouping.ts";
import { windowGroups } from "../architecture/windowGroups.ts";
import type { HostInputs } from "../method.ts";
import { square, sum } from "../ops.ts";
import { cases } from "./cases.ts";
import { type Check, check, checkGradients, type RunDType } from "./compare.ts";
import { evaluateWithGradients } from "./evaluate.ts";
import { type Fixture, type Gradients, host, hosts, type JsonTensor, ParityError } from "./fixture.ts";

interface Grouping {
  readonly group_size: number;
  readonly num_ele_win: readonly number[];
  readonly num_ele_group: readonly number[];
  readonly grouped_idx: readonly (readonly number[])[];
  readonly knapsack_first: number;
}
const GROUPING = ["group_size", "num_ele_win", "num_ele_group", "grouped_idx", "knapsack_first"];

interface Attention
  extends Readonly<
    Record<
      "coords" | "idx_shuffle" | "idx_unshuffle" | "attn_mask_zero" | "rel_pos_idx" | "x" | "out" | "loss_sum_sq",
      JsonTensor
    >
  > {
  readonly window_size: number;
  readonly shift: number;
  readonly mode: string;
  readonly group_size: number;
  readonly params: Readonly<Record<string, JsonTensor>>;
  readonly grads: Gradients;
}
const ATTENTION =
  "window_size shift coords mode group_size idx_shuffle idx_unshuffle attn_mask_zero rel_pos_idx x out params loss_sum_sq grads";

/** LayneH/GreenMIM, modeling/group_window_attention.py. */
export async function greenmimGroupWindowParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const checks = cases<Grouping>(fixture, GROUPING).flatMap((recorded, i) => {
    const groups = optimalGrouping(recorded.num_ele_win, recorded.group_size);
    const tokens = groups.map((group) => group.tokens);
    const same = (name: string, expected: readonly number[] | number, ours: readonly number[] | number) =>
      check(`cases[${i}].${name}`, expected, ours, "exact", dtype);
    return [
      same("num_ele_group", recorded.num_ele_group, tokens),
      same("knapsack_first", recorded.knapsack_first, tokens[0]!),
      ...recorded.grouped_idx.map((ids, g) => same(`grouped_idx[${g}]`, ids, groups[g]?.windows ?? [])),
    ];
  });
  for (const [i, recorded] of cases<Attention>(fixture, ATTENTION.split(" "), "attention").entries()) {
    checks.push(...(await attentionChecks(recorded, `attention[${i}].`, dtype)));
  }
  return checks;
}

async function attentionChecks(recorded: Attention, at: string, dtype: RunDType): Promise<Check[]> {
  const plan = windowGroups(recorded.coords.data, recorded.window_size, recorded.shift);
  const { groups: G, size: S } = plan;
  const mode = plan.grouped ? "grouping" : "masking";
  if (recorded.mode !== mode) throw new ParityError(`${at}mode: expected ${mode}, found ${recorded.mode}`);
  const params = hosts(Object.fromEntries(Object.entries(recorded.params).map(([name, x]) => [`attn.${name}`, x])));
  const heads = recorded.params.relative_position_bias_table!.shape[1]!;
  const inputs: HostInputs = {
    x: host(recorded.x),
    idsShuffle: { shape: [G * S], data: plan.idsShuffle },
    idsUnshuffle: { shape: [plan.idsUnshuffle.length], data: plan.idsUnshuffle },
    open: { shape: [G, S, S], data: plan.open },
    relative: { shape: [G, S, S], data: plan.relative },
  };
  const { loss, outputs, grads } = await evaluateWithGradients(
    (p, { x, idsShuffle, idsUnshuffle, open, relative }) => {
      const groups = { idsShuffle: idsShuffle!, idsUnshuffle: idsUnshuffle!, open: open!, relative: relative! };
      const out = groupAttention(p, "attn", x!, groups, heads);
      return { loss: sum(square(out)), outputs: { out } };
    },
    params,
    inputs,
    Object.keys(params),
    dtype,
  );
  const named = Object.fromEntries(Object.entries(grads).map(([name, g]) => [name.replace("attn.", ""), g]));
  return [
    check(`${at}group_size`, recorded.group_size, S, "exact", dtype),
    check(`${at}idx_shuffle`, recorded.idx_shuffle, inputs.idsShuffle, "exact", dtype),
    check(`${at}idx_unshuffle`, recorded.idx_unshuffle, inputs.idsUnshuffle, "exact", dtype),
    check(`${at}attn_mask_zero`, recorded.attn_mask_zero, inputs.open, "exact", dtype),
    check(`${at}rel_pos_idx`, recorded.rel_pos_idx, inputs.relative, "exact", dtype),
    check(`${at}out`, recorded.out, outputs.out, "forward", dtype),
    check(`${at}loss_sum_sq`, recorded.loss_sum_sq, loss, "forward", dtype),
    ...checkGradients(recorded.grads, named, dtype, `${at}grads.`),
  ];
}
