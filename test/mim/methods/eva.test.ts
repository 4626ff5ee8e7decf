import { beforeAll, expect, test } from "vitest";
import { type EvaConfig, eva } from "../../../src/mim/methods/eva.ts";
import { mae } from "../../../src/mim/methods/mae.ts";
import { l2 } from "../../../src/mim/objective/l2.ts";
import { maskedMean } from "../../../src/mim/objective/maskedMean.ts";
import { negativeCosine } from "../../../src/mim/objective/negativeCosine.ts";
import { start, type Tensor } from "../../../src/mim/ops.ts";
import { evaluateWithGradients } from "../../../src/mim/parity/evaluate.ts";
import { changed, distance, evaluateOnce, norm, TINY } from "../evaluateOnce.ts";

const config: EvaConfig = {
  ...eva.toy.config,
  imageSize: [16, 16],
  patchSize: 4,
  dim: 16,
  depth: 1,
  heads: 2,
  teacher: { ...mae.toy.config, ...TINY },
};

beforeAll(async () => {
  await start();
});

test("only the direction of the teacher's features counts, which a square distance does not grant", async () => {
  const { outputs, inputs } = await evaluateOnce(eva, config);
  const { pred, target } = outputs;
  const longer = changed(target!, (v, i) => v * (1 + (Math.floor(i / 16) % 5)));
  const run = async (objective: (a: Tensor, b: Tensor) => Tensor, wanted: typeof longer) =>
    evaluateWithGradients(
      (p, x) => ({ loss: maskedMean(objective(p.pred!, x.wanted!), x.mask!), outputs: {} }),
      { pred: pred! },
      { wanted, mask: inputs.mask! },
      ["pred"],
      "float64",
    );
  const [near, far] = [await run(negativeCosine, target!), await run(negativeCosine, longer)];
  expect(far.loss.data[0]).toBeCloseTo(near.loss.data[0]!, 10);
  expect(distance(far.grads.pred, near.grads.pred)).toBeLessThan(1e-10);
  const [square, other] = [await run(l2, target!), await run(l2, longer)];
  expect(Math.abs(square.loss.data[0]! - other.loss.data[0]!)).toBeGreaterThan(0.1);
  const same = await run(negativeCosine, pred!);
  expect(same.loss.data[0]).toBeCloseTo(-1, 10);
  const slope = near.grads.pred!;
  slope.data.forEach((v, i) => {
    if (inputs.mask!.data[Math.floor(i / 16)] === 0) expect(Math.abs(v)).toBe(0);
  });
});

test("the teacher sees the whole image, the student only what is left of it, and the teacher learns nothing", async () => {
  const first = await evaluateOnce(eva, config, { trained: ["lm_head.weight"] });
  expect(norm(first.grads["lm_head.weight"])).toBeGreaterThan(1e-6);
  const hidden = (i: number) => {
    const [n, y, x] = [Math.floor(i / 768), Math.floor((i % 256) / 16), i % 16];
    return first.inputs.mask!.data[n * 16 + Math.floor(y / 4) * 4 + Math.floor(x / 4)] === 1;
  };
  const images = changed(first.inputs.images!, (v, i) => (hidden(i) ? 1 - v : v));
  const again = await evaluateOnce(eva, config, { ...first, inputs: { ...first.inputs, images } });
  expect(distance(again.outputs.pred, first.outputs.pred)).toBe(0);
  expect(distance(again.outputs.target, first.outputs.target)).toBeGreaterThan(1e-3);
  expect(eva.state!.update(config, {}, {}, {}, {})).toEqual({});
});
