/** Red, green and blue, each in [0, 1], display-encoded (sRGB values as a screen takes them). */
export type Rgb = readonly [number, number, number];

const hex = (code: number): Rgb => [(code >> 16) / 255, ((code >> 8) & 255) / 255, (code & 255) / 255];

/** The named colours of objects; captions use these words. */
export const COLORS = {
  red: hex(0xe0484d),
  orange: hex(0xf0883a),
  yellow: hex(0xf2c744),
  green: hex(0x4fae62),
  teal: hex(0x22a8a4),
  blue: hex(0x3d7de0),
  purple: hex(0x8a5cd1),
  pink: hex(0xe57db2),
} as const;

/** A colour's name. */
export type ColorName = keyof typeof COLORS;

/** All colour names, in token order. */
export const COLOR_NAMES = Object.keys(COLORS) as ColorName[];

/** The named grounds: two ends of a gradient each. */
export const GROUNDS = {
  sand: [hex(0xd3ccc0), hex(0xb9b0a2)],
  mist: [hex(0xc6cdd0), hex(0xaab3b8)],
  chalk: [hex(0xcfcfcb), hex(0xb4b4b0)],
  moss: [hex(0x4c5246), hex(0x343a30)],
  slate: [hex(0x474d54), hex(0x2f353b)],
  night: [hex(0x3b3e48), hex(0x262932)],
} as const satisfies Record<string, readonly [Rgb, Rgb]>;

/** A ground's name. */
export type GroundName = keyof typeof GROUNDS;

/** All ground names, in token order. */
export const GROUND_NAMES = Object.keys(GROUNDS) as GroundName[];

/** Light and dark grounds. */
export const TONES = {
  light: ["sand", "mist", "chalk"],
  dark: ["moss", "slate", "night"],
} as const satisfies Record<string, readonly GroundName[]>;

export type Tone = keyof typeof TONES;

/** (1 - share) · a + share · b. */
export const mix = (a: Rgb, b: Rgb, share: number): Rgb => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
  a[2] + (b[2] - a[2]) * share,
];

/** Limits a value to [0, 1]. */
export const clamp01 = (x: number): number => (x < 0 ? 0 : x > 1 ? 1 : x);

/** Rec. 601 luma of a colour, in [0, 1]. */
export const luma = (r: number, g: number, b: number): number => 0.299 * r + 0.587 * g + 0.114 * b;
