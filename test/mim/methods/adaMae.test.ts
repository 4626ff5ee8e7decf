import { beforeAll, describe, expect, test } from "vitest";
import { seededDraws } from "../../../src/mim/draws.ts";
import type { Evaluation } from "../../../src/mim/method.ts";
import { type AdaMaeConfig, adaMae } from "../../../src/mim/methods/adaMae.ts";
import { videoMae } from "../../../src/mim/methods/videoMae.ts";
import { samplingReward } from "../../../src/mim/objective/samplingReward.ts";
import { logSoftmax, readSync, scope, start, type Tensor, tensor, valueAndGrad } from "../../../src/mim/ops.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";
import { evaluateOnce, norm, type OnceResult, TINY } from "../evaluateOnce.ts";

const config: AdaMaeConfig = { ...adaMae.toy.config, ...TINY, samplingHeads: 2 };
const L = 64;
const sampler = ["encoder.get_token_probs.0.mlp.fc1.weight", "encoder.get_token_probs.1.weight"];
const rest = ["encoder.blocks.0.mlp.fc1.weight", "decoder.head.weight"];
const embedding = "encoder.patch_embed.proj.weight";
let once: OnceResult;

beforeAll(async () => {
  await start();
  once = await evaluateOnce(adaMae, config, { n: 2 });
});

describe("AdaMAE", () => {
  test("what is hidden and badly predicted becomes likelier to be seen, what is well predicted less likely", () => {
    scope(() => {
      const errors = [1, 1, 10, 1];
      const { grads } = valueAndGrad((p: { readonly logits: Tensor }) => {
        const loss = samplingReward(logSoftmax(p.logits), tensor(errors, [1, 4], "float64"));
        return [loss, loss] as const;
      })({ logits: tensor([0, 0, 0, 0], [1, 4], "float64") });
      const found = readSync(grads.logits);
      // d/dz_k of -mean_i(e_i log p_i) = (p_k Σe - e_k) / 4
      errors.forEach((e, k) => {
        expect(found[k]).toBeCloseTo((13 / 4 - e) / 4, 12);
      });
      expect(found[2]).toBeLessThan(0); // descending raises its logit
      return [];
    });
  });

  test("the sampling term trains the sampling network and the embedding, the reconstruction all but the network", async () => {
    const trained = [...sampler, ...rest, embedding];
    const { params, inputs, state } = once;
    const through = (name: "lossRec" | "lossSampling") =>
      evaluateOnce(adaMae, config, {
        params,
        inputs,
        state,
        trained,
        of: ({ outputs }: Evaluation) => outputs[name] as Tensor,
      });
    const [rec, sampling] = [await through("lossRec"), await through("lossSampling")];
    for (const name of sampler) {
      expect(norm(rec.grads[name])).toBe(0);
      expect(norm(sampling.grads[name])).toBeGreaterThan(0);
    }
    for (const name of rest) {
      expect(norm(rec.grads[name])).toBeGreaterThan(0);
      expect(norm(sampling.grads[name])).toBe(0);
    }
    for (const run of [rec, sampling]) expect(norm(run.grads[embedding])).toBeGreaterThan(0);
  });

  test("cubes are drawn by the network's chances, without repetition; VideoMAE's tubes ask no network", () => {
    const N = 300;
    const chances = Float64Array.from({ length: N * L }, (_, i) => (i % L < 8 ? 0.9 / 8 : 0.1 / 56));
    const videos = { shape: [N, 3, 8, 16, 16], data: new Float32Array(0) };
    const guide = { chances: { shape: [N, L], data: chances } };
    const { mask, idsKeep } = adaMae.prepare(config, { videos }, seededDraws(keyOf(1)), { step: 0, steps: 1 }, guide);
    const K = Math.floor(L * (1 - config.maskRatio));
    expect(idsKeep!.shape).toEqual([N, K]);
    const seen = (from: number, to: number) =>
      Array.from(mask!.data).filter((m, i) => m === 0 && i % L >= from && i % L < to).length / (N * (to - from));
    expect(seen(0, 8)).toBeGreaterThan(4 * seen(8, L));
    for (let n = 0; n < N; n++)
      expect(Array.from(mask!.data.subarray(n * L, (n + 1) * L)).reduce((a, b) => a + b, 0)).toBe(L - K);
    expect(videoMae.guide).toBeUndefined();
  });

  test("the term is the mean over hidden cubes of log p times error", () => {
    const { outputs, inputs } = once;
    const M = inputs.idsMask!.shape[1]!;
    let sum = 0;
    outputs.errors!.data.forEach((e, i) => {
      sum -= e * outputs.logP!.data[Math.floor(i / M) * L + inputs.idsMask!.data[i]!]!;
    });
    expect(outputs.lossSampling!.data[0]).toBeCloseTo(sum / (2 * M), 10);
    const total = outputs.lossRec!.data[0]! + config.samplingWeight * outputs.lossSampling!.data[0]!;
    expect(once.loss).toBeCloseTo(total, 12);
    const row = Array.from(outputs.logP!.data.subarray(0, L)).reduce((a, v) => a + Math.exp(v), 0);
    expect(row).toBeCloseTo(1, 10);
  });
});
