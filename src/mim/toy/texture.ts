/**
 * Two-colour surface patterns. Each maps a point, in periods, to a share of the second colour in [0, 1]; `blur` is the
 * pixel's width in periods and softens the edges. All patterned ones cover half the surface, so no pattern is told by its mean.
 */
export type Texture = (u: number, v: number, blur: number) => number;

const fraction = (x: number) => x - Math.floor(x);
/** Triangle wave of period 1 in [-1, 1]. */
const triangle = (x: number) => 4 * Math.abs(fraction(x) - 0.5) - 1;
/** A soft step: 0 where x < 0, 1 where x > 0, a ramp `width` wide between. */
const step = (x: number, width: number) => {
  const t = x / width + 0.5;
  return t < 0 ? 0 : t > 1 ? 1 : t;
};

/** The patterns. */
export const TEXTURES = {
  striped: (u, _v, blur) => step(triangle(u) / 4, blur),
  wavy: (u, v, blur) => step(triangle(u + 0.3 * triangle(v * 0.6)) / 4, blur),
  dotted: (u, v, blur) => {
    const row = Math.floor(v);
    const x = fraction(u + 0.5 * (row & 1)) - 0.5; // every other row shifted by half a period
    const y = v - row - 0.5;
    return step(0.3989 - Math.sqrt(x * x + y * y), blur); // π · 0.3989² = 1/2
  },
  checked: (u, v, blur) => {
    const a = step(triangle(u) / 4, blur);
    const b = step(triangle(v) / 4, blur);
    return a + b - 2 * a * b;
  },
  plain: () => 0,
} as const satisfies Record<string, Texture>;

/** A pattern's name. */
export type TextureName = keyof typeof TEXTURES;

/** All pattern names, in token order. */
export const TEXTURE_NAMES = Object.keys(TEXTURES) as TextureName[];
