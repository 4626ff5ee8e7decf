/** Diffusion forward and back, against the formulas of DDPM with β and α written out. */
import { describe, expect, test } from "vitest";
import { seededDraws } from "../../../src/mim/draws.ts";
import { denoise, stepBack } from "../../../src/mim/generate/denoise.ts";
import { linearDiffusion } from "../../../src/mim/schedule/diffusion.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";

const T = 40;
const betas = Array.from({ length: T }, (_, i) => 0.01 + (0.09 * i) / (T - 1));
const diffusion = linearDiffusion(T, { first: 0.01, last: 0.1 });

describe("diffusion", () => {
  test("what is left of the picture is the product of 1 - β, and falls at every step", () => {
    diffusion.kept.forEach((kept, i) => {
      expect(kept).toBeCloseTo(
        betas.slice(0, i + 1).reduce((product, beta) => product * (1 - beta), 1),
        12,
      );
      if (i > 0) expect(kept).toBeLessThan(diffusion.kept[i - 1]!);
    });
    const milder = linearDiffusion(T, { first: 0.01, last: 0.1, exponent: 0.5 });
    milder.kept.forEach((kept, i) => {
      expect(kept).toBeCloseTo(Math.sqrt(diffusion.kept[i]!), 12);
    });
  });

  test("a step back has the mean and the variance that Bayes gives for three Gaussians", () => {
    for (const t of [2, 9, T]) {
      const [beta, before] = [betas[t - 1]!, diffusion.kept[t - 2]!];
      // x_{t-1} ~ N(√ᾱ x_0, 1 - ᾱ) and x_t ~ N(√(1 - β) x_{t-1}, β): precisions add, means weigh by precision.
      const precision = 1 / (1 - before) + (1 - beta) / beta;
      const [guess, noisy] = [0.7, -1.3];
      const mean = ((Math.sqrt(before) * guess) / (1 - before) + (Math.sqrt(1 - beta) * noisy) / beta) / precision;
      const at = (noise: number) => stepBack(diffusion, t, [noisy], [guess], [noise])[0]!;
      expect(at(0)).toBeCloseTo(mean, 12);
      expect((at(1) - at(0)) ** 2).toBeCloseTo(1 / precision, 12);
    }
  });

  test("the last step is the guess, without noise; a guess that knows the answer ends at the answer", async () => {
    expect(Array.from(stepBack(diffusion, 1, [5, -2], [0.25, 0.5], [9, 9]))).toEqual([0.25, 0.5]);
    const truth = [0.1, -0.4, 0.9];
    const times: number[] = [];
    const sample = await denoise(seededDraws(keyOf(1)), 3, diffusion, async (_, t) => {
      times.push(t);
      return truth;
    });
    expect(Array.from(sample)).toEqual(truth);
    expect(times).toEqual(Array.from({ length: T }, (_, i) => T - i));
  });

  test("numbers from a Gaussian are drawn with its mean and deviation", async () => {
    const [mean, deviation, n] = [0.6, 0.3, 4000];
    const long = linearDiffusion(200, { first: 1e-3, last: 0.06 });
    // The best guess of x_0 from x_t where x_0 ~ N(mean, deviation²).
    const best = async (noisy: Float64Array, t: number) => {
      const kept = long.kept[t - 1]!;
      const gain = (Math.sqrt(kept) * deviation ** 2) / (kept * deviation ** 2 + 1 - kept);
      return noisy.map((x) => mean + gain * (x - Math.sqrt(kept) * mean));
    };
    const sample = await denoise(seededDraws(keyOf(2)), n, long, best);
    const average = sample.reduce((a, b) => a + b, 0) / n;
    expect(Math.abs(average - mean)).toBeLessThan(0.03);
    const spread = Math.sqrt(sample.reduce((a, b) => a + (b - average) ** 2, 0) / n);
    expect(Math.abs(spread - deviation)).toBeLessThan(0.03);
  });
});
