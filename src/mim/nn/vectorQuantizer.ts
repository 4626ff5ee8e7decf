/**
 * Codebook of unit vectors that follows what it is asked for. BEiT v2, Peng et al. 2022, §3.1; the released
 * beit2/norm_ema_quantizer.py. The codes are state, not parameters: no gradient reaches them.
 */
import {
  add,
  argmin,
  type DType,
  div,
  equal,
  expandDims,
  matmul,
  maximum,
  mean,
  mul,
  normalize,
  oneHot,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  transpose,
  where,
} from "../ops.ts";

export interface Quantized {
  /** [M, d], the chosen codes; their gradient goes straight to the vectors that chose. */
  readonly codes: Tensor;
  /** int32 [M] */
  readonly indices: Tensor;
  /** [M, V], 1 at the chosen code. */
  readonly chosen: Tensor;
  /** [M, d], the vectors at unit length. */
  readonly unit: Tensor;
  /** [], mean square between vectors and codes, which moves the vectors only. */
  readonly commitment: Tensor;
}

/** The code nearest to each vector once that has unit length: z [M, d], codebook [V, d]. */
export function quantize(z: Tensor, codebook: Tensor): Quantized {
  const V = codebook.shape[0] as number;
  const unit = normalize(z);
  const fixed = stopGradient(unit);
  const lengths = sum(square(codebook), 1); // [V]
  const products = matmul(fixed, transpose(codebook)); // [M, V]
  const distances = sub(add(sum(square(fixed), 1, { keepdims: true }), lengths), mul(products, 2));
  const indices = argmin(distances, 1);
  const chosen = oneHot(indices, V, z.dtype as DType);
  const nearest = stopGradient(matmul(chosen, codebook));
  return {
    codes: add(unit, stopGradient(sub(nearest, unit))),
    indices,
    chosen,
    unit,
    commitment: mean(square(sub(nearest, unit))),
  };
}

/**
 * The codebook after a step: each code that was chosen moves to the mean direction of the vectors that chose it, by a
 * running mean, and is brought back to unit length; the others only keep their length. `codebook` [V, d] and `clusterSize`
 * [V], running number of vectors a code.
 */
export function followVectors(
  { codebook, clusterSize }: { readonly codebook: Tensor; readonly clusterSize: Tensor },
  { unit, chosen }: Pick<Quantized, "unit" | "chosen">,
  decay: number,
): { readonly codebook: Tensor; readonly clusterSize: Tensor } {
  const counts = sum(chosen, 0); // [V]
  const means = normalize(div(matmul(transpose(chosen), unit), expandDims(maximum(counts, 1), 1)));
  const wanted = where(expandDims(equal(counts, 0), 1), codebook, means);
  return {
    codebook: normalize(blend(codebook, wanted, decay)),
    clusterSize: blend(clusterSize, counts, decay),
  };
}

const blend = (old: Tensor, fresh: Tensor, decay: number): Tensor => add(mul(old, decay), mul(fresh, 1 - decay));
