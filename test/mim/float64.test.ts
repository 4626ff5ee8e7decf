/** What ops computes anew in float64 agrees with the host's Math inside compiled code, in value and gradient. */
import { beforeAll, expect, test } from "vitest";
import {
  compile,
  exp,
  log,
  logSoftmax,
  mul,
  power,
  read,
  sigmoid,
  softplus,
  start,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
} from "../../src/mim/ops.ts";

beforeAll(async () => {
  await start();
});

const points = Array.from({ length: 101 }, (_, i) => (i - 50) / 3);
const positive = points.map((x) => Math.exp(x));
const logistic = (x: number) => 1 / (1 + Math.exp(-x));

const CASES: readonly (readonly [
  string,
  (x: Tensor) => Tensor,
  (x: number) => number,
  (x: number) => number,
  number[],
])[] = [
  ["exp", exp, Math.exp, Math.exp, points],
  ["log", log, Math.log, (x) => 1 / x, positive],
  ["sigmoid", sigmoid, logistic, (x) => logistic(x) * logistic(-x), points],
  ["softplus", softplus, (x) => Math.log1p(Math.exp(-Math.abs(x))) + Math.max(x, 0), logistic, points.filter(Boolean)],
  ["power 1.7", (x) => power(x, 1.7), (x) => x ** 1.7, (x) => 1.7 * x ** 0.7, positive],
  ["a third", (x) => mul(x, 1 / 3), (x) => x / 3, () => 1 / 3, points],
];

test.each(CASES)("%s is exact to 1e-12", async (_, ours, value, slope, xs) => {
  const run = compile((x: Tensor) => {
    const { aux, grads } = valueAndGrad((y: Tensor) => {
      const z = ours(y);
      return [sum(z), z] as const;
    })(x);
    return { aux, grads };
  });
  const { aux, grads } = run(tensor(Float64Array.from(xs), [xs.length], "float64"));
  const [values, slopes] = [await read(aux), await read(grads)];
  xs.forEach((x, i) => {
    expect(Math.abs(values[i]! - value(x))).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(value(x))));
    expect(Math.abs(slopes[i]! - slope(x))).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(slope(x))));
  });
});

test("logSoftmax is exact to 1e-12 and keeps far-off entries finite", async () => {
  const xs = [-60, 0.3, 2, 40];
  const total = Math.log(xs.reduce((a, x) => a + Math.exp(x - 40), 0)) + 40;
  const ours = await read(compile((x: Tensor) => logSoftmax(x))(tensor(Float64Array.from(xs), [1, 4], "float64")));
  xs.forEach((x, i) => {
    expect(Math.abs(ours[i]! - (x - total))).toBeLessThan(1e-11);
  });
});
