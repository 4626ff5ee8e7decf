/** Slopes where a function has none of its own, as PyTorch 1.13 gives them (torch.autograd.grad of x.abs(), F.relu(x)). */
import { beforeAll, expect, test } from "vitest";
import { abs, read, relu, start, sum, type Tensor, tensor, valueAndGrad } from "../../../src/mim/ops.ts";

beforeAll(async () => {
  await start();
});

test.each([
  ["abs", abs, [-1, 0, 1]],
  ["relu", relu, [0, 0, 1]],
] as const)("the slope of %s at 0 is PyTorch's 0", async (_, f, slopes) => {
  const slope = valueAndGrad((x: Tensor) => [sum(f(x)), []] as const);
  const { grads } = slope(tensor([-2, 0, 3], [3]));
  expect(Array.from(await read(grads))).toEqual(slopes);
});
