import { exp, log } from "../toy/exactMath.ts";

export interface SlicOptions {
  /** Superpixels asked for; about as many come out. */
  readonly segments: number;
  /** Weight of nearness against likeness of colour. */
  readonly compactness?: number;
  readonly rounds?: number;
}

/** Connected regions of one image, numbered from 0. */
export interface Superpixels {
  /** [H, W] */
  readonly label: Int32Array;
  readonly count: number;
}

/**
 * Superpixels: k-means on colour (CIELAB) and place, each centre looking no further than twice its spacing, then regions made
 * connected, small ones joined to a neighbour. Achanta et al. 2012, SLIC Superpixels. image [3, H, W] in [0, 1].
 */
export function slic(
  image: ArrayLike<number>,
  [H, W]: readonly [number, number],
  { segments, compactness = 10, rounds = 10 }: SlicOptions,
): Superpixels {
  const P = H * W;
  const spacing = Math.sqrt(P / segments);
  const lab = labOf(image, P);
  const feature = (p: number): number[] => [lab[p]!, lab[P + p]!, lab[2 * P + p]!, Math.floor(p / W), p % W];
  const [rows, columns] = [Math.max(1, Math.round(H / spacing)), Math.max(1, Math.round(W / spacing))];
  let centers = Array.from({ length: rows * columns }, (_, k) =>
    feature(
      Math.floor(((Math.floor(k / columns) + 0.5) * H) / rows) * W + Math.floor((((k % columns) + 0.5) * W) / columns),
    ),
  );
  const weight = (compactness / spacing) ** 2;
  const label = new Int32Array(P);
  for (let round = 0; round < rounds; round++) {
    const nearest = new Float64Array(P).fill(Number.POSITIVE_INFINITY);
    centers.forEach((center, k) => {
      const [cy, cx] = [center[3]!, center[4]!];
      for (let y = Math.max(0, Math.ceil(cy - 2 * spacing)); y <= Math.min(H - 1, cy + 2 * spacing); y++) {
        for (let x = Math.max(0, Math.ceil(cx - 2 * spacing)); x <= Math.min(W - 1, cx + 2 * spacing); x++) {
          const own = feature(y * W + x);
          const color = [0, 1, 2].reduce((sum, i) => sum + (own[i]! - center[i]!) ** 2, 0);
          const distance = color + weight * ((y - cy) ** 2 + (x - cx) ** 2);
          if (distance < nearest[y * W + x]!) {
            nearest[y * W + x] = distance;
            label[y * W + x] = k;
          }
        }
      }
    });
    centers = recentered(centers, label, feature);
  }
  return connected(label, [H, W], Math.floor(P / segments / 4));
}

function recentered(centers: readonly number[][], label: Int32Array, feature: (p: number) => number[]): number[][] {
  const sums = centers.map(() => [0, 0, 0, 0, 0, 0]);
  label.forEach((k, p) => {
    [...feature(p), 1].forEach((x, i) => {
      sums[k]![i]! += x;
    });
  });
  return sums.map((sum, k) => (sum[5] === 0 ? centers[k]! : sum.slice(0, 5).map((x) => x / sum[5]!)));
}

/** Connected parts of equal label as regions of their own; a part of fewer than `least` pixels joins the one before it. */
function connected(label: Int32Array, [H, W]: readonly [number, number], least: number): Superpixels {
  const out = new Int32Array(H * W).fill(-1);
  let count = 0;
  for (let start = 0; start < out.length; start++) {
    if (out[start]! >= 0) continue;
    const part = [start];
    out[start] = count;
    let neighbor = -1;
    for (const p of part) {
      const [y, x] = [Math.floor(p / W), p % W];
      for (const q of [y > 0 ? p - W : -1, x > 0 ? p - 1 : -1, x < W - 1 ? p + 1 : -1, y < H - 1 ? p + W : -1]) {
        if (q < 0) continue;
        if (out[q] === -1 && label[q] === label[start]) {
          out[q] = count;
          part.push(q);
        } else if (out[q]! >= 0 && out[q] !== count) neighbor = out[q]!;
      }
    }
    if (part.length >= least || neighbor < 0) count++;
    else for (const p of part) out[p] = neighbor;
  }
  return { label: out, count };
}

/** CIELAB (D65) of display-encoded colours [3, P]. */
function labOf(image: ArrayLike<number>, P: number): Float64Array {
  const root = (t: number) => (t > 216 / 24389 ? exp(log(t) / 3) : (841 / 108) * t + 4 / 29);
  const linear = (c: number) => (c <= 0.04045 ? c / 12.92 : exp(2.4 * log((c + 0.055) / 1.055)));
  const lab = new Float64Array(3 * P);
  for (let p = 0; p < P; p++) {
    const [r, g, b] = [0, 1, 2].map((c) => linear(image[c * P + p]!)) as [number, number, number];
    const x = root((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
    const y = root(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
    const z = root((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
    lab[p] = 116 * y - 16;
    lab[P + p] = 500 * (x - y);
    lab[2 * P + p] = 200 * (y - z);
  }
  return lab;
}
