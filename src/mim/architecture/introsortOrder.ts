/**
 * The order in which the C++ standard library's std::sort (GNU) leaves equal keys: indices by ascending key. PyTorch's CPU
 * argsort uses it, so recorded runs that sort integers with ties depend on it. Quicksort by the median of three down to
 * runs of sixteen, then insertion (Musser 1997, Introspective Sorting and Selection Algorithms); its heap sort for
 * adversarial input is left out, such a range is sorted stably.
 */
export function introsortOrder(keys: ArrayLike<number>): Int32Array {
  const order = Int32Array.from({ length: keys.length }, (_, i) => i);
  const key = (at: number) => keys[order[at]!]!;
  const swap = (a: number, b: number) => {
    [order[a], order[b]] = [order[b]!, order[a]!];
  };
  const middleOf = (a: number, b: number, c: number): number => {
    if (key(a) < key(b)) return key(b) < key(c) ? b : key(a) < key(c) ? c : a;
    return key(a) < key(c) ? a : key(b) < key(c) ? c : b;
  };
  const split = (first: number, last: number, pivot: number): number => {
    let [i, j] = [first, last];
    for (;;) {
      while (key(i) < key(pivot)) i++;
      j--;
      while (key(pivot) < key(j)) j--;
      if (i >= j) return i;
      swap(i, j);
      i++;
    }
  };
  const quicksort = (first: number, last: number, depth: number): void => {
    let end = last;
    for (let budget = depth; end - first > 16 && budget > 0; budget--) {
      swap(first, middleOf(first + 1, first + ((end - first) >> 1), end - 1));
      const cut = split(first + 1, end, first);
      quicksort(cut, end, budget - 1);
      end = cut;
    }
  };
  quicksort(0, order.length, 2 * Math.floor(Math.log2(Math.max(1, order.length))));
  return order.sort((a, b) => keys[a]! - keys[b]!); // stable, as insertion is
}
