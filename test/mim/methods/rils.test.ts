import { beforeAll, describe, expect, test } from "vitest";
import type { Evaluation, HostTensor } from "../../../src/mim/method.ts";
import { mae } from "../../../src/mim/methods/mae.ts";
import { type RilsConfig, rils } from "../../../src/mim/methods/rils.ts";
import { mul, start, sum, type Tensor } from "../../../src/mim/ops.ts";
import { changed, distance, evaluateOnce, norm, type OnceResult, TINY } from "../evaluateOnce.ts";

const N = 4;
const L = 16;
const config: RilsConfig = { ...rils.toy.config, ...TINY, textDim: 16, textHeads: 2, embedDim: 12 };
const encoderWeight = "visual.blocks.0.mlp.fc1.weight";
const trained = [encoderWeight, "visual.decoder_pred.weight", "token_embedding.weight"];
let once: OnceResult;

beforeAll(async () => {
  await start();
  once = await evaluateOnce(rils, config, { n: N, trained });
});

const captions = (order: readonly number[]) => {
  const swap = (name: "tokens" | "ends") => {
    const x = once.inputs[name]!;
    const W = x.data.length / N;
    return { shape: x.shape, data: Int32Array.from(order.flatMap((n) => [...x.data.subarray(n * W, (n + 1) * W)])) };
  };
  return { ...once.inputs, tokens: swap("tokens"), ends: swap("ends") };
};
const given = (inputs: OnceResult["inputs"]) => ({ inputs, params: once.params, state: once.state });
const shares = (x: HostTensor | undefined, row: number) => {
  const e = Array.from(x!.data.subarray(row * N, (row + 1) * N)).map((v) => Math.exp(v));
  return e.map((v) => v / e.reduce((a, b) => a + b, 0));
};

describe("RILS", () => {
  test("a patch's target is told over the batch's captions: it follows their order and changes with one of them", async () => {
    const order = [2, 0, 3, 1];
    const moved = await evaluateOnce(rils, config, given(captions(order)));
    const replaced = await evaluateOnce(rils, config, given(captions([0, 1, 2, 2])));
    expect(once.outputs.target!.shape).toEqual([N, L, N]);
    for (let row = 0; row < N * L; row++) {
      const target = shares(once.outputs.target, row);
      shares(moved.outputs.target, row).forEach((x, k) => {
        expect(x).toBeCloseTo(target[order[k]!]!, 10);
      });
    }
    expect(distance(replaced.outputs.target, once.outputs.target)).toBeGreaterThan(1e-3);
    const plain = await evaluateOnce(mae, { ...mae.toy.config, ...TINY }, { batch: once.batch });
    const { tokens: _, ...wordless } = once.batch;
    const without = await evaluateOnce(mae, { ...mae.toy.config, ...TINY }, { batch: wordless });
    expect(without.loss).toBe(plain.loss); // MAE knows no captions
  });

  test("is the KL divergence over hidden patches of rightly picked images, to the formula", async () => {
    const picked = Array.from(once.outputs.picked!.data);
    let [sum, count] = [0, 0];
    for (let row = 0; row < N * L; row++) {
      if (picked[Math.floor(row / L)] !== 1 || once.inputs.mask!.data[row] !== 1) continue;
      const [q, p] = [shares(once.outputs.target, row), shares(once.outputs.student, row)];
      sum += q.reduce((a, x, k) => a + x * Math.log(x / p[k]!), 0);
      count++;
    }
    expect(once.outputs.lossRec!.data[0]).toBeCloseTo(sum / (count + 1e-6), 9);
  });

  test("an image that picks another's caption does not count", async () => {
    const picked = Array.from(once.outputs.picked!.data);
    expect(new Set(picked)).toEqual(new Set([0, 1]));
    const counting = (side: 0 | 1) => {
      const mask = changed(once.inputs.mask!, (x, i) => (picked[Math.floor(i / L)] === side ? x : 0));
      const of = ({ outputs }: Evaluation) => outputs.lossRec as Tensor;
      return evaluateOnce(rils, config, { ...given({ ...once.inputs, mask }), trained, of });
    };
    const [wrong, right] = [await counting(0), await counting(1)];
    for (const name of trained) expect(norm(wrong.grads[name])).toBe(0);
    for (const name of trained) expect(norm(right.grads[name])).toBeGreaterThan(0);
  });

  test("the target is a constant, the whole image teaches through the contrast alone", async () => {
    const through = async (name: "target" | "student" | "image") => {
      const of = ({ outputs }: Evaluation) => sum(mul(outputs[name] as Tensor, outputs[name] as Tensor));
      return norm((await evaluateOnce(rils, config, { ...given(once.inputs), trained, of })).grads[encoderWeight]);
    };
    expect(await through("target")).toBe(0);
    expect(await through("student")).toBeGreaterThan(0);
    expect(await through("image")).toBeGreaterThan(0);
  });

  test("a caption's end has read all of it, its start only itself", async () => {
    const last = changed(once.inputs.tokens!, (x, i) => (i === 3 ? x + 1 : x));
    const tokens = { shape: last.shape, data: Int32Array.from(last.data) };
    const later = await evaluateOnce(rils, config, given({ ...once.inputs, tokens }));
    expect(distance(later.outputs.text, once.outputs.text)).toBeGreaterThan(1e-6);
    const ends = { shape: [N, 1], data: new Int32Array(N) };
    const early = await evaluateOnce(rils, config, given({ ...once.inputs, ends }));
    const both = await evaluateOnce(rils, config, given({ ...once.inputs, tokens, ends }));
    expect(distance(both.outputs.text, early.outputs.text)).toBe(0);
  });
});
