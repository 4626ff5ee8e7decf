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
  const patches = reshape(transpose(reshape(images, [N, C, h, ph, w, pw]), [0, 2, 4, 1, 3, 5]), [
    N * h * w,
    C * ph * pw,
  ]);
  const tokens = reshape(matmul(settle(patches), transpose(reshape(W, [D, C * ph * pw]))), [N, h * w, D]);
  const bias = p[`${name}.bias`];
  return bias ? add(tokens, bias) : tokens;
}

export const patchEmbedSpecs = (name: string, C: number, ph: number, pw: number, D: number): ParamSpecs => ({
  [`${name}.weight`]: { shape: [D, C, ph, pw], init: "xavier" },
  [`${name}.bias`]: { shape: [D], init: { constant: 0 } },
});
