import { beforeAll, describe, expect, test } from "vitest";
import { convBlock } from "../../../src/mim/architecture/convViT.ts";
import type { HostTensor } from "../../../src/mim/method.ts";
import { mcMae } from "../../../src/mim/methods/mcMae.ts";
import { start, sub, zeros } from "../../../src/mim/ops.ts";
import { evaluateWithGradients } from "../../../src/mim/parity/evaluate.ts";
import { changed, distance, evaluateOnce, type OnceResult } from "../evaluateOnce.ts";

const config = {
  ...mcMae.toy.config,
  dims: [4, 8, 16] as const,
  depths: [2, 1, 1] as const,
  heads: 2,
  decoderDim: 8,
  decoderHeads: 2,
};
/** Whether a place of maps [N, D, side, side] lies in a hidden cell of the 4 x 4 grid. */
const isHidden = (mask: HostTensor, D: number, side: number) => (i: number) => {
  const [n, row, column] = [Math.floor(i / (D * side * side)), Math.floor(i / side) % side, i % side];
  return mask.data[n * 16 + Math.floor((row * 4) / side) * 4 + Math.floor((column * 4) / side)] === 1;
};
let once: OnceResult;

beforeAll(async () => {
  await start();
  once = await evaluateOnce(mcMae, config, { n: 2 });
});

describe("MCMAE", () => {
  test("hidden pixels reach no visible place of any scale and no prediction", async () => {
    const mask = once.inputs.mask!;
    const hidden = isHidden(mask, 3, 32);
    const images = changed(once.inputs.images!, (x, i) => (hidden(i) ? 1 - x : x));
    const other = await evaluateOnce(mcMae, config, { inputs: { ...once.inputs, images }, params: once.params });
    expect(distance(once.outputs.pred, other.outputs.pred)).toBe(0);
    [4, 8].forEach((D, stage) => {
      const [a, b] = [once.outputs[`maps.${stage}`]!, other.outputs[`maps.${stage}`]!];
      const at = isHidden(mask, D, a.shape[2]!);
      Array.from(a.data).forEach((x, i) => {
        if (!at(i)) expect(b.data[i]).toBe(x);
      });
      expect(distance(a, b)).toBeGreaterThan(0);
    });
  });

  test("a convolution that is not masked carries hidden features over into visible places", async () => {
    const map = once.outputs["maps.0"]!;
    const hidden = isHidden(once.inputs.mask!, 4, 16);
    const { outputs } = await evaluateWithGradients(
      (p, { x, y, active }) => ({
        loss: zeros([], "float64"),
        outputs: {
          masked: sub(convBlock(p, "blocks1.0", x!, active!), convBlock(p, "blocks1.0", y!, active!)),
          open: sub(convBlock(p, "blocks1.0", x!), convBlock(p, "blocks1.0", y!)),
        },
      }),
      once.params,
      { x: map, y: changed(map, (v, i) => (hidden(i) ? v + 1 + (i % 3) : v)), active: once.inputs.active! },
      [],
      "float64",
    );
    const visible = (x: HostTensor) => Array.from(x.data).filter((_, i) => !hidden(i));
    expect(visible(outputs.masked!).every((v) => v === 0)).toBe(true);
    expect(visible(outputs.open!).some((v) => Math.abs(v) > 1e-6)).toBe(true);
  });

  test("adds the fine stages to the transformer's output", async () => {
    const params = { ...once.params };
    for (const name of ["stage1_output_decode.weight", "stage2_output_decode.weight"]) {
      params[name] = changed(params[name]!, () => 0) as (typeof params)[string];
    }
    const alone = await evaluateOnce(mcMae, config, { inputs: once.inputs, params });
    expect(distance(alone.outputs.latent, once.outputs.latent)).toBeGreaterThan(1e-3);
    expect(distance(alone.outputs["maps.1"], once.outputs["maps.1"])).toBe(0);
  });
});
