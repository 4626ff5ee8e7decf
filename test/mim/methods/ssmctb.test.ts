import { beforeAll, describe, expect, test } from "vitest";
import { maskedConvolution } from "../../../src/mim/architecture/maskedConvolution.ts";
import { type SsmctbBlock, ssmctbBlock, ssmctbBlockSpecs } from "../../../src/mim/methods/ssmctb.ts";
import { convolve } from "../../../src/mim/nn/convolution.ts";
import { initParams, type Params, toTensors } from "../../../src/mim/nn/params.ts";
import { mul, readSync, scope, start, sum, type Tensor, tensor, valueAndGrad } from "../../../src/mim/ops.ts";
import { fold, keyOf, normals } from "../../../src/mim/toy/random.ts";

beforeAll(async () => {
  await start();
});

const key = keyOf(3);
const C = 4;
const block = (rank: 2 | 3, selfLoss: SsmctbBlock["selfLoss"] = { huber: 1 }): SsmctbBlock => ({
  channels: C,
  rank,
  kernelDim: 1,
  dilation: 1,
  dim: 8,
  heads: 2,
  headDim: 4,
  selfLoss,
});
const random = (shape: readonly number[], name: string, scale = 1): Tensor =>
  tensor(
    normals(
      fold(key, name),
      shape.reduce((a, b) => a * b, 1),
    ).map((v) => v * scale),
    shape,
    "float64",
  );
const params = (c: SsmctbBlock): Params => toTensors(initParams(ssmctbBlockSpecs(c), key), "float64");

/** Offsets from the centre that the output at the centre depends on, as words. */
function reads(body: (x: Tensor) => Tensor, rank: number): string[] {
  const side = 9;
  const shape = [1, C, ...Array<number>(rank).fill(side)];
  const probe = new Float64Array(shape.reduce((a, b) => a * b, 1));
  for (let channel = 0; channel < C; channel++) probe[channel * side ** rank + (side ** rank - 1) / 2] = 1;
  const at = tensor(probe, shape, "float64");
  const { grads } = valueAndGrad((x: Tensor) => [sum(mul(body(x), at)), []])(random(shape, "x"));
  const numbers = readSync(grads).subarray(0, side ** rank);
  return Array.from(numbers, (g, i) => ({ g, i }))
    .filter(({ g }) => g !== 0)
    .map(({ i }) =>
      Array.from({ length: rank }, (_, a) => (Math.floor(i / side ** (rank - 1 - a)) % side) - (side - 1) / 2).join(
        " ",
      ),
    );
}

describe("SSMCTB", () => {
  test.each([2, 3] as const)(
    "with %i axes a position is foretold from corners alone; a dense kernel reads it",
    (rank) => {
      scope(() => {
        const c = block(rank);
        const p = params(c);
        const signs = ["-2", "2"];
        const want = Array.from({ length: rank }).reduce<string[]>(
          (made) => made.flatMap((w) => signs.map((s) => (w ? `${w} ${s}` : s))),
          [""],
        );
        expect(reads((x) => maskedConvolution(c, p, x), rank)).toEqual(want);
        const dense = random([C, C, ...Array<number>(rank).fill(5)], "dense");
        expect(reads((x) => convolve(x, dense, { padding: 2 }), rank)).toContain(Array(rank).fill("0").join(" "));
        return [];
      });
    },
  );

  test("gates belong to channels by position: swapped channels alone do not just swap their gates", () => {
    scope(() => {
      const c = block(2);
      const p = params(c);
      const positions = Array.from(readSync(p["transformer.pos_embedding"]!));
      const swapRows = (numbers: readonly number[], width: number) => [
        ...numbers.slice(width, 2 * width),
        ...numbers.slice(0, width),
        ...numbers.slice(2 * width),
      ];
      // All sub-kernels read the same channel, so that swapping the inputs swaps what attention sees.
      const eye = tensor(
        Array.from({ length: C * C }, (_, i) => (i % (C + 1) === 0 ? 1 : 0)),
        [C, C, 1, 1],
        "float64",
      );
      const q: Params = {
        ...p,
        ...Object.fromEntries([1, 2, 3, 4].map((i) => [`conv${i}.weight`, eye])),
      };
      const x = Array.from(readSync(random([1, C, 7, 7], "map")), Math.abs);
      const gates = (numbers: readonly number[], r: Params) =>
        Array.from(readSync(ssmctbBlock(c, r, tensor(numbers, [1, C, 7, 7], "float64")).gates));
      const original = gates(x, q);
      const swapped = swapRows(x, 49);
      const moved = { ...q, "transformer.pos_embedding": tensor(swapRows(positions, c.dim), [1, C, c.dim], "float64") };
      gates(swapped, moved).forEach((g, i) => expect(g).toBeCloseTo(swapRows(original, 1)[i]!, 12));
      expect(Math.abs(gates(swapped, q)[0]! - original[1]!)).toBeGreaterThan(1e-6);
      expect(original.every((g) => g > 0 && g < 1)).toBe(true);
      // One channel's mean moves every other channel's gate.
      const louder = x.map((v, i) => (i < 49 ? 3 * v : v));
      expect(Math.abs(gates(louder, q)[3]! - original[3]!)).toBeGreaterThan(1e-6);
      return [];
    });
  });

  test("one large error pulls no harder than δ; the mean square of SSPCAB pulls with its size", () => {
    scope(() => {
      const x = random([1, C, 7, 7], "far", 100);
      const slope = (c: SsmctbBlock) => {
        const shift = tensor(new Float64Array(C), [C], "float64");
        const p = params(c);
        const { grads } = valueAndGrad((bias: Tensor) => [ssmctbBlock(c, { ...p, "conv1.bias": bias }, x).loss, []])(
          shift,
        );
        return Math.max(...Array.from(readSync(grads), Math.abs));
      };
      expect(slope(block(2))).toBeLessThanOrEqual(1);
      expect(slope(block(2, "meanSquare"))).toBeGreaterThan(1);
      return [];
    });
  });
});
