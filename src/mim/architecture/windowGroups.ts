import { introsortOrder } from "./introsortOrder.ts";
import { optimalGrouping } from "./optimalGrouping.ts";

/** How visible tokens are arranged for attention inside windows; G groups of S places, the last ones may be empty. */
export interface WindowGroups {
  readonly groups: number;
  /** Whether windows were grouped; few tokens stay one group that is only masked. */
  readonly grouped: boolean;
  readonly size: number;
  /** [G · S], the token at each place; token 0 where a place is empty. */
  readonly idsShuffle: Int32Array;
  /** [L], the place of each token. */
  readonly idsUnshuffle: Int32Array;
  /** [G, S, S], 1 where one place may attend to the other: both hold tokens of one window. */
  readonly open: Float32Array;
  /** [G, S, S], row of the relative position table for each open pair, 0 elsewhere. */
  readonly relative: Int32Array;
}

/**
 * Groups visible tokens by their (shifted) windows of `side` patches so that attention runs over few groups of equal size.
 * GreenMIM, Huang et al. 2022, modeling/group_window_attention.py. coords [L, 2] are rows and columns of the visible patches,
 * the same for the whole batch. Up to twice a window's tokens stay one group, in their order. A group holds as many tokens as
 * the fullest window; with `sameShape` as many as a window has places, and there are as many groups as any coords may need,
 * so that G and S depend on L alone and a compiled step serves every mask.
 */
export function windowGroups(
  coords: ArrayLike<number>,
  side: number,
  shift: number,
  { sameShape = false }: { readonly sameShape?: boolean } = {},
): WindowGroups {
  const L = coords.length / 2;
  const offset = (side - shift) % side;
  const window = Int32Array.from({ length: L }, (_, i) => {
    return Math.floor((coords[2 * i]! + offset) / side) * L + Math.floor((coords[2 * i + 1]! + offset) / side);
  });
  const grouped = L > 2 * side * side;
  const places = grouped ? groupTokens(window, side, sameShape) : [Array.from(window, (_, i) => i)];
  const size = grouped && sameShape ? side * side : Math.max(...places.map((group) => group.length));
  const token = Int32Array.from({ length: places.length * size }, (_, at) => {
    return places[Math.floor(at / size)]![at % size] ?? -1;
  });
  const open = new Float32Array(places.length * size * size);
  const relative = new Int32Array(open.length);
  for (let at = 0; at < open.length; at++) {
    const first = Math.floor(at / (size * size)) * size;
    const [i, j] = [token[first + (Math.floor(at / size) % size)]!, token[first + (at % size)]!];
    if (i < 0 || j < 0 || window[i] !== window[j]) continue;
    open[at] = 1;
    const down = coords[2 * i]! - coords[2 * j]! + side - 1;
    relative[at] = down * (2 * side - 1) + coords[2 * i + 1]! - coords[2 * j + 1]! + side - 1;
  }
  const idsUnshuffle = new Int32Array(L);
  token.forEach((i, at) => {
    if (i >= 0) idsUnshuffle[i] = at;
  });
  return {
    groups: places.length,
    grouped,
    size,
    idsShuffle: token.map((i) => Math.max(0, i)),
    idsUnshuffle,
    open,
    relative,
  };
}

/** Tokens of each group, window by window. */
function groupTokens(window: Int32Array, side: number, sameShape: boolean): number[][] {
  const members = new Map<number, number[]>();
  for (const i of introsortOrder(window)) members.set(window[i]!, [...(members.get(window[i]!) ?? []), i]);
  const windows = [...members.values()];
  const sizes = windows.map((ids) => ids.length);
  const capacity = sameShape ? side * side : Math.min(side * side, Math.max(...sizes));
  const groups = optimalGrouping(sizes, capacity).map((group) => group.windows.flatMap((w) => windows[w]!));
  // Two groups that are half full or less would have been one, so all but one are fuller than that.
  const most = Math.floor(window.length / (Math.floor(capacity / 2) + 1)) + 1;
  return sameShape ? Array.from({ length: most }, (_, g) => groups[g] ?? []) : groups;
}
