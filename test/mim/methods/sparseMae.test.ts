import { beforeAll, expect, test } from "vitest";
import { keptWeights, largestInGraph, largestWeights } from "../../../src/mim/architecture/weightTopology.ts";
import { seededDraws } from "../../../src/mim/draws.ts";
import { mae } from "../../../src/mim/methods/mae.ts";
import { type SparseMaeConfig, sparseMae } from "../../../src/mim/methods/sparseMae.ts";
import { start, sum } from "../../../src/mim/ops.ts";
import { evaluateWithGradients } from "../../../src/mim/parity/evaluate.ts";
import { toyBatch } from "../../../src/mim/toy/batch.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";
import { type Checkpoint, startingPoint, trainer } from "../../../src/mim/train/trainer.ts";
import { distance, evaluateOnce, norm, TINY } from "../evaluateOnce.ts";

const config: SparseMaeConfig = { ...sparseMae.toy.config, ...TINY, interval: 1 };
const FC1 = "blocks.0.mlp.fc1.weight";

beforeAll(async () => {
  await start();
});

test("host and traced selection keep the same weights, exactly as many as wanted", async () => {
  const weights = seededDraws(keyOf(1)).normal(600);
  const wanted = Array.from(weights.keys()).sort((a, b) => Math.abs(weights[b]!) - Math.abs(weights[a]!));
  for (const density of [0.01, 0.2, 1]) {
    const kept = keptWeights(600, density);
    const host = largestWeights(weights, kept);
    expect(Array.from(host.keys()).filter((i) => host[i] === 1)).toEqual(wanted.slice(0, kept).sort((a, b) => a - b));
    const { outputs } = await evaluateWithGradients(
      (p) => {
        const traced = largestInGraph(p.W!, kept);
        return { loss: sum(traced), outputs: { traced } };
      },
      { W: { shape: [20, 30], data: weights } },
      {},
      [],
      "float64",
    );
    expect(distance(outputs.traced, { shape: [20, 30], data: host })).toBe(0);
  }
  expect(Array.from(largestWeights(Float32Array.of(1, -1, 1, 0), 2))).toEqual([1, 1, 0, 0]);
});

test("the sparse network is MAE with zeros for the dropped weights, and both restore the same patches", async () => {
  const { inputs, params, outputs, loss } = await evaluateOnce(sparseMae, config);
  const own = Object.entries(params).flatMap(([name, x]) =>
    name.startsWith("sparse.") ? [[name.slice(7), x] as const] : [],
  );
  const zeroed = Object.fromEntries(
    own.map(([name, x]) => {
      const topology = inputs[`topology.${name}`];
      if (!topology) return [name, x];
      expect(topology.data.filter((v) => v === 1).length).toBe(keptWeights(x.data.length, config.density));
      return [name, { ...x, data: Float32Array.from(x.data, (v, i) => v * topology.data[i]!) }];
    }),
  );
  const { idsKeep, idsRestore, mask, images } = inputs;
  const masked = { images: images!, idsKeep: idsKeep!, idsRestore: idsRestore!, mask: mask! };
  const dense = await evaluateOnce(mae, config, { params: { ...params, ...zeroed }, inputs: masked });
  expect(distance(dense.outputs.pred, outputs.pred)).toBeLessThan(1e-12);
  const full = await evaluateOnce(mae, config, { params, inputs: masked });
  expect(distance(full.outputs.pred, outputs.fullPred)).toBeLessThan(1e-12);
  expect(loss).toBeCloseTo(dense.loss + full.loss, 10);
});

test("dropped weights have gradients too, and either network learns from its own loss", async () => {
  const trained = [FC1, `sparse.${FC1}`, "blocks.0.norm1.weight", "sparse.blocks.0.norm1.weight"];
  const both = await evaluateOnce(sparseMae, config, { trained });
  const topology = both.inputs[`topology.${FC1}`]!;
  const dropped = Array.from(both.grads[`sparse.${FC1}`]!.data).filter((_, i) => topology.data[i] === 0);
  expect(dropped.filter((g) => g !== 0).length).toBeGreaterThan(0.9 * dropped.length);
  const only = async (name: "ofFull" | "ofSparse") =>
    (await evaluateOnce(sparseMae, config, { ...both, trained, of: ({ outputs }) => outputs[name] as never })).grads;
  const [full, sparse] = [await only("ofFull"), await only("ofSparse")];
  expect(norm(full[`sparse.${FC1}`])).toBe(0);
  expect(norm(sparse[FC1])).toBe(0);
  const shared = await evaluateOnce(sparseMae, { ...config, weights: "shared" as const }, { trained: [FC1] });
  expect(Object.keys(shared.params).some((name) => name.startsWith("sparse."))).toBe(false);
  expect(norm(shared.grads[FC1])).toBeGreaterThan(1e-6);
});

/** Topologies after each of some steps. */
async function trained(c: SparseMaeConfig, steps: number): Promise<Checkpoint["state"][]> {
  const key = keyOf(3);
  const t = trainer(sparseMae, c, { steps, lr: 2e-2 }, startingPoint(sparseMae, c, key), key);
  const states = [(await t.checkpoint()).state];
  for (let i = 0; i < steps; i++) {
    await t.step(toyBatch("rgb", { seed: 1, start: 4 * i, n: 4, size: 16 }).inputs);
    states.push((await t.checkpoint()).state);
  }
  t.dispose();
  return states;
}

test("as weights move, some that were dropped come back; selected once, none does", async () => {
  const at = (states: Checkpoint["state"][], i: number) => states[i]![`topology.${FC1}`]!.data;
  const moving = await trained(config, 12);
  const names = Object.keys(moving[0]!);
  expect(names.length).toBe(4);
  for (const state of moving) {
    for (const name of names) {
      const { data } = state[name]!;
      expect(data.filter((v) => v === 1).length).toBe(keptWeights(data.length, config.density));
    }
  }
  let returned = 0;
  at(moving, 0).forEach((_, i) => {
    const kept = moving.map((state) => state[`topology.${FC1}`]!.data[i]);
    if (kept.some((v, s) => v === 0 && kept.slice(0, s).includes(1) && kept.slice(s).includes(1))) returned++;
  });
  expect(returned).toBeGreaterThan(0);
  const fixed = await trained({ ...config, interval: 1000 }, 4);
  for (let s = 1; s < 5; s++) expect(at(fixed, s)).toEqual(at(fixed, 0));
});

test("features come from the sparse network: weights that it dropped do not count", async () => {
  const { params, batch, inputs } = await evaluateOnce(sparseMae, config);
  const features = async (p: typeof params) => {
    const { outputs } = await evaluateWithGradients(
      (own, x) => {
        const encoded = sparseMae.encode(config, own, x);
        return { loss: sum(encoded), outputs: { encoded } };
      },
      p,
      { images: batch.images! },
      [],
      "float64",
    );
    return outputs.encoded!;
  };
  const topology = inputs[`topology.${FC1}`]!.data;
  const name = `sparse.${FC1}`;
  const moved = (kept: 0 | 1) => ({
    ...params,
    [name]: { ...params[name]!, data: params[name]!.data.map((v, i) => (topology[i] === kept ? v + 0.1 : v)) },
  });
  const before = await features(params);
  expect(distance(await features(moved(0)), before)).toBe(0);
  expect(distance(await features(moved(1)), before)).toBeGreaterThan(1e-6);
});
