/** Indices of each sample's entries that are 0 (kept) or 1 (masked), in order; every sample must have as many. */
export function idsOf(mask: ArrayLike<number>, N: number, value: 0 | 1): Int32Array {
  const L = mask.length / N;
  const rows = Array.from({ length: N }, (_, n) =>
    Array.from({ length: L }, (_, i) => i).filter((i) => mask[n * L + i] === value),
  );
  const K = rows[0]?.length ?? 0;
  const uneven = rows.findIndex((row) => row.length !== K);
  if (uneven >= 0) {
    throw new RangeError(`idsOf: expected ${K} entries ${value} in every sample, found ${rows[uneven]!.length}`);
  }
  return Int32Array.from(rows.flat());
}
