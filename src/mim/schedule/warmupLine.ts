/** From `start` at epoch 0 in a line to `end` at epoch `warmup` - 1, and `end` from then on. DINO, iBOT: teacher temperature. */
export function warmupLine(epoch: number, start: number, end: number, warmup: number): number {
  return epoch >= warmup - 1 ? end : start + ((end - start) * epoch) / (warmup - 1);
}
