/** A point's value; writes the gradient into its second argument. */
export type Differentiable = (x: Float64Array, gradient: Float64Array) => number;

/**
 * Minimum of a smooth convex function by L-BFGS (Nocedal and Wright, Numerical Optimization, Algorithm 7.5) with step
 * halving until Armijo's condition holds. `precondition` turns a gradient, in place, into an estimate of the inverse
 * Hessian times it. Stops when no component of the gradient exceeds `tolerance`. No randomness: the same function and
 * start give the same minimum.
 */
export function lbfgs(
  f: Differentiable,
  start: Float64Array,
  precondition: (gradient: Float64Array) => void,
  { memory = 10, tolerance = 1e-5, iterations = 500 } = {},
): Float64Array {
  let x = Float64Array.from(start);
  let gradient = new Float64Array(x.length);
  let value = f(x, gradient);
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  for (let iteration = 0; iteration < iterations && largest(gradient) > tolerance; iteration++) {
    const direction = descent(gradient, pairs, precondition);
    const slope = dot(direction, gradient);
    let step = 1;
    let next = x;
    const nextGradient = new Float64Array(x.length);
    let nextValue = Number.POSITIVE_INFINITY;
    for (let halvings = 0; halvings < 40; halvings++, step /= 2) {
      next = x.map((v, i) => v + step * direction[i]!);
      nextValue = f(next, nextGradient);
      if (nextValue <= value + 1e-4 * step * slope) break;
    }
    if (!(nextValue < value)) return x; // no descent left in floating point
    const s = next.map((v, i) => v - x[i]!);
    const y = nextGradient.map((v, i) => v - gradient[i]!);
    const curvature = dot(s, y);
    if (curvature > 0) pairs.push({ s, y, rho: 1 / curvature });
    if (pairs.length > memory) pairs.shift();
    [x, gradient, value] = [next, nextGradient, nextValue];
  }
  return x;
}

/** -H g by the two-loop recursion; pairs oldest first. */
function descent(
  gradient: Float64Array,
  pairs: readonly { s: Float64Array; y: Float64Array; rho: number }[],
  precondition: (gradient: Float64Array) => void,
): Float64Array {
  const q = gradient.map((g) => -g);
  const alphas: number[] = [];
  for (const { s, y, rho } of pairs.toReversed()) {
    const alpha = rho * dot(s, q);
    alphas.push(alpha);
    for (let i = 0; i < q.length; i++) q[i]! -= alpha * y[i]!;
  }
  precondition(q);
  for (const { s, y, rho } of pairs) {
    const beta = rho * dot(y, q);
    const alpha = alphas.pop()!;
    for (let i = 0; i < q.length; i++) q[i]! += (alpha - beta) * s[i]!;
  }
  return q;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const largest = (x: Float64Array): number => x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
