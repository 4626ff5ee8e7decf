import { spectrum } from "../frequency/spectrum.ts";
import {
  add,
  clip,
  div,
  equal,
  log,
  max,
  mean,
  mul,
  power,
  reshape,
  sqrt,
  square,
  stopGradient,
  sub,
  type Tensor,
  transpose,
  where,
} from "../ops.ts";

export interface FrequencyDistance {
  /** Power of the distance; 1 unless given. */
  readonly gamma?: number;
  /** Each side of the image is cut into this many parts, which are transformed on their own; 1 unless given. */
  readonly parts?: number;
  /** Whether spectra are averaged over the batch first. */
  readonly averaged?: boolean;
  /** Weights that follow the distance itself, so that hard frequencies count more; none unless given. */
  readonly focal?: {
    readonly gamma?: number;
    readonly log?: boolean;
    /** Largest weight 1 over the whole batch instead of over each map. */
    readonly overBatch?: boolean;
  };
}

/**
 * Distance between two images frequency by frequency: [N, C, H, W] twice -> [N, parts², C, H / parts, W / parts], the
 * zero frequency in the middle. MFM, Xie et al. 2023, Eq. 6; weights of the focal frequency loss, Jiang et al. 2021, §3.
 */
export function frequencyDistance(
  pred: Tensor,
  target: Tensor,
  { gamma = 1, parts = 1, averaged = false, focal }: FrequencyDistance = {},
): Tensor {
  const difference = spectrum(cut(sub(pred, target), parts)); // the transform is linear
  const over = (x: Tensor) => (averaged ? mean(x, 0, { keepdims: true }) : x);
  const squares = add(square(over(difference.re)), square(over(difference.im)));
  const modulus = sqrt(add(squares, 1e-12));
  const distance = gamma === 1 ? modulus : power(modulus, gamma);
  return focal ? mul(focalWeights(stopGradient(squares), focal), distance) : distance;
}

/** Weights in [0, 1]; a map without any distance gets none. */
function focalWeights(squares: Tensor, focal: NonNullable<FrequencyDistance["focal"]>): Tensor {
  const modulus = sqrt(squares);
  const raised = focal.gamma === undefined || focal.gamma === 1 ? modulus : power(modulus, focal.gamma);
  const weights = focal.log ? log(add(raised, 1)) : raised;
  const largest = max(weights, focal.overBatch ? [0, 1, 2, 3, 4] : [3, 4], { keepdims: true });
  return clip(div(weights, where(equal(largest, 0), 1, largest)), 0, 1);
}

/** [N, C, H, W] -> [N, parts², C, H / parts, W / parts], parts row by row. */
function cut(x: Tensor, parts: number): Tensor {
  const [N, C, H, W] = x.shape as [number, number, number, number];
  const grid = reshape(x, [N, C, parts, H / parts, parts, W / parts]);
  return reshape(transpose(grid, [0, 2, 4, 1, 3, 5]), [N, parts * parts, C, H / parts, W / parts]);
}
