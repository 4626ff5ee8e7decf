import { add, matmul, reshape, type Tensor, transpose } from "../ops.ts";
import { type ParamSpecs, type Params, param } from "./params.ts";
import { pixelShuffle } from "./pixelShuffle.ts";

/**
 * One linear layer from tokens to the pixels they stand for: [N, h·w, D] -> [N, C, h·stride, w·stride]. A convolution of one
 * pixel in the released code, `name.weight` [stride²C, D, 1, 1] and `name.bias`. SimMIM §3.3 "Prediction head".
 */
export function pixelHead(p: Params, name: string, tokens: Tensor, stride: number, [h, w]: readonly [number, number]) {
  const [N, L, D] = tokens.shape as [number, number, number];
  const flat = matmul(reshape(tokens, [N * L, D]), transpose(reshape(param(p, `${name}.weight`), [-1, D])));
  return pixelShuffle(reshape(add(flat, param(p, `${name}.bias`)), [N, L, -1]), stride, h, w);
}

export const pixelHeadSpecs = (name: string, D: number, stride: number, channels: number): ParamSpecs => ({
  [`${name}.weight`]: { shape: [stride ** 2 * channels, D, 1, 1], init: "fanIn" },
  [`${name}.bias`]: { shape: [stride ** 2 * channels], init: { constant: 0 } },
});
