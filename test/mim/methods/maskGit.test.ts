import { beforeAll, expect, test } from "vitest";
import { seededDraws } from "../../../src/mim/draws.ts";
import { parallelDecode } from "../../../src/mim/generate/parallelDecode.ts";
import { beit } from "../../../src/mim/methods/beit.ts";
import { type MaskGitConfig, maskGit, maskGitLogits } from "../../../src/mim/methods/maskGit.ts";
import { initParams, toTensors } from "../../../src/mim/nn/params.ts";
import { compile, dispose, read, start, type Tensor, tensor } from "../../../src/mim/ops.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";
import { evaluateOnce } from "../evaluateOnce.ts";

const config: MaskGitConfig = {
  ...maskGit.toy.config,
  imageSize: [16, 16],
  transformer: { ...maskGit.toy.config.transformer, codes: 12, length: 16, dim: 16, depth: 1, heads: 2 },
  tokenizer: {
    ...maskGit.toy.config.tokenizer,
    imageSize: [16, 16],
    patchSize: 4,
    dim: 16,
    heads: 2,
    vocabulary: 12,
    codeDim: 4,
    decoderDim: 16,
    decoderHeads: 2,
  },
};
const ids = (N: number) => ({ shape: [N, 16], data: Int32Array.from({ length: N * 16 }, (_, i) => i % 12) });
const shares = (mask: ArrayLike<number>, L: number) =>
  Array.from({ length: mask.length / L }, (_, n) => {
    const row = Array.from({ length: L }, (_, i) => mask[n * L + i]!);
    return row.reduce((a, b) => a + b, 0) / L;
  });

beforeAll(async () => {
  await start();
});

test("every rate of masking occurs, as often as the cosine says; BEiT has one rate", () => {
  const progress = { step: 0, steps: 1 };
  const { mask } = maskGit.prepare(config, { tokenIds: ids(2000) }, seededDraws(keyOf(1)), progress);
  const rates = shares(mask!.data, 16);
  expect(Math.min(...rates)).toBeLessThan(0.1);
  expect(Math.max(...rates)).toBe(1);
  const mean = rates.reduce((a, b) => a + b, 0) / rates.length;
  expect(Math.abs(mean - (2 / Math.PI + 0.5 / 16))).toBeLessThan(0.02); // half a token more, by rounding up
  const images = { shape: [50, 3, 32, 32], data: new Float32Array(50 * 3072) };
  const tokenIds = { shape: [50, 64], data: new Int32Array(50 * 64) };
  const fine = { ...beit.toy.config, patchSize: 4, blocks: { hidden: 26, minBlock: 4, minAspect: 0.3 } };
  const fixed = beit.prepare(fine, { images, tokenIds }, seededDraws(keyOf(1)), progress).mask!;
  const spread = shares(fixed.data, 64).map((rate) => Math.abs(rate - 26 / 64));
  expect(Math.max(...spread)).toBeLessThan(0.1);
});

test("only masked tokens are learned from, and they are not seen", async () => {
  const first = await evaluateOnce(maskGit, config, {
    batch: { tokenIds: ids(3), images: { shape: [3, 3, 16, 16], data: new Float32Array(2304) } },
  });
  const { mask, tokenIds } = first.inputs;
  const other = (hidden: number) => ({
    ...tokenIds!,
    data: Int32Array.from(tokenIds!.data, (id, i) => (mask!.data[i] === hidden ? (id + 1) % 12 : id)),
  });
  const unseen = await evaluateOnce(maskGit, config, { ...first, inputs: { ...first.inputs, tokenIds: other(1) } });
  expect(unseen.outputs.logits!.data).toEqual(first.outputs.logits!.data);
  expect(unseen.loss).not.toBe(first.loss);
  const seen = await evaluateOnce(maskGit, config, { ...first, inputs: { ...first.inputs, tokenIds: other(0) } });
  expect(seen.outputs.logits!.data).not.toEqual(first.outputs.logits!.data);
  expect(Array.from(mask!.data)).toContain(0);
});

test("decoding leaves given tokens alone and fills the rest in rounds that the cosine sets", async () => {
  const params = toTensors(initParams(maskGit.specs(config), keyOf(2)));
  const run = compile((p: Record<string, Tensor>, x: Tensor) => maskGitLogits(config, p, x));
  const maskToken = config.transformer.codes;
  const given = Int32Array.from({ length: 16 }, (_, i) => (i < 4 ? i : maskToken));
  const left: number[] = [];
  const history = await parallelDecode(
    seededDraws(keyOf(3)),
    given,
    1,
    async (tokens) => {
      left.push(tokens.filter((id) => id === maskToken).length);
      const logits = run(params, tensor(tokens, [1, 16], "int32"));
      const numbers = await read(logits);
      logits.dispose();
      return numbers;
    },
    { maskToken, rounds: 4, schedule: "cosine", choiceTemperature: 4.5 },
  );
  dispose(params);
  expect(left).toEqual([12, ...[1, 2, 3].map((t) => Math.floor(12 * Math.cos((Math.PI * t) / 8)))]);
  for (const tokens of history) expect(Array.from(tokens.slice(0, 4))).toEqual([0, 1, 2, 3]);
  expect(history.at(-1)!.every((id) => id < maskToken)).toBe(true);
});
