import { beforeAll, describe, expect, test } from "vitest";
import { seededDraws } from "../../../src/mim/draws.ts";
import { mae } from "../../../src/mim/methods/mae.ts";
import { type MultiMaeConfig, multiMae } from "../../../src/mim/methods/multiMae.ts";
import { maskedMeanBySample } from "../../../src/mim/objective/maskedMeanBySample.ts";
import { readSync, scope, start, tensor } from "../../../src/mim/ops.ts";
import { standardizedDepth } from "../../../src/mim/target/standardizedDepth.ts";
import { toyBatch } from "../../../src/mim/toy/batch.ts";
import { keyOf, normals } from "../../../src/mim/toy/random.ts";
import { changed, distance, evaluateOnce, type OnceResult, TINY } from "../evaluateOnce.ts";

const config: MultiMaeConfig = { ...multiMae.toy.config, ...TINY, visibleTokens: 10 };
const [N, L] = [3, 16];
let once: OnceResult;

beforeAll(async () => {
  await start();
  once = await evaluateOnce(multiMae, config, { n: N });
});

describe("MultiMAE", () => {
  test("as many tokens are visible in every scene, in shares that differ; with a small α nearly all of one modality", () => {
    const { images, depth } = toyBatch("depth", { seed: 1, n: 8, size: 16 }).inputs;
    const shares = (concentration: number) => {
      const c = { ...config, concentration };
      const made = multiMae.prepare(c, { images: images!, depth: depth! }, seededDraws(keyOf(3)), {
        step: 0,
        steps: 1,
      });
      return Array.from({ length: 8 }, (_, n) => {
        const seen = (name: string) =>
          L - Array.from(made[name]!.data.subarray(n * L, (n + 1) * L)).reduce((a, b) => a + b, 0);
        const [rgb, far] = [seen("mask_rgb"), seen("mask_depth")];
        expect(rgb + far).toBe(config.visibleTokens);
        return rgb;
      });
    };
    expect(new Set(shares(1)).size).toBeGreaterThan(2);
    const oneSided = shares(0.02).filter((rgb) => rgb <= 1 || rgb >= 9).length;
    expect(oneSided).toBeGreaterThanOrEqual(6);
    expect(shares(1000).every((rgb) => rgb >= 4 && rgb <= 6)).toBe(true);
  });

  test("what is visible of depth tells the picture, what is hidden of it nothing; an MAE of pictures knows no depth", async () => {
    const { inputs, params, state } = once;
    const seen = inputs.mask_depth!.data.indexOf(0);
    const hidden = inputs.mask_depth!.data.indexOf(1);
    const without = (place: number) =>
      changed(inputs.depth!, (x, i) => {
        const [n, y, column] = [Math.floor(i / 256), Math.floor(i / 16) % 16, i % 16];
        return n === Math.floor(place / L) && Math.floor(y / 4) * 4 + Math.floor(column / 4) === place % L ? x + 1 : x;
      });
    const run = (depth: (typeof inputs)[string]) =>
      evaluateOnce(multiMae, config, { params, state, inputs: { ...inputs, depth } });
    const [a, b] = [await run(without(seen)), await run(without(hidden))];
    expect(distance(a.outputs.rgb, once.outputs.rgb)).toBeGreaterThan(1e-5);
    expect(distance(b.outputs.rgb, once.outputs.rgb)).toBe(0);
    expect(b.loss).not.toBe(once.loss); // it is a target
    const own = { ...mae.toy.config, ...TINY };
    const one = await evaluateOnce(mae, own, { batch: once.batch });
    const other = await evaluateOnce(mae, own, { batch: { images: once.batch.images! } });
    expect(one.loss).toBe(other.loss);
  });

  test("each decoder fills its own modality's patches, from an encoder that all share", () => {
    expect(once.outputs.rgb!.shape).toEqual([N, L, 48]);
    expect(once.outputs.depth!.shape).toEqual([N, L, 16]);
    expect(once.outputs.normRgb!.shape).toEqual([N, L, 48]);
    expect(once.outputs.latent!.shape).toEqual([N, config.visibleTokens + 1, 16]);
    const names = Object.keys(multiMae.specs(config));
    expect(names.filter((name) => name.endsWith("decoder.kv.weight"))).toHaveLength(3);
    expect(names.filter((name) => name.startsWith("encoder.0.") && name.endsWith("qkv.weight"))).toHaveLength(1);
  });

  test("a prediction's channels come last, as the picture's do: the loss is the mean square patch by patch", () => {
    const { inputs, outputs } = once;
    const mask = inputs.mask_rgb!.data;
    let total = 0;
    let scenes = 0;
    for (let n = 0; n < N; n++) {
      let [sum, count] = [0, 0];
      for (let l = 0; l < L; l++) {
        if (mask[n * L + l] !== 1) continue;
        count++;
        for (let i = 0; i < 48; i++) {
          const [row, column, channel] = [Math.floor(i / 12), Math.floor(i / 3) % 4, i % 3];
          const [y, x] = [Math.floor(l / 4) * 4 + row, (l % 4) * 4 + column];
          sum +=
            (outputs.rgb!.data[(n * L + l) * 48 + i]! - inputs.images!.data[((n * 3 + channel) * 16 + y) * 16 + x]!) **
            2;
        }
      }
      if (count > 0) {
        total += sum / (48 * count);
        scenes++;
      }
    }
    expect(outputs["losses.rgb"]!.data[0]).toBeCloseTo(total / scenes, 7);
  });
});

test("a mean by sample weighs samples alike and passes over those without masked patches", () => {
  const losses = Float64Array.from([1, 2, 3, 10, 20, 30, 5, 5, 5]);
  const mask = Float64Array.from([1, 1, 1, 0, 1, 0, 0, 0, 0]);
  scope(() => {
    const of = (m: Float64Array) =>
      readSync(maskedMeanBySample(tensor(losses, [3, 3], "float64"), tensor(m, [3, 3], "float64")))[0];
    expect(of(mask)).toBeCloseTo((2 + 20) / 2, 12);
    expect(of(new Float64Array(9))).toBe(0);
    return [];
  });
});

test("standardised depth has mean 0 and variance 1 of what is between its tails, whatever the tails are", () => {
  const values = normals(keyOf(5), 100);
  const far = values.map((v, i) => (i === 7 ? 1e6 : v));
  const of = (data: Float64Array, trim: number) => standardizedDepth({ shape: [1, 1, 10, 10], data }, trim).data;
  const middle = Array.from(of(values, 0.1))
    .toSorted((a, b) => a - b)
    .slice(10, 90);
  const mean = middle.reduce((a, b) => a + b, 0) / 80;
  expect(mean).toBeCloseTo(0, 10);
  expect(middle.reduce((a, b) => a + (b - mean) ** 2, 0) / 79).toBeCloseTo(1, 4);
  const [robust, fragile] = [of(far, 0.1), of(far, 0)];
  const spread = (x: ArrayLike<number>) => Math.abs(x[0]! - x[1]!);
  expect(spread(robust)).toBeGreaterThan(0.5 * spread(of(values, 0.1)));
  expect(spread(fragile)).toBeLessThan(1e-3);
});
