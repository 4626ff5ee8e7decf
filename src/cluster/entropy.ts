/** Shannon entropy of a partition into groups of these sizes, in nats. */
export function entropy(sizes: readonly number[]): number {
  const n = sizes.reduce((total, size) => total + size, 0);
  return sizes.reduce((total, size) => total - (size / n) * Math.log(size / n), 0);
}
