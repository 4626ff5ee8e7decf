/** How two labelings of the same items cross. */
export interface Contingency {
  readonly n: number;
  /** Items of each class, cluster, and non-empty cell; a cell names its class and cluster by place in the two. */
  readonly classes: readonly number[];
  readonly clusters: readonly number[];
  readonly cells: readonly { readonly row: number; readonly column: number; readonly count: number }[];
}

/** Counts of the pairs (a[i], b[i]). */
export function contingency(a: ArrayLike<unknown>, b: ArrayLike<unknown>): Contingency {
  if (a.length !== b.length)
    throw new Error(`contingency: expected labelings of one length, found ${a.length} and ${b.length}`);
  const rowOf = new Map<unknown, number>();
  const columnOf = new Map<unknown, number>();
  const cells = new Map<string, { row: number; column: number; count: number }>();
  const classes: number[] = [];
  const clusters: number[] = [];
  for (let i = 0; i < a.length; i++) {
    const row = place(rowOf, a[i], classes);
    const column = place(columnOf, b[i], clusters);
    const key = `${row},${column}`;
    const cell = cells.get(key) ?? { row, column, count: 0 };
    cell.count++;
    cells.set(key, cell);
  }
  return { n: a.length, classes, clusters, cells: [...cells.values()] };
}

function place(placeOf: Map<unknown, number>, label: unknown, counts: number[]): number {
  let at = placeOf.get(label);
  if (at === undefined) {
    at = counts.length;
    placeOf.set(label, at);
    counts.push(0);
  }
  counts[at]!++;
  return at;
}
