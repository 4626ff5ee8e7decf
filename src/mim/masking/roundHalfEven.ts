/** The nearest whole number, halves to the even one, as Python's `round`: 2.5 -> 2, 3.5 -> 4. */
export function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  const over = x - down;
  if (over !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}
