import type { Tensor } from "../ops.ts";
import type { BlockOptions } from "./block.ts";
import { block, blockSpecs } from "./block.ts";
import { layerNormSpecs } from "./layerNorm.ts";
import type { ParamSpecs, Params } from "./params.ts";

/** Whose normalisations a block uses: audio, vision, or both together. */
export type Stream = "a" | "v" | "joint";

/**
 * Transformer block whose attention and MLP are shared by three streams of tokens x [N, L, D], each of which has layer
 * normalisations of its own: `norm1`, `norm1_a`, `norm1_v` and so for `norm2`. CAV-MAE (Gong et al. 2023), cav_mae.py.
 */
export function streamBlock(p: Params, name: string, x: Tensor, stream: Stream, options: BlockOptions): Tensor {
  if (stream === "joint") return block(p, name, x, options);
  const own = Object.fromEntries(
    ["norm1", "norm2"].flatMap((norm) =>
      ["weight", "bias"].map((part) => [`${name}.${norm}.${part}`, p[`${name}.${norm}_${stream}.${part}`]!]),
    ),
  );
  return block({ ...p, ...own }, name, x, options);
}

export const streamBlockSpecs = (name: string, D: number, mlpRatio = 4): ParamSpecs => ({
  ...blockSpecs(name, { D, mlpRatio }),
  ...Object.assign({}, ...["norm1_a", "norm1_v", "norm2_a", "norm2_v"].map((n) => layerNormSpecs(`${name}.${n}`, D))),
});
