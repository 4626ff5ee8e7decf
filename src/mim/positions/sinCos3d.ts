import { sinCos1d } from "./sinCos1d.ts";
import { sinCos2d } from "./sinCos2d.ts";

/**
 * Fixed sine-cosine position table of a clip's tokens, [t·h·w, D], times first: a quarter of the channels encodes time, the
 * others the place. Wang et al. 2023 (MVD), released code, modeling_finetune.py.
 */
export function sinCos3d(D: number, [t, h, w]: readonly [number, number, number]): Float64Array {
  if (D % 16 !== 0) throw new RangeError(`sinCos3d: expected a width divisible by 16, found ${D}`);
  const [time, place] = [D / 4, (3 * D) / 4];
  const times = sinCos1d(
    time,
    Array.from({ length: t }, (_, i) => i),
  );
  const places = sinCos2d(place, h, w);
  const table = new Float64Array(t * h * w * D);
  for (let i = 0; i < t * h * w; i++) {
    const [at, spot] = [Math.floor(i / (h * w)), i % (h * w)];
    table.set(times.subarray(at * time, (at + 1) * time), i * D);
    table.set(places.subarray(spot * place, (spot + 1) * place), i * D + time);
  }
  return table;
}
