import { type Dense, zeros } from "../toy/dense.ts";

/** A 3 × 3 binomial blur of a picture [C, H, W], edges repeated. */
export function blur({ data, shape }: Dense): Dense {
  const [C, H, W] = shape as [number, number, number];
  const out = zeros(shape);
  const weight = [0.25, 0.5, 0.25];
  for (let c = 0; c < C; c++) {
    for (let i = 0; i < H; i++) {
      for (let j = 0; j < W; j++) {
        let sum = 0;
        for (let a = -1; a <= 1; a++) {
          for (let b = -1; b <= 1; b++) {
            const row = Math.min(H - 1, Math.max(0, i + a));
            const column = Math.min(W - 1, Math.max(0, j + b));
            sum += (weight[a + 1] as number) * (weight[b + 1] as number) * (data[(c * H + row) * W + column] as number);
          }
        }
        out.data[(c * H + i) * W + j] = sum;
      }
    }
  }
  return out;
}
