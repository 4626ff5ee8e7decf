import { condensedIndex } from "./cophenet.ts";
import { rank } from "./rank.ts";

/**
 * [n] for each document the chance that one of its own group, drawn at random, lies nearer to it than one of another
 * group: 1 when its group surrounds it, 0.5 when the groups say nothing, near 0 when it lies among others. Equal
 * distances count half. Not a number for a document alone in its group, or when there is one group only.
 *
 * @param D condensed distances, n(n - 1)/2
 * @param groups [n]
 */
export function ownGroupChance(D: Float64Array, groups: readonly unknown[]): Float64Array {
  const n = groups.length;
  return Float64Array.from(groups, (own, i) => {
    const others = groups.map((_, j) => j).filter((j) => j !== i);
    const ranks = rank(others.map((j) => D[condensedIndex(n, i, j)]!));
    const mates = others.flatMap((j, at) => (groups[j] === own ? [ranks[at]!] : []));
    const strangers = n - 1 - mates.length;
    const above = mates.reduce((sum, r) => sum + r, 0) - (mates.length * (mates.length + 1)) / 2;
    return 1 - above / (mates.length * strangers); // Mann and Whitney's U
  });
}
