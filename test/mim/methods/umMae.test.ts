import { beforeAll, describe, expect, test } from "vitest";
import { type PositionBiasSwin, positionBiasBlocks } from "../../../src/mim/architecture/positionBiasSwin.ts";
import type { PyramidViT } from "../../../src/mim/architecture/pyramidViT.ts";
import { seededDraws } from "../../../src/mim/draws.ts";
import type { HostInputs, HostTensor } from "../../../src/mim/method.ts";
import { mae } from "../../../src/mim/methods/mae.ts";
import { type UmMaeConfig, umMae } from "../../../src/mim/methods/umMae.ts";
import { start, sum, type Tensor } from "../../../src/mim/ops.ts";
import { evaluateWithGradients } from "../../../src/mim/parity/evaluate.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";
import { changed, distance, evaluateOnce } from "../evaluateOnce.ts";

const preset = { ...umMae.toy.config, patchSize: 2, cellSize: 4 };
const swin: PositionBiasSwin = { ...(preset as PositionBiasSwin), dim: 8, heads: [2, 2, 2], biasDim: 6 };
const decoder = { ...preset, decoderDim: 16, decoderHeads: 2 };
const config: UmMaeConfig = { ...decoder, ...swin };
const { imageSize, patchSize, channels, eps, activation } = swin;
const pvt: PyramidViT = {
  ...{ imageSize, patchSize, channels, eps, activation },
  dims: [8, 12, 16],
  depths: [1, 1, 1],
  heads: [2, 2, 2],
  mlpRatios: [2, 2, 2],
  reductions: [2, 1, 1],
  wholeReductions: [4, 2, 1],
};
const { cellSize, secondaryRatio, decoderOrder, decoderDim, decoderDepth, decoderHeads, normalizedTarget } = decoder;
const pyramid: UmMaeConfig = {
  ...pvt,
  ...{ cellSize, secondaryRatio, decoderOrder, decoderDim, decoderDepth, decoderHeads, normalizedTarget },
};
const [L, K, side] = [64, 16, 8];
const N = 50;
const images = { shape: [N, 3, 32, 32], data: new Float32Array(N * 3072) };
const prepared = (c: UmMaeConfig = config): HostInputs =>
  umMae.prepare(c, { images }, seededDraws(keyOf(1)), { step: 0, steps: 1 });

beforeAll(async () => {
  await start();
});

/** Cell of pixel i of [N, 3, 32, 32], counted over all images. */
const cellOf = (i: number): number => {
  const [n, y, x] = [Math.floor(i / 3072), Math.floor((i % 1024) / 32), i % 32];
  return n * L + Math.floor(y / 4) * side + Math.floor(x / 4);
};

const invertedIn = (x: HostTensor, cells: Set<number>): HostTensor =>
  changed(x, (v, i) => (cells.has(cellOf(i)) ? 1 - v : v));

/** Cells that the second mask hides among the sampled ones, counted over all images. */
function hiddenAgain({ hiddenAgain: again, idsKeep }: HostInputs): Set<number> {
  const cells = Array.from(idsKeep!.data, (cell, i) => Math.floor(i / K) * L + cell);
  return new Set(cells.filter((_, i) => again!.data[i] === 1));
}

describe("what stays visible", () => {
  /** Windows of 2 x 2 cells with one visible cell. */
  const even = (mask: ArrayLike<number>) => {
    const counts = new Int32Array(N * K);
    for (let i = 0; i < N * L; i++) {
      const [n, y, x] = [Math.floor(i / L), Math.floor((i % L) / side), i % side];
      if (mask[i] === 0) counts[n * K + Math.floor(y / 2) * (side / 2) + Math.floor(x / 2)]!++;
    }
    return counts.filter((count) => count === 1).length;
  };

  test("one of every 2 x 2 cells, which MAE's random mask of the same share does not grant", () => {
    expect(even(prepared().mask!.data)).toBe(N * K);
    const c = { ...mae.toy.config, imageSize: [32, 32] as const, patchSize: 4, maskRatio: 0.75 };
    const random = mae.prepare(c, { images }, seededDraws(keyOf(1)), { step: 0, steps: 1 });
    expect(even(random.mask!.data)).toBeLessThan(0.6 * N * K);
  });

  test("a quarter of those is hidden again in every image", () => {
    const { hiddenAgain: again } = prepared();
    for (let n = 0; n < N; n++) {
      expect(Array.from(again!.data.slice(n * K, (n + 1) * K)).filter((v) => v === 1).length).toBe(4);
    }
    expect(prepared({ ...config, secondaryRatio: 0 }).hiddenAgain!.data.every((v) => v === 0)).toBe(true);
    expect("vis_mask_token" in umMae.specs({ ...config, secondaryRatio: 0 })).toBe(false);
  });

  test("latents unfold window by window to their own cells; in the released order to the sorted ones", () => {
    const own = prepared().idsKeep!.data;
    for (let i = 0; i < N * K; i++) {
      const [window, cell] = [i % K, own[i]!];
      expect([Math.floor(cell / side / 2), Math.floor((cell % side) / 2)]).toEqual([
        Math.floor(window / 4),
        window % 4,
      ]);
    }
    const released = prepared({ ...config, decoderOrder: "byRow" }).idsKeep!.data;
    for (let n = 0; n < N; n++) {
      const row = Array.from(own.slice(n * K, (n + 1) * K));
      expect(Array.from(released.slice(n * K, (n + 1) * K))).toEqual(row.sort((a, b) => a - b));
    }
    expect(released).not.toEqual(own);
  });
});

