/** The standard normal distribution in double precision, as R's dnorm, pnorm and qnorm give it. */

/** Density at x. */
export const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** Chance of a value up to x: a power series in the middle, a continued fraction in the tails. */
export function cumulative(x: number): number {
  if (x > 3) return 1 - cumulative(-x);
  if (x < -3) {
    let fraction = 0;
    for (let k = 200; k >= 1; k--) fraction = k / (-x + fraction);
    return density(x) / (-x + fraction);
  }
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + density(x) * sum;
}

/** The x below which lies a share p in (0, 1): Newton's method from the nearer side of the middle. */
export function quantile(p: number): number {
  if (p > 0.5) return -quantile(1 - p);
  if (!(p > 0)) throw new Error(`quantile: expected a share in (0, 1), found ${p}`);
  let x = p > 0.1 ? 0 : -Math.sqrt(-2 * Math.log(p));
  for (let step = 0; step < 60; step++) {
    const next = x - (cumulative(x) - p) / density(x);
    if (Math.abs(next - x) <= 1e-15 * (1 + Math.abs(x))) return next;
    x = next;
  }
  return x;
}
