/** Residual network of basic blocks, He et al. 2016, §3.3 and §4.1, with a plain stem; names of PyTorch's own models. */
import { batchNorm, batchNormSpecs } from "../nn/batchNorm.ts";
import { convolution, convolutionSpecs } from "../nn/convolution.ts";
import type { ParamSpecs, Params } from "../nn/params.ts";
import { add, relu, type Tensor } from "../ops.ts";

export interface ResNetStage {
  readonly dim: number;
  readonly blocks: number;
  /** Of the first block: 2 halves the map. */
  readonly stride: number;
}

export interface ResNet {
  readonly channels: number;
  /** Width and stride of the first convolution, 3 x 3. */
  readonly stemDim: number;
  readonly stemStride: number;
  readonly stages: readonly ResNetStage[];
}

/** Width of what stage i receives. */
export const stageInput = (c: ResNet, i: number): number => (i === 0 ? c.stemDim : c.stages[i - 1]!.dim);

/** Side in pixels of a cell of what stage i receives; i may be the number of stages. */
export const strideBefore = (c: ResNet, i: number): number =>
  c.stages.slice(0, i).reduce((product, { stride }) => product * stride, c.stemStride);

export const resNetSpecs = (c: ResNet): ParamSpecs => ({
  ...convolutionSpecs("conv1", c.channels, c.stemDim, [3, 3], { bias: false }),
  ...batchNormSpecs("bn1", c.stemDim),
  ...Object.assign(
    {},
    ...c.stages.flatMap(({ dim, blocks, stride }, i) =>
      Array.from({ length: blocks }, (_, j) =>
        blockSpecs(`layer${i + 1}.${j}`, j === 0 ? stageInput(c, i) : dim, dim, j === 0 ? stride : 1),
      ),
    ),
  ),
});

function blockSpecs(name: string, inner: number, dim: number, stride: number): ParamSpecs {
  return {
    ...convolutionSpecs(`${name}.conv1`, inner, dim, [3, 3], { bias: false }),
    ...batchNormSpecs(`${name}.bn1`, dim),
    ...convolutionSpecs(`${name}.conv2`, dim, dim, [3, 3], { bias: false }),
    ...batchNormSpecs(`${name}.bn2`, dim),
    ...((stride !== 1 || inner !== dim) && {
      ...convolutionSpecs(`${name}.downsample.0`, inner, dim, [1, 1], { bias: false }),
      ...batchNormSpecs(`${name}.downsample.1`, dim),
    }),
  };
}

/** Images [N, C, H, W] -> the last map; `before` may change what each stage receives, [N, dim, h, w]. */
export function encodeResNet(
  c: ResNet,
  p: Params,
  images: Tensor,
  before: (x: Tensor, stage: number) => Tensor = (x) => x,
): Tensor {
  let x = relu(batchNorm(p, "bn1", convolution(p, "conv1", images, { stride: c.stemStride, padding: 1 })));
  c.stages.forEach(({ blocks, stride }, i) => {
    x = before(x, i);
    for (let j = 0; j < blocks; j++) x = basicBlock(p, `layer${i + 1}.${j}`, x, j === 0 ? stride : 1);
  });
  return x;
}

function basicBlock(p: Params, name: string, x: Tensor, stride: number): Tensor {
  const first = batchNorm(p, `${name}.bn1`, convolution(p, `${name}.conv1`, x, { stride, padding: 1 }));
  const second = batchNorm(p, `${name}.bn2`, convolution(p, `${name}.conv2`, relu(first), { padding: 1 }));
  const short = p[`${name}.downsample.0.weight`]
    ? batchNorm(p, `${name}.downsample.1`, convolution(p, `${name}.downsample.0`, x, { stride }))
    : x;
  return relu(add(second, short));
}
