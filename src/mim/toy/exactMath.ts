/**
 * sin, cos, exp and log by +, -, ×, ÷ and rounding alone. ECMAScript leaves Math.sin and its kin to the engine, so their
 * last bit differs between browsers; IEEE 754 arithmetic does not. Everything random or drawn in the toy world goes through these (and
 * Math.sqrt, which every engine maps to the correctly rounded instruction), so a seed gives the same bytes everywhere.
 * Error below 4e-16 relative to the result's scale for |x| up to 1e5; checked against Math.* in the tests.
 */
const HALF_PI_HIGH = 1.5707963267341256; // π/2 in two parts: the first has 33 significant bits
const HALF_PI_LOW = 6.077100506506192e-11;
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** Sine of x radians. */
export const sin = (x: number): number => quarterTurns(x, 0);

/** Cosine of x radians. */
export const cos = (x: number): number => quarterTurns(x, 1);

/** sin(x + shift · π/2): reduced to |r| ≤ π/4, then a Taylor polynomial. */
function quarterTurns(x: number, shift: number): number {
  const n = Math.round(x / (Math.PI / 2));
  const r = x - n * HALF_PI_HIGH - n * HALF_PI_LOW;
  const quadrant = (((n + shift) % 4) + 4) % 4;
  const value = quadrant % 2 === 0 ? sinNearZero(r) : cosNearZero(r);
  return quadrant < 2 ? value : -value;
}

function sinNearZero(r: number): number {
  const s = r * r;
  let sum = 1;
  for (let k = 16; k >= 2; k -= 2) sum = 1 - (s / (k * (k + 1))) * sum; // nested Taylor series up to r^17
  return r * sum;
}

function cosNearZero(r: number): number {
  const s = r * r;
  let sum = 1;
  for (let k = 17; k >= 1; k -= 2) sum = 1 - (s / (k * (k + 1))) * sum; // up to r^18
  return sum;
}

/** e^x; 0 below -745, Infinity above 709. */
export function exp(x: number): number {
  if (x < -745) return 0;
  if (x > 709) return Number.POSITIVE_INFINITY;
  const n = Math.round(x / Math.LN2);
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  let sum = 1;
  for (let k = 14; k >= 1; k--) sum = 1 + (r / k) * sum;
  const step = n < 0 ? 0.5 : 2;
  for (let k = Math.abs(n); k > 0; k--) sum *= step; // exact: powers of two
  return sum;
}

/** Natural logarithm of x > 0; -Infinity at 0, NaN below. */
export function log(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (!(x > 0)) return Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  let m = x;
  let n = 0;
  while (m > Math.SQRT2) {
    m *= 0.5;
    n++;
  }
  while (m < Math.SQRT1_2) {
    m *= 2;
    n--;
  }
  const s = (m - 1) / (m + 1); // log m = 2 artanh s, |s| ≤ 0.172
  const s2 = s * s;
  let sum = 0;
  for (let k = 21; k >= 1; k -= 2) sum = 1 / k + s2 * sum;
  return n * LN2_HIGH + (2 * s * sum + n * LN2_LOW);
}
