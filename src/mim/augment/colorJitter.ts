import { clamp01, luma } from "../toy/color.ts";
import type { Dense } from "../toy/dense.ts";

/** Brightness, contrast and saturation are factors, hue a shift in turns (a shear in YIQ). */
export type ColorChange = Readonly<Record<"brightness" | "contrast" | "saturation" | "hue", number>>;

/** Changes the colours of a picture [3, H, W] in place. */
export function colorJitter({ data }: Dense, { brightness, contrast, saturation, hue }: ColorChange): void {
  const P = data.length / 3;
  const value = (c: number, p: number) => data[c * P + p] as number;
  let mean = 0;
  for (let p = 0; p < P; p++) mean += luma(value(0, p), value(1, p), value(2, p)) / P;
  const turn = hue * 2 * Math.PI; // small angles: the rotation's first-order form keeps luma fixed
  for (let p = 0; p < P; p++) {
    const y = luma(value(0, p), value(1, p), value(2, p));
    const i = 0.596 * value(0, p) - 0.274 * value(1, p) - 0.322 * value(2, p);
    const q = 0.211 * value(0, p) - 0.523 * value(1, p) + 0.312 * value(2, p);
    const level = brightness * (mean + contrast * (y - mean));
    const i2 = brightness * saturation * (i - turn * q);
    const q2 = brightness * saturation * (q + turn * i);
    data[p] = clamp01(level + 0.956 * i2 + 0.621 * q2);
    data[P + p] = clamp01(level - 0.272 * i2 - 0.647 * q2);
    data[2 * P + p] = clamp01(level - 1.106 * i2 + 1.703 * q2);
  }
}
