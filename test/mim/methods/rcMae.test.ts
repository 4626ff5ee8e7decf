import { beforeAll, expect, test } from "vitest";
import { mae } from "../../../src/mim/methods/mae.ts";
import { rcMae } from "../../../src/mim/methods/rcMae.ts";
import { start, type Tensor } from "../../../src/mim/ops.ts";
import { changed, distance, evaluateOnce, norm, TINY } from "../evaluateOnce.ts";

const config = { ...rcMae.toy.config, ...TINY };

beforeAll(async () => {
  await start();
});

test("a teacher equal to the student adds nothing; one that lags behind pulls, over hidden patches alone", async () => {
  const same = await evaluateOnce(rcMae, config, { trained: ["decoder_pred.bias"] });
  const plain = await evaluateOnce(mae, config, {
    params: same.params,
    inputs: same.inputs,
    trained: ["decoder_pred.bias"],
  });
  expect(same.loss).toBeCloseTo(plain.loss, 12);
  expect(distance(same.grads["decoder_pred.bias"], plain.grads["decoder_pred.bias"])).toBeLessThan(1e-12);

  const state = { ...same.state, "decoder_pred.bias": changed(same.state["decoder_pred.bias"]!, (v) => v + 0.5) };
  const apart = await evaluateOnce(rcMae, config, { params: same.params, inputs: same.inputs, state: state as never });
  expect(apart.outputs.lossCons!.data[0]).toBeCloseTo(0.25, 10);
  expect(apart.loss).toBeCloseTo(plain.loss + 0.25, 10);
});

test("the teacher is held: its error is no way for the gradient", async () => {
  const first = await evaluateOnce(rcMae, config);
  const state = Object.fromEntries(Object.entries(first.state).map(([k, x]) => [k, changed(x, (v) => 1.1 * v)]));
  const cons = await evaluateOnce(rcMae, config, {
    params: first.params,
    inputs: first.inputs,
    state: state as never,
    trained: ["decoder_pred.bias", "blocks.0.mlp.fc2.weight"],
    of: ({ outputs }) => outputs.lossCons as Tensor,
  });
  // d/db of the mean over hidden patches of mean_f (pred - taught)^2 is 2 mean(pred - taught) / F in each entry f.
  const { pred, taught } = cons.outputs;
  const { mask } = first.inputs;
  const F = 48;
  const hidden = Array.from(mask!.data).reduce((a, b) => a + b, 0);
  const slope = Array.from({ length: F }, (_, f) =>
    Array.from(mask!.data).reduce(
      (a, m, i) => a + (m * 2 * (pred!.data[i * F + f]! - taught!.data[i * F + f]!)) / (F * hidden),
      0,
    ),
  );
  slope.forEach((want, f) => {
    expect(cons.grads["decoder_pred.bias"]!.data[f]).toBeCloseTo(want, 10);
  });
  expect(norm(cons.grads["blocks.0.mlp.fc2.weight"])).toBeGreaterThan(0);
});

test("momentum rises from its start to 1 by half a cosine", async () => {
  const at = async (step: number) =>
    (await evaluateOnce(rcMae, config, { step, steps: 100 })).inputs.momentum!.data[0]!;
  const [first, middle, last] = [await at(0), await at(50), await at(99)];
  expect(first).toBeCloseTo(config.momentum, 12);
  expect(middle).toBeCloseTo((1 + config.momentum) / 2, 12);
  expect(last).toBeGreaterThan(0.9999);
});
