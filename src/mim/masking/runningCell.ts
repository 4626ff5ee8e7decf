/**
 * Tokens that VideoMAE v2's decoder is asked for, Wang et al. 2023, decoder masking: in every 2 × 2 cell the same
 * ⌊4 · maskRatio⌋ places are passed over, and from frame to frame they move on by one place, so that all places of a cell come
 * up over time. `start` 0 … 3 is the place of the first frame's window, drawn at random per clip. [frames · h · w], 0 taken,
 * 1 passed over; h and w even. Released code: dataset/masking_generator.py, RunningCellMaskingGenerator.
 */
export function runningCell(
  frames: number,
  [h, w]: readonly [number, number],
  maskRatio: number,
  start: number,
): Float32Array {
  const passed = Math.floor(4 * maskRatio);
  if (passed <= 0 || passed >= 4) {
    throw new RangeError(`runningCell: expected a ratio that passes over 1 to 3 of 4 tokens, found ${maskRatio}`);
  }
  if (h % 2 || w % 2) throw new RangeError(`runningCell: expected an even grid, found ${h} x ${w}`);
  return Float32Array.from({ length: frames * h * w }, (_, i) => {
    const t = Math.floor(i / (h * w));
    const place = 2 * (Math.floor(i / w) % 2) + ((i % w) % 2); // h is even, so i / w has the row's parity
    return (place + start + t + 1) % 4 < passed ? 1 : 0;
  });
}
