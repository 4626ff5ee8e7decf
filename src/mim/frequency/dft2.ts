/** Real and imaginary parts of planes [N, H, W]. */
export interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/**
 * Two-dimensional discrete Fourier transform of N planes [H, W], unnormalised; the inverse divides by H · W. Any size: sides are
 * transformed by halves as long as they are even (Cooley and Tukey 1965), the rest directly.
 */
export function dft2({ re, im }: Spectrum, [H, W]: readonly [number, number], { inverse = false } = {}): Spectrum {
  const out = { re: re.slice(), im: im.slice() };
  const planes = re.length / (H * W);
  const sign = inverse ? 1 : -1;
  const run = (first: number, stride: number, length: number) => {
    const places = Array.from({ length }, (_, k) => first + k * stride);
    const line = transform(
      places.map((at) => out.re[at]!),
      places.map((at) => out.im[at]!),
      sign,
    );
    places.forEach((at, k) => {
      out.re[at] = line.re[k]!;
      out.im[at] = line.im[k]!;
    });
  };
  for (let plane = 0; plane < planes; plane++) {
    for (let y = 0; y < H; y++) run(plane * H * W + y * W, 1, W);
    for (let x = 0; x < W; x++) run(plane * H * W + x, W, H);
  }
  const scale = inverse ? 1 / (H * W) : 1;
  return { re: out.re.map((x) => x * scale), im: out.im.map((x) => x * scale) };
}

interface Line {
  readonly re: readonly number[];
  readonly im: readonly number[];
}

function transform(re: readonly number[], im: readonly number[], sign: number): Line {
  const n = re.length;
  if (n === 1) return { re, im };
  const out = { re: new Array<number>(n).fill(0), im: new Array<number>(n).fill(0) };
  if (n % 2 === 0) {
    const half = (odd: number) => {
      const pick = (x: readonly number[]) => x.filter((_, i) => i % 2 === odd);
      return transform(pick(re), pick(im), sign);
    };
    const [even, odd] = [half(0), half(1)];
    for (let k = 0; k < n; k++) {
      const h = k % (n / 2);
      const [c, s] = [Math.cos((2 * Math.PI * k) / n), sign * Math.sin((2 * Math.PI * k) / n)];
      out.re[k] = even.re[h]! + c * odd.re[h]! - s * odd.im[h]!;
      out.im[k] = even.im[h]! + c * odd.im[h]! + s * odd.re[h]!;
    }
    return out;
  }
  for (let k = 0; k < n; k++) {
    for (let j = 0; j < n; j++) {
      const angle = (2 * Math.PI * ((k * j) % n)) / n;
      const [c, s] = [Math.cos(angle), sign * Math.sin(angle)];
      out.re[k]! += c * re[j]! - s * im[j]!;
      out.im[k]! += c * im[j]! + s * re[j]!;
    }
  }
  return out;
}
