/**
 * Histograms of oriented gradients by Dalal and Triggs 2005, as scikit-image (feature.hog) takes them: differences of the
 * two neighbours, unsigned orientations, cells normalised block by block. On the host, for one channel.
 */

export type BlockNorm = "L1" | "L1-sqrt" | "L2" | "L2-Hys";

export interface BlockHogOptions {
  readonly orientations: number;
  /** Height and width in pixels. */
  readonly pixelsPerCell: readonly [number, number];
  /** Height and width in cells; blocks overlap, one cell apart. */
  readonly cellsPerBlock: readonly [number, number];
  readonly blockNorm: BlockNorm;
}

/** One channel [H, W] -> [block rows, block columns, cells down, cells across, orientations]. */
export function blockHog(
  channel: ArrayLike<number>,
  [H, W]: readonly [number, number],
  { orientations, pixelsPerCell: [ch, cw], cellsPerBlock: [bh, bw], blockNorm }: BlockHogOptions,
): { readonly shape: readonly number[]; readonly data: Float64Array } {
  const [rows, columns] = [Math.floor(H / ch), Math.floor(W / cw)];
  const cells = new Float64Array(rows * columns * orientations);
  for (let y = 0; y < rows * ch; y++) {
    for (let x = 0; x < columns * cw; x++) {
      const down = y > 0 && y < H - 1 ? channel[(y + 1) * W + x]! - channel[(y - 1) * W + x]! : 0;
      const across = x > 0 && x < W - 1 ? channel[y * W + x + 1]! - channel[y * W + x - 1]! : 0;
      const degrees = (((Math.atan2(down, across) * 180) / Math.PI) % 180) + 180;
      const bin = Math.min(orientations - 1, Math.floor(((degrees % 180) * orientations) / 180));
      const cell = Math.floor(y / ch) * columns + Math.floor(x / cw);
      cells[cell * orientations + bin]! += Math.hypot(down, across) / (ch * cw);
    }
  }
  const [blockRows, blockColumns] = [rows - bh + 1, columns - bw + 1];
  const size = bh * bw * orientations;
  const data = new Float64Array(blockRows * blockColumns * size);
  for (let r = 0; r < blockRows; r++) {
    for (let c = 0; c < blockColumns; c++) {
      const block = new Float64Array(size);
      for (let i = 0; i < bh; i++) {
        const from = ((r + i) * columns + c) * orientations;
        block.set(cells.subarray(from, from + bw * orientations), i * bw * orientations);
      }
      data.set(normalized(block, blockNorm), (r * blockColumns + c) * size);
    }
  }
  return { shape: [blockRows, blockColumns, bh, bw, orientations], data };
}

function normalized(block: Float64Array, kind: BlockNorm, eps = 1e-5): Float64Array {
  const l2 = (x: Float64Array) => x.map((v) => v / Math.sqrt(x.reduce((a, b) => a + b * b, 0) + eps ** 2));
  if (kind === "L2") return l2(block);
  if (kind === "L2-Hys") return l2(l2(block).map((v) => Math.min(v, 0.2)));
  const l1 = block.map((v) => v / (block.reduce((a, b) => a + Math.abs(b), 0) + eps));
  return kind === "L1" ? l1 : l1.map(Math.sqrt);
}
