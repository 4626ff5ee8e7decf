import { beforeAll, expect, test } from "vitest";
import { type MsnConfig, msn, targetShares } from "../../../src/mim/methods/msn.ts";
import { prototypeShares, shareCrossEntropy, unevenness } from "../../../src/mim/objective/prototypeAssignment.ts";
import { add, mul, start, sum, type Tensor } from "../../../src/mim/ops.ts";
import { evaluateWithGradients } from "../../../src/mim/parity/evaluate.ts";
import { changed, distance, evaluateOnce, norm } from "../evaluateOnce.ts";

const config: MsnConfig = {
  ...msn.toy.config,
  imageSize: [16, 16],
  patchSize: 4,
  dim: 16,
  depth: 1,
  heads: 2,
  focalSize: 8,
  headHidden: 24,
  headOut: 8,
  prototypes: 12,
};

beforeAll(async () => {
  await start();
});

/** Loss and parts over given embeddings of anchors, targets [N, 8], with prototypes of ones' own axes. */
async function lossOf(views: (n: number, d: number) => number, weight: number) {
  const [N, d] = [8, 8];
  const data = Float64Array.from({ length: N * d }, (_, i) => views(Math.floor(i / d), i % d));
  const prototypes = Float64Array.from({ length: d * d }, (_, i) => (i % (d + 1) === 0 ? 1 : 0));
  const { loss } = await evaluateWithGradients(
    (_, { z, Q }) => {
      const targets = targetShares({ ...config, sinkhorn: false }, z!, Q!);
      const shares = prototypeShares(z!, Q!, config.temperature);
      return { loss: add(shareCrossEntropy(shares, targets), mul(unevenness(shares), weight)), outputs: {} };
    },
    {},
    { z: { shape: [N, d], data }, Q: { shape: [d, d], data: prototypes } },
    [],
    "float64",
  );
  return loss.data[0]!;
}

test("falling together costs more than spreading out, and without the evenness term it does not", async () => {
  const together = (weight: number) => lossOf((_, d) => (d === 0 ? 1 : 0), weight);
  const spread = (weight: number) => lossOf((n, d) => (d === n ? 1 : 0), weight);
  expect(await together(1)).toBeGreaterThan((await spread(1)) + 1);
  expect(await together(0)).toBeCloseTo(await spread(0), 9);
});

test("the loss sees directions only, and prototypes learn from anchors alone", async () => {
  const once = await evaluateOnce(msn, config, { trained: ["prototypes", "encoder.fc.fc3.weight"] });
  const params = { ...once.params };
  for (const name of ["encoder.fc.fc3.weight", "encoder.fc.fc3.bias"]) {
    params[name] = changed(params[name]!, (v) => 3 * v) as (typeof params)[string];
  }
  const longer = await evaluateOnce(msn, config, { ...once, params });
  expect(longer.loss).toBeCloseTo(once.loss, 9);
  const throughTargets = await evaluateOnce(msn, config, {
    ...once,
    trained: ["prototypes"],
    of: ({ outputs }) => sum(outputs.targets as Tensor),
  });
  expect(norm(throughTargets.grads.prototypes)).toBe(0);
  expect(norm(once.grads.prototypes)).toBeGreaterThan(1e-3);
});

test("dropped patches of the anchor are not seen, those that stay are; the target sees all", async () => {
  const first = await evaluateOnce(msn, { ...config, focalViews: 0 });
  const { idsKeep, views, images } = first.inputs;
  const kept = new Set(Array.from(idsKeep!.data.subarray(0, idsKeep!.shape[1])));
  const patch = (i: number) => Math.floor((i % 256) / 64) * 4 + Math.floor((i % 16) / 4);
  const seen = async (which: (at: number) => boolean, name: "views" | "images") => {
    const moved = changed((name === "views" ? views : images)!, (v, i) => (which(patch(i)) ? 1 - v : v));
    return evaluateOnce(msn, { ...config, focalViews: 0 }, { ...first, inputs: { ...first.inputs, [name]: moved } });
  };
  expect((await seen((at) => !kept.has(at), "views")).loss).toBe(first.loss);
  expect((await seen((at) => kept.has(at), "views")).loss).not.toBe(first.loss);
  const whole = await seen((at) => !kept.has(at), "images");
  expect(distance(whole.outputs.targets, first.outputs.targets)).toBeGreaterThan(1e-6);
});
