import type { Draws } from "../draws.ts";
import type { Diffusion } from "../schedule/diffusion.ts";

/**
 * One step back, x_{t-1} from x_t and a guess of x_0: the Gaussian q(x_{t-1} | x_t, x_0) of Ho et al. 2020, Eqs. 6 and 7, with
 * the given standard normal noise. At t = 1 it is the guess itself.
 */
export function stepBack(
  { kept }: Diffusion,
  t: number,
  noisy: ArrayLike<number>,
  guess: ArrayLike<number>,
  noise: ArrayLike<number>,
): Float64Array {
  const [now, before] = [kept[t - 1]!, t > 1 ? kept[t - 2]! : 1];
  const beta = 1 - now / before;
  const ofGuess = (Math.sqrt(before) * beta) / (1 - now);
  const ofNoisy = (Math.sqrt(now / before) * (1 - before)) / (1 - now);
  const deviation = Math.sqrt((beta * (1 - before)) / (1 - now));
  return Float64Array.from(noisy, (x, i) => ofGuess * guess[i]! + ofNoisy * x + deviation * noise[i]!);
}

/**
 * A sample of `size` numbers drawn from pure noise, step by step: `guess(x_t, t)` says what x_0 may be. Ho et al. 2020,
 * Algorithm 2, in terms of x_0; DiffMAE, Wei et al. 2023, inpaints so.
 */
export async function denoise(
  draws: Draws,
  size: number,
  diffusion: Diffusion,
  guess: (noisy: Float64Array, t: number) => Promise<ArrayLike<number>>,
): Promise<Float64Array> {
  let x = draws.normal(size);
  for (let t = diffusion.kept.length; t >= 1; t--) {
    x = stepBack(diffusion, t, x, await guess(x, t), draws.normal(size));
  }
  return x;
}
