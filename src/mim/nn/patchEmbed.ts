import { add, matmul, reshape, settle, type Tensor, transpose } from "../ops.ts";
import { type ParamSpecs, type Params, param } from "./params.ts";

/**
 * Linear projection VP_φ of patches: images [N, C, H, W] -> tokens [N, L, D]. A convolution whose stride is its kernel,
 * with `name.weight` [D, C, ph, pw] and `name.bias` [D], computed as one matrix product.
 */
export function patchEmbed(p: Params, name: string, images: Tensor): Tensor {
  const W = param(p, `${name}.weight`);
  const [D, C, ph, pw] = W.shape as [number, number, number, number];
  const [N, channels, H, width] = images.shape as [number, number, number, number];
  if (channels !== C || H % ph !== 0 || width % pw !== 0) {
    throw new RangeError(
      `patchEmbed: expected images [N, ${C}, a multiple of ${ph}, a multiple of ${pw}], found [${images.shape}]`,
    );
  }
  const [h, w] = [H / ph, width / pw];
  return project(p, name, transpose(reshape(images, [N, C, h, ph, w, pw]), [0, 2, 4, 1, 3, 5]), [N, h * w, D]);
}

/** The same projection of patches that are cut already, [N, L, p²C] as `patchify` gives them -> tokens [N, L, D]. */
export function embedPatches(p: Params, name: string, patches: Tensor): Tensor {
  const [D, C, ph, pw] = param(p, `${name}.weight`).shape as [number, number, number, number];
  const [N, L, F] = patches.shape as [number, number, number];
  if (F !== C * ph * pw) {
    throw new RangeError(`embedPatches: expected patches [N, L, ${C * ph * pw}], found [${patches.shape}]`);
  }
  return project(p, name, transpose(reshape(patches, [N, L, ph, pw, C]), [0, 1, 4, 2, 3]), [N, L, D]);
}

/** Patches with their channels before rows and columns, as the weight has them -> tokens of the given shape. */
function project(p: Params, name: string, patches: Tensor, shape: readonly [number, number, number]): Tensor {
  const [N, L, D] = shape;
  const W = reshape(param(p, `${name}.weight`), [D, -1]); // [D, Cp²]
  const tokens = reshape(matmul(settle(reshape(patches, [N * L, W.shape[1]!])), transpose(W)), shape);
  const bias = p[`${name}.bias`];
  return bias ? add(tokens, bias) : tokens;
}

export const patchEmbedSpecs = (name: string, C: number, ph: number, pw: number, D: number): ParamSpecs => ({
  [`${name}.weight`]: { shape: [D, C, ph, pw], init: "xavier" },
  [`${name}.bias`]: { shape: [D], init: { constant: 0 } },
});
