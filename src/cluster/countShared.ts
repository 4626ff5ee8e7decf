/** How many elements two sets have in common. */
export function countShared<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): number {
  let shared = 0;
  for (const element of a) if (b.has(element)) shared++;
  return shared;
}
