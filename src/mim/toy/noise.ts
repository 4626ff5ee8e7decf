import { type Key, threefry2x32 } from "./random.ts";

/** Smooth random field in [0, 1] over the plane: lattice values from the key, joined by a cubic ease. */
export function valueNoise(key: Key): (x: number, y: number) => number {
  const cache = new Map<number, number>();
  const lattice = (i: number, j: number) => {
    const at = (i + 4096) * 8192 + (j + 4096);
    let value = cache.get(at);
    if (value === undefined) {
      value = threefry2x32(key, [i >>> 0, j >>> 0])[0] / 2 ** 32;
      cache.set(at, value);
    }
    return value;
  };
  return (x, y) => {
    const i = Math.floor(x);
    const j = Math.floor(y);
    const fx = x - i;
    const fy = y - j;
    const u = fx * fx * (3 - 2 * fx);
    const v = fy * fy * (3 - 2 * fy);
    const top = lattice(i, j) * (1 - u) + lattice(i + 1, j) * u;
    const bottom = lattice(i, j + 1) * (1 - u) + lattice(i + 1, j + 1) * u;
    return top * (1 - v) + bottom * v;
  };
}
