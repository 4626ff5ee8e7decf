import { broadcastTo, concat, gather, slice, type Tensor } from "../ops.ts";

/**
 * Latents of the K visible patches and the mask token M [1, 1, D] everywhere else, in the order of the image: [N, G + K, D]
 * and idsRestore [N, L] -> [N, G + L, D]. G tokens of no patch, a class token, stay in front. MAE §3 "Simple implementation".
 */
export function withMaskTokens(latents: Tensor, M: Tensor, K: number, idsRestore: Tensor): Tensor {
  const [N, all, D] = latents.shape as [number, number, number];
  const G = all - K;
  const masks = broadcastTo(M, [N, (idsRestore.shape[1] as number) - K, D]);
  const shuffled = concat([slice(latents, 1, G), masks], 1); // [N, L, D], visible first
  const inPlace = gather(shuffled, idsRestore); // [N, L, D]
  return G > 0 ? concat([slice(latents, 1, 0, G), inPlace], 1) : inPlace;
}
