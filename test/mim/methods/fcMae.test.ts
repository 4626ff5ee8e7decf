import { beforeAll, describe, expect, test } from "vitest";
import { convNext } from "../../../src/mim/architecture/convNext.ts";
import type { HostTensor } from "../../../src/mim/method.ts";
import { fcMae } from "../../../src/mim/methods/fcMae.ts";
import { globalResponseNorm } from "../../../src/mim/nn/globalResponseNorm.ts";
import { under } from "../../../src/mim/nn/params.ts";
import { full, mul, readSync, scope, start, type Tensor, tensor } from "../../../src/mim/ops.ts";
import { evaluateWithGradients } from "../../../src/mim/parity/evaluate.ts";
import { keyOf, normals } from "../../../src/mim/toy/random.ts";
import { changed, distance, evaluateOnce, type OnceResult } from "../evaluateOnce.ts";

const config = { ...fcMae.toy.config, depths: [1, 1, 1], dims: [4, 6, 8], kernel: 3, decoderDim: 8 };
/** Whether a pixel of a picture [N, 3, 32, 32] lies in a hidden cell of 8 x 8. */
const isHidden = (mask: HostTensor) => (i: number) => {
  const [n, row, column] = [Math.floor(i / 3072), Math.floor((i % 1024) / 32), i % 32];
  return mask.data[n * 16 + (row >> 3) * 4 + (column >> 3)] === 1;
};
let once: OnceResult;

beforeAll(async () => {
  await start();
  once = await evaluateOnce(fcMae, config, { n: 2 });
});

describe("FCMAE", () => {
  test("never sees hidden pixels, and hidden places are empty after every stage", async () => {
    const hidden = isHidden(once.inputs.mask!);
    const images = changed(once.inputs.images!, (x, i) => (hidden(i) ? 1 - x : x));
    const other = await evaluateOnce(fcMae, config, { inputs: { ...once.inputs, images }, params: once.params });
    expect(distance(once.outputs.pred, other.outputs.pred)).toBe(0);
    [4, 6, 8].forEach((D, stage) => {
      const map = once.outputs[`stages.${stage}`]!;
      const side = map.shape[2]!;
      Array.from(map.data).forEach((x, i) => {
        const [n, row, column] = [Math.floor(i / (D * side * side)), Math.floor(i / side) % side, i % side];
        const cell = Math.floor((row * 4) / side) * 4 + Math.floor((column * 4) / side);
        if (once.inputs.mask!.data[n * 16 + cell] === 1) expect(x).toBe(0);
      });
    });
  });

  test("a dense ConvNeXt on the same pixels set to zero lets what is seen grow over hidden places", async () => {
    const hidden = isHidden(once.inputs.mask!);
    const images = changed(once.inputs.images!, (x, i) => (hidden(i) ? 0 : x));
    const { outputs } = await evaluateWithGradients(
      (p, { x, active }) => ({
        loss: full([], 0, "float64"),
        outputs: {
          dense: convNext(config, under(p, "encoder."), x!)[0]!,
          sparse: convNext(config, under(p, "encoder."), x!, active!)[0]!,
        },
      }),
      once.params,
      { x: images, active: once.inputs.active! },
      [],
      "float64",
    );
    const zeros = (x: HostTensor) => Array.from(x.data).filter((v) => v === 0).length / x.data.length;
    expect(zeros(outputs.sparse!)).toBeGreaterThanOrEqual(0.6);
    expect(zeros(outputs.dense!)).toBeLessThan(zeros(outputs.sparse!) - 0.1);
  });

  test("learns from hidden cells alone", async () => {
    const pred = once.outputs.pred!;
    expect(pred.shape).toEqual([2, 16, 192]);
    const seen = changed(once.inputs.mask!, (m) => 1 - m);
    const other = await evaluateOnce(fcMae, config, { inputs: { ...once.inputs, mask: seen }, params: once.params });
    expect(distance(pred, other.outputs.pred)).toBe(0);
    expect(other.loss).not.toBe(once.loss);
  });
});

test("response normalisation starts as the identity, scales with its input, and leaves a silent channel silent", () => {
  scope(() => {
    const x = tensor(normals(keyOf(2), 2 * 3 * 3 * 5), [2, 3, 3, 5], "float64");
    const silent = mul(x, tensor([1, 1, 0, 1, 1], [1, 1, 1, 5], "float64"));
    const at = (gamma: number, y: Tensor) =>
      readSync(
        globalResponseNorm(
          { "grn.gamma": full([1, 1, 1, 5], gamma, "float64"), "grn.beta": full([1, 1, 1, 5], 0, "float64") },
          "grn",
          y,
        ),
      );
    expect([...at(0, x)]).toEqual([...readSync(x)]);
    const [once, twice] = [at(0.7, silent), at(0.7, mul(silent, 2))];
    twice.forEach((v, i) => expect(v).toBeCloseTo(2 * once[i]!, 5)); // but for the 1e-6 beside the mean norm
    expect(once.filter((_, i) => i % 5 === 2).every((v) => v === 0)).toBe(true);
    // Channels compete: a louder neighbour makes a channel quieter, which the identity at the start does not.
    const louder = at(0.7, mul(x, tensor([1, 1, 1, 1, 9], [1, 1, 1, 5], "float64")));
    expect(Math.abs(louder[0]!)).toBeLessThan(Math.abs(at(0.7, x)[0]!));
    return [];
  });
});
