/** A dense array of float32 values in row-major order. */
export interface Dense {
  data: Float32Array;
  shape: number[];
}

/** A dense array of zeros. */
export const zeros = (shape: number[]): Dense => ({ data: new Float32Array(shape.reduce((a, b) => a * b, 1)), shape });

/** Arrays of one shape joined along a new first axis: N × [...] -> [N, ...]. */
export function stack(parts: readonly Dense[]): Dense {
  const shape = parts[0]?.shape ?? [];
  const out = zeros([parts.length, ...shape]);
  const each = parts.length === 0 ? 0 : out.data.length / parts.length;
  parts.forEach((part, n) => {
    if (part.shape.join() !== shape.join()) {
      throw new RangeError(`stack: expected every shape [${shape}], found [${part.shape}] at ${n}`);
    }
    out.data.set(part.data, n * each);
  });
  return out;
}
