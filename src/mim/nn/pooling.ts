import { div, maximum, ones, sub, sumOf, type Tensor } from "../ops.ts";
import { type WindowOptions, windowTaps } from "./convolution.ts";

/** Largest value under a window that walks over the spatial axes of x [N, C, ...]; padding never wins. */
export function maxPool(x: Tensor, kernel: readonly number[], options: WindowOptions = {}): Tensor {
  const seen = windowTaps(x, kernel, { stride: kernel, ...options });
  // A position in the padding is moved far below every value by what its presence lacks.
  const present = windowTaps(ones([1, 1, ...x.shape.slice(2)], x.dtype as "float32"), kernel, {
    stride: kernel,
    ...options,
  });
  return seen.map((values, t) => sub(values, div(sub(1, present[t]!), 1e-30))).reduce((a, b) => maximum(a, b));
}

/** Mean under a window, the zeros of the padding counted, as PyTorch does unless told otherwise. */
export function averagePool(x: Tensor, kernel: readonly number[], options: WindowOptions = {}): Tensor {
  const seen = windowTaps(x, kernel, { stride: kernel, ...options });
  return div(sumOf(...seen), seen.length);
}
