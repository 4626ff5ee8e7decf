import { add, type DType, matmul, neg, sub, type Tensor, tensor } from "../ops.ts";

/** Real and imaginary parts of an image's frequencies, [..., H, W]; the zero frequency stands at (⌊H/2⌋, ⌊W/2⌋). */
export interface Frequencies {
  readonly re: Tensor;
  readonly im: Tensor;
}

/** Orthonormal discrete Fourier transform of the last two axes, as products with the matrices of cosines and sines. */
export function spectrum(x: Tensor): Frequencies {
  const { rows, columns } = matrices(x);
  const [cos, sin] = [matmul(rows.cos, x), matmul(rows.sin, x)]; // each row's waves, down the image
  return {
    re: sub(matmul(cos, columns.cos), matmul(sin, columns.sin)),
    im: neg(add(matmul(cos, columns.sin), matmul(sin, columns.cos))),
  };
}

/** Real part of the inverse transform. */
export function fromSpectrum({ re, im }: Frequencies): Tensor {
  const { rows, columns } = matrices(re, "inverse");
  const [cosRe, sinRe, cosIm, sinIm] = [
    matmul(rows.cos, re),
    matmul(rows.sin, re),
    matmul(rows.cos, im),
    matmul(rows.sin, im),
  ];
  const even = sub(matmul(cosRe, columns.cos), matmul(sinRe, columns.sin));
  return sub(even, add(matmul(cosIm, columns.sin), matmul(sinIm, columns.cos)));
}

/** Cosines and sines of 2π u y / n over √n; a row a frequency for the rows, a column a frequency for the columns. */
function matrices(x: Tensor, way: "forward" | "inverse" = "forward") {
  const [H, W] = x.shape.slice(-2) as [number, number];
  const dtype = x.dtype as DType;
  const inverse = way === "inverse";
  return { rows: waves(H, dtype, inverse), columns: waves(W, dtype, !inverse) };
}

/** [n, n], frequencies down and positions across, or the other way round when transposed. */
function waves(n: number, dtype: DType, transposed: boolean): { readonly cos: Tensor; readonly sin: Tensor } {
  const angles = Float64Array.from({ length: n * n }, (_, at) => {
    const [a, b] = [Math.floor(at / n), at % n];
    const [u, y] = transposed ? [b, a] : [a, b];
    return (2 * Math.PI * ((((u - Math.floor(n / 2)) * y) % n) + n)) / n;
  });
  const made = (f: (angle: number) => number) =>
    tensor(
      angles.map((angle) => f(angle) / Math.sqrt(n)),
      [n, n],
      dtype,
    );
  return { cos: made(Math.cos), sin: made(Math.sin) };
}
