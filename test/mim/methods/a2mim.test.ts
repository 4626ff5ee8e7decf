import { beforeAll, expect, test } from "vitest";
import { type A2mimConfig, a2mim, a2mimLosses } from "../../../src/mim/methods/a2mim.ts";
import { start } from "../../../src/mim/ops.ts";
import { evaluateWithGradients } from "../../../src/mim/parity/evaluate.ts";
import { changed, distance, evaluateOnce, norm } from "../evaluateOnce.ts";

const config: A2mimConfig = {
  ...a2mim.toy.config,
  imageSize: [16, 16],
  network: {
    channels: 3,
    stemDim: 6,
    stemStride: 2,
    stages: [
      { dim: 6, blocks: 1, stride: 1 },
      { dim: 8, blocks: 1, stride: 2 },
    ],
  },
  tokenStage: 1,
  maskUnit: 4,
  visibleWeight: 0,
};

beforeAll(async () => {
  await start();
});

test("the mask token leaves the features before its stage as they were, which one at the input does not", async () => {
  const name = "backbone.mask_token";
  const moved = async (tokenStage: number) => {
    const first = await evaluateOnce(a2mim, { ...config, tokenStage });
    const token = first.params[name]!;
    const params = { ...first.params, [name]: { ...token, data: token.data.map((v) => v + 1) } };
    const again = await evaluateOnce(a2mim, { ...config, tokenStage }, { ...first, params });
    return (output: string) => distance(again.outputs[output], first.outputs[output]);
  };
  const middle = await moved(1);
  expect(middle("entering.0")).toBe(0);
  expect(middle("entering.1")).toBe(0);
  expect(middle("pred")).toBeGreaterThan(1e-6);
  const input = await moved(0);
  expect(input("entering.1")).toBeGreaterThan(1e-6);
});

test("with the target in its visible part the prediction is judged by its hidden part alone, in both terms", async () => {
  const { inputs, outputs } = await evaluateOnce(a2mim, config);
  const slopes = async (c: A2mimConfig) => {
    const { grads } = await evaluateWithGradients(
      (p, x) => ({ loss: a2mimLosses(c, p.pred!, x.images!, x.hidden!).loss, outputs: {} }),
      { pred: outputs.pred! },
      { images: inputs.images!, hidden: outputs.hidden! },
      ["pred"],
      "float64",
    );
    const visible = Array.from(grads.pred!.data).filter((_, i) => {
      const [n, at] = [Math.floor(i / 768), i % 256];
      return outputs.hidden!.data[n * 256 + at] === 0;
    });
    return { visible: Math.max(...visible.map(Math.abs)), all: norm(grads.pred) };
  };
  const replaced = await slopes(config);
  expect(replaced.all).toBeGreaterThan(1e-6);
  expect(replaced.visible).toBe(0);
  expect((await slopes({ ...config, visibleWeight: 1 })).visible).toBeGreaterThan(1e-9);
});

test("hidden pixels are not seen", async () => {
  const first = await evaluateOnce(a2mim, config);
  const images = changed(first.inputs.images!, (v, i) => {
    const [n, at] = [Math.floor(i / 768), i % 256];
    return first.outputs.hidden!.data[n * 256 + at] === 1 ? 1 - v : v;
  });
  const again = await evaluateOnce(a2mim, config, { ...first, inputs: { ...first.inputs, images } });
  expect(distance(again.outputs.pred, first.outputs.pred)).toBe(0);
});
