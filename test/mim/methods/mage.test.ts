import { beforeAll, expect, test } from "vitest";
import { mage, maskedTokens } from "../../../src/mim/methods/mage.ts";
import { mageC } from "../../../src/mim/methods/mageC.ts";
import { start, type Tensor } from "../../../src/mim/ops.ts";
import { distance, evaluateOnce, norm } from "../evaluateOnce.ts";

const { tokenizer: _, ...toy } = mage.toy.config;
const config = {
  ...toy,
  imageSize: [16, 16] as const,
  patchSize: 4,
  dim: 16,
  depth: 1,
  heads: 2,
  decoderDim: 16,
  decoderHeads: 2,
  codes: 12,
};
const N = 3;
const tokens = (shift: number, n = N) => ({
  tokenIds: { shape: [n, 16], data: Int32Array.from({ length: n * 16 }, (_, i) => (i * 5 + shift * (i % 3)) % 12) },
});
const withRatio = (mean: number) => ({ ...config, ratio: { mean, deviation: 1e-9, low: 0.5, high: 1 } });

beforeAll(async () => {
  await start();
});

test("the encoder is always as long; with everything masked it sees no image, with less masked it does", async () => {
  for (const [ratio, alike] of [
    [1, true],
    [0.6, false],
  ] as const) {
    const c = withRatio(ratio);
    const first = await evaluateOnce(mage, c, { batch: tokens(0) });
    const other = await evaluateOnce(mage, c, { batch: tokens(1), params: first.params });
    expect(first.outputs.latent!.shape).toEqual([N, 1 + 8, 16]);
    expect(Array.from(first.inputs.mask!.data).reduce((a, b) => a + b, 0)).toBe(N * Math.ceil(16 * ratio));
    expect(distance(first.outputs.logits, other.outputs.logits) < 1e-12).toBe(alike);
  }
});

test("two masked places differ by their positions alone; visible places by their tokens", async () => {
  const mask = Float32Array.from({ length: 16 }, (_, i) => (i >= 4 ? 1 : 0));
  const dropped = Float32Array.from({ length: 16 }, (_, i) => (i >= 8 ? 1 : 0));
  const inputs = maskedTokens(config, { shape: [1, 16], data: tokens(0, 1).tokenIds.data }, { mask, dropped });
  expect(Array.from(inputs.sources!.data)).toEqual([0, 1, 2, 3, 4, ...Array(12).fill(0)]);
  expect(Array.from(inputs.keptIds!.data)).toEqual([12, 0, 5, 10, 3, 13, 13, 13, 13]);
  const first = await evaluateOnce(mage, config, { inputs });
  const swapped = { ...first.params };
  const table = first.params.decoder_pos_embed_learned!;
  const data = Float32Array.from(table.data);
  data.set(table.data.subarray(5 * 16, 6 * 16), 13 * 16); // place 12 now lies where place 4 lies
  swapped.decoder_pos_embed_learned = { shape: table.shape, data };
  const again = await evaluateOnce(mage, config, { inputs, params: swapped });
  const row = (i: number) => Array.from(again.outputs.logits!.data.subarray(i * 14, (i + 1) * 14));
  row(5).forEach((v, i) => {
    expect(row(13)[i]).toBeCloseTo(v, 10);
  });
});

test("the embeddings learn from the input side alone: the output side holds them", async () => {
  const name = "token_emb.word_embeddings.weight";
  const run = await evaluateOnce(mage, withRatio(1), { batch: tokens(0), trained: [name] });
  const rows = run.grads[name]!;
  const length = (id: number) => norm({ shape: [16], data: rows.data.slice(id * 16, (id + 1) * 16) as Float64Array });
  expect(length(0)).toBe(0); // a code: it is a target and scored, but never an input when all is masked
  expect(length(13)).toBeGreaterThan(0); // the mask entry
  expect(length(12)).toBeGreaterThan(0); // "no class"
});

test("MAGE-C's contrast pulls on the encoder and not on the decoder; without it both agree", async () => {
  const c = { ...mageC.toy.config, ...config, tokenizer: undefined, projector: { hidden: 8, out: 8 } } as never;
  const trained = ["blocks.0.mlp.fc1.weight", "decoder_embed.weight"];
  const batch = tokens(0, 4);
  const run = await evaluateOnce(mageC, c, { batch, trained, of: ({ outputs }) => outputs.lossContrast as Tensor });
  expect(norm(run.grads["blocks.0.mlp.fc1.weight"])).toBeGreaterThan(1e-6);
  expect(norm(run.grads["decoder_embed.weight"])).toBe(0);
  const plain = await evaluateOnce(mage, config, { params: run.params, inputs: run.inputs });
  expect(run.outputs.lossMage!.data[0]).toBeCloseTo(plain.loss, 12);
  expect(run.loss).toBeCloseTo(plain.loss + 0.1 * run.outputs.lossContrast!.data[0]!, 12);
});
