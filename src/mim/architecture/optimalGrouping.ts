/** Windows put together: their indices, ascending, and how many visible tokens they hold. */
export interface WindowGroup {
  readonly windows: readonly number[];
  readonly tokens: number;
}

/**
 * Splits unevenly visible windows into groups of at most `capacity` tokens, each time taking the windows that fill a group
 * best. GreenMIM, Huang et al. 2022, "optimal grouping": the knapsack problem, solved again for what is left.
 */
export function optimalGrouping(tokens: readonly number[], capacity: number): WindowGroup[] {
  let left = tokens.map((_, window) => window);
  const tooBig = left.find((window) => tokens[window]! > capacity);
  if (tooBig !== undefined) {
    throw new RangeError(`optimalGrouping: expected windows of at most ${capacity} tokens, found ${tokens[tooBig]}`);
  }
  const groups: WindowGroup[] = [];
  while (left.length > 0) {
    const taken = bestFilling(
      left.map((window) => tokens[window]!),
      capacity,
    );
    const windows = left.filter((_, i) => taken.has(i));
    groups.push({ windows, tokens: windows.reduce((sum, window) => sum + tokens[window]!, 0) });
    left = left.filter((_, i) => !taken.has(i));
  }
  return groups;
}

/** Items whose sizes add up to the most that fits; of equal fillings the one without the later items. */
function bestFilling(sizes: readonly number[], capacity: number): Set<number> {
  const most = [new Int32Array(capacity + 1)]; // most[i][c]: fullest filling of c with the first i items
  sizes.forEach((size, i) => {
    most.push(most[i]!.map((without, c) => (size <= c ? Math.max(without, size + most[i]![c - size]!) : without)));
  });
  const taken = new Set<number>();
  let room = capacity;
  for (let i = sizes.length; i > 0; i--) {
    if (most[i]![room] === most[i - 1]![room]) continue;
    taken.add(i - 1);
    room -= sizes[i - 1]!;
  }
  return taken;
}
