import { expect, test } from "vitest";
import { seededDraws } from "../../../src/mim/draws.ts";
import { dft2 } from "../../../src/mim/frequency/dft2.ts";
import { drawPasses, filterPlanes, frequencyFilter } from "../../../src/mim/masking/frequency.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";
import { goldenFixture } from "../goldenFixture.ts";

test("MFM's recorded images: the first without its high frequencies, the second without its low ones", () => {
  const { inputs, outputs, config } = goldenFixture("mfm");
  const [, C, H, W] = inputs!.imgs!.shape as [number, number, number, number];
  const size = C * H * W;
  const radii = { radius: config.mask_radius1 as number, outerRadius: config.mask_radius2 as number };
  for (const [n, pass] of [
    [0, "low"],
    [1, "high"],
  ] as const) {
    const planes = inputs!.imgs!.data.slice(n * size, (n + 1) * size);
    const ours = filterPlanes(planes, [H, W], frequencyFilter([H, W], pass, radii));
    ours.forEach((x, i) => {
      const clipped = Math.min(1, Math.max(0, x));
      expect(Math.abs(clipped - outputs!.corrupted!.data[n * size + i]!)).toBeLessThan(2e-7); // recorded with seven digits
    });
  }
});

test("the two passes add up to the image, and the transform of an odd plane is undone by its inverse", () => {
  const [H, W] = [6, 15];
  const re = seededDraws(keyOf(1)).normal(2 * H * W);
  const [low, high] = (["low", "high"] as const).map((pass) =>
    filterPlanes(re, [H, W], frequencyFilter([H, W], pass, { radius: 2.5 })),
  ) as [Float64Array, Float64Array];
  const there = dft2({ re, im: new Float64Array(re.length) }, [H, W]);
  const back = dft2(there, [H, W], { inverse: true });
  re.forEach((x, i) => {
    expect(low[i]! + high[i]!).toBeCloseTo(x, 12);
    expect(back.re[i]!).toBeCloseTo(x, 12);
    expect(back.im[i]!).toBeCloseTo(0, 12);
  });
  expect(there.re[0]!).toBeCloseTo(
    re.subarray(0, H * W).reduce((a, b) => a + b, 0),
    12,
  );
});

test("passes are drawn with the given probability", () => {
  const passes = drawPasses(seededDraws(keyOf(2)), 2000, 0.3);
  expect(Math.abs(passes.filter((pass) => pass === "low").length / 2000 - 0.3)).toBeLessThan(
    5 * Math.sqrt(0.21 / 2000),
  );
});
