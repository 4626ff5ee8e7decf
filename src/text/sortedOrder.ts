/**
 * The order that sorts strings by UTF-16 code units, as Array.prototype.sort does: `order[rank]` is a place in `strings`.
 * The first four signs, 7 bits each, and the place make one number; numbers are sorted as such, and strings are compared
 * only where those signs are the same.
 */
export function sortedOrder(strings: readonly string[]): Int32Array {
  const n = strings.length;
  if (n > PLACES) throw new RangeError(`sortedOrder: expected at most ${PLACES} strings, found ${n}`);
  const keys = Float64Array.from(strings, (text, place) => prefix(text) * PLACES + place).sort();
  const order = Int32Array.from(keys, (key) => key % PLACES);
  for (let from = 0; from < n; ) {
    const own = Math.floor(keys[from]! / PLACES);
    let to = from + 1;
    while (to < n && Math.floor(keys[to]! / PLACES) === own) to++;
    if (to - from > 1) {
      order.subarray(from, to).sort((a, b) => (strings[a]! < strings[b]! ? -1 : strings[a]! > strings[b]! ? 1 : a - b));
    }
    from = to;
  }
  return order;
}

const PLACES = 2 ** 24;

/** Rises with the string; signs beyond ASCII all count as the last of it, and what follows one counts nothing. */
function prefix(text: string): number {
  let key = 0;
  let ascii = true;
  for (let at = 0; at < 4; at++) {
    const sign = ascii && at < text.length ? Math.min(127, text.charCodeAt(at)) : 0;
    if (sign === 127) ascii = false;
    key = 128 * key + sign;
  }
  return key;
}
