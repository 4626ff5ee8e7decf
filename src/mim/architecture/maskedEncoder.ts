/** A vision transformer or a Swin transformer that sees every position: what SimMIM and MFM put before their one layer. */
import type { ParamSpecs, Params } from "../nn/params.ts";
import { slice, type Tensor } from "../ops.ts";
import { encodeReplaced, type ReplaceTokenViT, replaceTokenSpecs } from "./replaceTokenViT.ts";
import { encodeSwin, type Swin, swinSpecs } from "./swin.ts";

export type MaskedEncoder = ReplaceTokenViT | Swin;

const isSwin = (c: MaskedEncoder): c is Swin => "depths" in c;

export const maskedEncoderSpecs = (c: MaskedEncoder): ParamSpecs => (isSwin(c) ? swinSpecs(c) : replaceTokenSpecs(c));

/** Patch tokens of the last layer, [N, L', D'], row by row; mask [N, L] over the first layer's, 1 masked. */
export const encodePatches = (c: MaskedEncoder, p: Params, images: Tensor, mask?: Tensor): Tensor =>
  isSwin(c) ? encodeSwin(c, p, images, mask).latent : slice(encodeReplaced(c, p, images, mask).latent, 1, 1);

/** Grid and width of the last layer's tokens, and the side in pixels of what one of them stands for. */
export function lastMap(c: MaskedEncoder): {
  readonly grid: readonly [number, number];
  readonly dim: number;
  readonly stride: number;
} {
  const scale = isSwin(c) ? 2 ** (c.depths.length - 1) : 1;
  const stride = c.patchSize * scale;
  return { grid: [c.imageSize[0] / stride, c.imageSize[1] / stride], dim: c.dim * scale, stride };
}
