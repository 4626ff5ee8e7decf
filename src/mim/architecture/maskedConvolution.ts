import { convolution, convolutionSpecs } from "../nn/convolution.ts";
import type { ParamSpecs, Params } from "../nn/params.ts";
import { pad, slice, sumOf, type Tensor } from "../ops.ts";

export interface MaskedConvolution {
  /** Channels in and out. */
  readonly channels: number;
  /** Side k of the sub-kernels. */
  readonly kernelDim: number;
  /** Distance d of the sub-kernels from the hidden centre. */
  readonly dilation: number;
  /** 2 for maps [N, C, H, W], 3 for clips [N, C, T, H, W]. */
  readonly rank: 2 | 3;
}

/** One sub-kernel: its parameters and, for each spatial axis, whether it sits on the far side. */
interface Corner {
  readonly name: string;
  readonly far: readonly boolean[];
}

const PLANE: readonly Corner[] = [
  { name: "conv1", far: [false, false] },
  { name: "conv2", far: [true, false] },
  { name: "conv3", far: [false, true] },
  { name: "conv4", far: [true, true] },
];
/** In clips each plane corner has two sub-kernels along the last axis, the far one under the plain name. */
const SPACE: readonly Corner[] = PLANE.flatMap(({ name, far }) => [
  { name, far: [...far, true] },
  { name: `${name}_${name.at(-1)}`, far: [...far, false] },
]);

const corners = (c: MaskedConvolution): readonly Corner[] => (c.rank === 2 ? PLANE : SPACE);

export const maskedConvolutionSpecs = (c: MaskedConvolution): ParamSpecs =>
  Object.assign(
    {},
    ...corners(c).map(({ name }) => convolutionSpecs(name, c.channels, c.channels, Array(c.rank).fill(c.kernelDim))),
  );

/**
 * Convolution whose receptive field is masked but for its corners: sub-kernels k wide stand at the corners of a window
 * 2k + 2d + 1 wide, and nothing between them, the centre least of all, is read. Shape kept, zeros outside. Ristea et al.
 * 2022, §3 and Fig. 2; with three axes, Madan et al. 2024, §3. x [N, C, ...] -> [N, C, ...].
 */
export function maskedConvolution(c: MaskedConvolution, p: Params, x: Tensor): Tensor {
  const reach = c.kernelDim + c.dilation;
  const across = reach + c.dilation + 1; // from the near corner to the far one
  const padded = pad(
    x,
    x.shape.map((_, axis) => (axis < 2 ? [0, 0] : [reach, reach])),
  );
  return sumOf(
    ...corners(c).map(({ name, far }) => {
      const seen = far.reduce((view, isFar, a) => {
        const length = padded.shape[a + 2]!;
        return isFar ? slice(view, a + 2, across, length) : slice(view, a + 2, 0, length - across);
      }, padded);
      return convolution(p, name, seen);
    }),
  );
}
