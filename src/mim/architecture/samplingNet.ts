import { block, blockSpecs } from "../nn/block.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { type ParamSpecs, type Params, param } from "../nn/params.ts";
import { add, logSoftmax, reshape, type Tensor } from "../ops.ts";

export const samplingNetSpecs = (L: number, D: number): ParamSpecs => ({
  "encoder.pos_embed_probs": { shape: [1, L, D], init: { constant: 0 } },
  ...blockSpecs("encoder.get_token_probs.0", { D, qkvBias: false }),
  ...linearSpecs("encoder.get_token_probs.1", D, 1),
});

/**
 * How likely each token is to be seen: embedded tokens [N, L, D] without positions -> log p [N, L], rows of p add up to 1.
 * One block of attention among all of them and a linear layer. AdaMAE, Bandara et al. 2023, §3; wgcban/adamae, models/pretrain/
 * vit.py, whose dropout of 0.1 is left out.
 */
export function samplingNet(p: Params, tokens: Tensor, heads: number): Tensor {
  const placed = add(tokens, param(p, "encoder.pos_embed_probs"));
  const mixed = block(p, "encoder.get_token_probs.0", placed, { heads, eps: 1e-5 });
  return logSoftmax(reshape(linear(p, "encoder.get_token_probs.1", mixed), tokens.shape.slice(0, 2)));
}
