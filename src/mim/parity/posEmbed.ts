import { relativeIndex } from "../positions/relative.ts";
import { resizePositions } from "../positions/resizePositions.ts";
import { sinCos1d } from "../positions/sinCos1d.ts";
import { sinCos2d } from "../positions/sinCos2d.ts";
import { sinusoid } from "../positions/sinusoid.ts";
import { cases } from "./cases.ts";
import { type Check, check, type RunDType } from "./compare.ts";
import { type Fixture, type JsonTensor, ParityError } from "./fixture.ts";

type Args = Readonly<Record<string, unknown>>;

/** Tables by the name of the function that made them, which may be followed by a remark. */
const TABLES: Readonly<Record<string, (a: Args) => Float64Array>> = {
  "mae.get_2d_sincos_pos_embed": ({ embed_dim, grid_size, cls_token }) =>
    sinCos2d(embed_dim as number, grid_size as number, grid_size as number, { cls: cls_token as boolean }),
  "audiomae.get_2d_sincos_pos_embed_flexible": ({ embed_dim, grid_size, cls_token }) =>
    sinCos2d(embed_dim as number, ...(grid_size as [number, number]), { cls: cls_token as boolean }),
  "mae.get_1d_sincos_pos_embed_from_grid": ({ embed_dim, pos }) => sinCos1d(embed_dim as number, pos as number[]),
  "videomae.get_sinusoid_encoding_table": ({ n_position, d_hid }) => sinusoid(n_position as number, d_hid as number),
  "mmpretrain.build_2d_sincos_position_embedding": ({ embed_dims, patches_resolution, temperature, cls_token }) =>
    sinCos2d(embed_dims as number, ...(patches_resolution as [number, number]), {
      cls: cls_token as boolean,
      byColumns: true,
      temperature: temperature as number,
    }),
};
const INDICES: Readonly<Record<string, { readonly cls: boolean }>> = {
  "swin WindowAttention.relative_position_index": { cls: false },
  "BEiT RelativePositionBias.relative_position_index": { cls: true },
};

interface Table {
  readonly fn: string;
  readonly args: Args;
  readonly out: JsonTensor;
}
interface Resized {
  readonly fn: string;
  readonly from_grid: number;
  readonly to_grid: number;
  readonly pos_embed: JsonTensor;
  readonly out: JsonTensor;
}
interface Index {
  readonly fn: string;
  readonly window: readonly [number, number];
  readonly out: JsonTensor;
}

/** Position tables and indices of MAE, AudioMAE, VideoMAE, mmpretrain, SimMIM and BEiT. */
export async function posEmbedParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const tables = cases<Table>(fixture, ["fn", "args", "out"]).map(({ fn, args, out }, i) =>
    check(`cases[${i}].out`, out, { shape: out.shape, data: named(TABLES, fn)(args) }, "forward", dtype),
  );
  const resized = cases<Resized>(fixture, ["fn", "from_grid", "to_grid", "pos_embed", "out"], "interpolation").map(
    ({ fn, from_grid: from, to_grid: to, pos_embed, out }, i) => {
      named({ "mae.interpolate_pos_embed": true }, fn);
      const D = pos_embed.shape[2]!;
      const data = resizePositions(pos_embed.data, D, { h: from, w: from }, { h: to, w: to });
      return check(`interpolation[${i}].out`, out, { shape: out.shape, data }, "forward", dtype);
    },
  );
  const indices = cases<Index>(fixture, ["fn", "window", "out"], "relative_index").map(({ fn, window, out }, i) => {
    const data = relativeIndex({ h: window[0], w: window[1], ...named(INDICES, fn) });
    return check(`relative_index[${i}].out`, out, { shape: out.shape, data }, "exact", dtype);
  });
  return [...tables, ...resized, ...indices];
}

function named<T>(known: Readonly<Record<string, T>>, fn: string): T {
  const found = known[fn.replace(/ \(.*/, "")];
  if (found === undefined) {
    throw new ParityError(`fn: expected one of ${Object.keys(known).join(", ")}, found ${fn}`);
  }
  return found;
}