describe.each([
  ["Swin", config, 32],
  ["PVT", pyramid, 16],
] as const)("%s", (_, c, last) => {
  test("the encoder sees a whole map of a quarter of the tokens, and nothing of the others", async () => {
    const first = await evaluateOnce(umMae, c);
    expect(first.outputs.squeezed!.shape).toEqual([3, 8, 8, 8]);
    expect(first.outputs.latent!.shape).toEqual([3, 2, 2, last]);
    expect(first.outputs.pred!.shape).toEqual([3, 48, 48]);
    const { images: seen, mask } = first.inputs;
    const hidden = new Set(Array.from(mask!.data.keys()).filter((i) => mask!.data[i] === 1));
    const moved = { ...first.inputs, images: invertedIn(seen!, hidden) };
    const again = await evaluateOnce(umMae, c, { ...first, inputs: moved });
    expect(distance(again.outputs.pred, first.outputs.pred)).toBe(0);
    expect(Math.abs(again.loss - first.loss)).toBeGreaterThan(1e-6);
  });

  test("cells hidden again are neither seen nor foretold, yet their places stay in the map", async () => {
    const first = await evaluateOnce(umMae, c);
    const cells = hiddenAgain(first.inputs);
    expect(cells.size).toBe(12);
    const moved = { ...first.inputs, images: invertedIn(first.inputs.images!, cells) };
    const again = await evaluateOnce(umMae, c, { ...first, inputs: moved });
    expect(again.loss).toBe(first.loss);
    const others = new Set(Array.from(first.inputs.idsKeep!.data, (cell, i) => Math.floor(i / K) * L + cell));
    for (const cell of cells) others.delete(cell);
    const shown = { ...first.inputs, images: invertedIn(first.inputs.images!, others) };
    expect((await evaluateOnce(umMae, c, { ...first, inputs: shown })).loss).not.toBe(first.loss);
    const token = first.params.vis_mask_token!;
    const params = { ...first.params, vis_mask_token: { ...token, data: token.data.map((v, i) => v + Math.sin(i)) } };
    const other = await evaluateOnce(umMae, c, { ...first, params });
    expect(distance(other.outputs.latent, first.outputs.latent)).toBeGreaterThan(1e-4);
  });

  test("features come from the whole image", async () => {
    const { params, batch } = await evaluateOnce(umMae, c);
    const features = async (x: HostTensor) => {
      const { outputs } = await evaluateWithGradients(
        (p, { images: whole }) => {
          const encoded = umMae.encode(c, p, { images: whole! });
          return { loss: sum(encoded), outputs: { encoded } };
        },
        params,
        { images: x },
        [],
        "float64",
      );
      return outputs.encoded!;
    };
    const before = await features(batch.images!);
    expect(before.shape).toEqual([3, last]);
    for (const cell of [0, 27, 63]) {
      expect(distance(await features(invertedIn(batch.images!, new Set([cell]))), before)).toBeGreaterThan(1e-6);
    }
  });
});

test("a squeezed map keeps the tokens' places: the same tokens from other corners give other latents", async () => {
  const c: PositionBiasSwin = { ...swin, depths: [1], heads: [2] };
  const { params } = await evaluateOnce(umMae, config);
  const tokens = { shape: [1, 4, 4, 8], data: seededDraws(keyOf(5)).normal(128) };
  const at = (spread: number, by = 0) => ({
    shape: [1, 4, 4, 2],
    data: Float64Array.from({ length: 32 }, (_, i) => spread * (i % 2 ? (i >> 1) % 4 : i >> 3) + by),
  });
  const run = async (positions: HostTensor) => {
    const { outputs } = await evaluateWithGradients(
      (p, x: Record<string, Tensor>) => {
        const latent = positionBiasBlocks(c, p, x.tokens!, x.positions!);
        return { loss: sum(latent), outputs: { latent } };
      },
      { ...params, "norm.weight": { shape: [8], data: new Float32Array(8).fill(1) }, "norm.bias": tokenZeros },
      { tokens, positions },
      [],
      "float64",
    );
    return outputs.latent!;
  };
  const here = await run(at(1));
  expect(distance(await run(at(1, 7)), here)).toBeLessThan(1e-12); // only differences of places count
  expect(distance(await run(at(2)), here)).toBeGreaterThan(1e-5);
});

const tokenZeros = { shape: [8], data: new Float32Array(8) };
