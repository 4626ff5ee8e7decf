import { reshape, type Tensor, transpose } from "../ops.ts";

/** Survey §2.1, Algorithm 1, step 1: images [N, C, H, W] -> patches [N, L, p²C], pixels in row, column, channel order. */
export function patchify(images: Tensor, p: number): Tensor {
  const [N, C, H, W] = images.shape as [number, number, number, number];
  if (H % p !== 0 || W % p !== 0) {
    throw new RangeError(`patchify: expected height and width divisible by the patch size ${p}, found ${H} x ${W}`);
  }
  const [h, w] = [H / p, W / p];
  const grid = reshape(images, [N, C, h, p, w, p]);
  return reshape(transpose(grid, [0, 2, 4, 3, 5, 1]), [N, h * w, p * p * C]);
}

/** Inverse of patchify: patches [N, hw, p²C] -> images [N, C, hp, wp]. */
export function unpatchify(patches: Tensor, p: number, h: number, w: number): Tensor {
  const [N, , F] = patches.shape as [number, number, number];
  const C = F / (p * p);
  const grid = reshape(patches, [N, h, w, p, p, C]);
  return reshape(transpose(grid, [0, 5, 1, 3, 2, 4]), [N, C, h * p, w * p]);
}
