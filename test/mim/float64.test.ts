/** What ops computes anew in float64 agrees with the host's Math inside compiled code, in value and gradient. */
import { beforeAll, expect, test } from "vitest";
import {
  compile,
  cos,
  exp,
  gelu,
  geluTanh,
  log,
  logSoftmax,
  mean,
  mul,
  power,
  read,
  sigmoid,
  sin,
  softmax,
  softplus,
  start,
  sum,
  type Tensor,
  tanh,
  tensor,
  valueAndGrad,
  variance,
} from "../../src/mim/ops.ts";

beforeAll(async () => {
  await start();
});

const points = Array.from({ length: 101 }, (_, i) => (i - 50) / 3);
const positive = points.map((x) => Math.exp(x));
const logistic = (x: number) => 1 / (1 + Math.exp(-x));

const curve = (x: number) => 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
const slopeOfGelu = (x: number) => {
  const s = logistic(curve(x));
  return s + x * s * (1 - s) * 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x ** 2);
};

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
  ["power 4", (x) => power(x, 4), (x) => x ** 4, (x) => 4 * x ** 3, points],
  ["tanh", tanh, Math.tanh, (x) => 1 / Math.cosh(x) ** 2, points],
  ["tanh gelu", geluTanh, (x) => x * logistic(curve(x)), (x) => slopeOfGelu(x), points],
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

test("a mean and a variance over 48 numbers are exact to 1e-14", async () => {
  const xs = Float64Array.from({ length: 48 }, (_, i) => Math.sin(i) + 2);
  const average = xs.reduce((a, v) => a + v, 0) / 48;
  const run = compile((x: Tensor) => [mean(x, 1), variance(x, -1, { correction: 1 })] as const);
  const [m, v] = run(tensor(xs, [1, 48], "float64"));
  expect(Math.abs((await read(m))[0]! - average)).toBeLessThan(1e-14);
  const wanted = xs.reduce((a, x) => a + (x - average) ** 2, 0) / 47;
  expect(Math.abs((await read(v))[0]! - wanted)).toBeLessThan(1e-14);
});

test("logSoftmax is exact to 1e-12 and keeps far-off entries finite", async () => {
  const xs = [-60, 0.3, 2, 40];
  const total = Math.log(xs.reduce((a, x) => a + Math.exp(x - 40), 0)) + 40;
  const ours = await read(compile((x: Tensor) => logSoftmax(x))(tensor(Float64Array.from(xs), [1, 4], "float64")));
  xs.forEach((x, i) => {
    expect(Math.abs(ours[i]! - (x - total))).toBeLessThan(1e-11);
  });
});

test("softmax is exact to 1e-12, minus infinity included", async () => {
  const xs = [0.5, -Infinity, 2, -1];
  const total = xs.reduce((a, x) => a + Math.exp(x), 0);
  const ours = await read(compile((x: Tensor) => softmax(x))(tensor(Float64Array.from(xs), [1, 4], "float64")));
  xs.forEach((x, i) => {
    expect(Math.abs(ours[i]! - Math.exp(x) / total)).toBeLessThan(1e-12);
  });
});

test("sine, cosine and gelu have exact values; the slopes of sine and cosine are the engine's", async () => {
  const run = compile((x: Tensor) => ({ sin: sin(x), cos: cos(x), gelu: gelu(x) }));
  const xs = [-20.3, -3, -0.5, 0, 1, 2.5];
  // scipy.stats.norm.cdf, SciPy 1.17.1
  const cdf = [0, 0.0013498980316300933, 0.3085375387259869, 0.5, 0.8413447460685429, 0.9937903346742238];
  const ours = run(tensor(Float64Array.from(xs), [xs.length], "float64"));
  const [s, c, g] = [await read(ours.sin), await read(ours.cos), await read(ours.gelu)];
  xs.forEach((x, i) => {
    expect(s[i]).toBeCloseTo(Math.sin(x), 11);
    expect(c[i]).toBeCloseTo(Math.cos(x), 11);
    expect(g[i]).toBeCloseTo(x * cdf[i]!, 8);
  });
});

test("gelu and its slope are SciPy 1.17.1's norm.cdf and norm.pdf to 1e-11", async () => {
  const xs = [-6, -1.5, -0.1, 0, 0.4, 3];
  const want = [-5.91952587022617e-9, -0.100210801903287, -0.0460172162722971, 0, 0.26216869664413, 2.99595030590511];
  const slope = [-3.5468709453902e-8, -0.12746919222998, 0.42047690797527, 0.5, 0.802729797731654, 1.01194564720418];
  const { aux, grads } = valueAndGrad((x: Tensor) => {
    const y = gelu(x);
    return [sum(y), y] as const;
  })(tensor(xs, [6], "float64"));
  (await read(aux)).forEach((y, i) => expect(Math.abs(y - want[i]!)).toBeLessThan(1e-11));
  (await read(grads)).forEach((g, i) => expect(Math.abs(g - slope[i]!)).toBeLessThan(1e-11));
});
