import { encode } from "fast-png";
import type { HostTensor } from "../method.ts";

const SCALE = 3;
const GAP = 2;

/**
 * A PNG of rows of pictures, each row [N, 3, H, W] in [0, 1]: one column an example, a white gap between, three screen
 * pixels a pixel.
 */
export function pictureGrid(rows: readonly HostTensor[]): Uint8Array {
  const [N, C, H, W] = rows[0]!.shape as [number, number, number, number];
  for (const { shape } of rows) {
    if (C !== 3 || `${shape}` !== `${rows[0]!.shape}`) {
      throw new RangeError(
        `pictureGrid: expected rows of one shape [N, 3, H, W], found [${rows[0]!.shape}] and [${shape}]`,
      );
    }
  }
  const cell = { width: W * SCALE + GAP, height: H * SCALE + GAP };
  const width = N * cell.width + GAP;
  const height = rows.length * cell.height + GAP;
  const data = new Uint8Array(width * height * 3).fill(255);
  rows.forEach((row, r) => {
    for (let n = 0; n < N; n++) {
      for (let y = 0; y < H * SCALE; y++) {
        for (let x = 0; x < W * SCALE; x++) {
          const at = ((GAP + r * cell.height + y) * width + GAP + n * cell.width + x) * 3;
          const from = n * 3 * H * W + Math.floor(y / SCALE) * W + Math.floor(x / SCALE);
          for (let c = 0; c < 3; c++) {
            data[at + c] = Math.round(255 * Math.min(1, Math.max(0, row.data[from + c * H * W]!)));
          }
        }
      }
    }
  });
  return encode({ width, height, data, channels: 3 });
}
