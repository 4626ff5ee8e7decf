/** Hands out parts of a memory one after the other. */
export interface Arena {
  /** Byte offset of the next `bytes` bytes, a multiple of 64. */
  take(bytes: number): number;
}

export function arena(): Arena {
  let next = 64; // 0 stays free, so that no pointer is 0
  return {
    take(bytes) {
      const at = next;
      next += align(bytes, 64);
      return at;
    },
  };
}

/** The least multiple of `unit` from x. */
export const align = (x: number, unit: number): number => Math.ceil(x / unit) * unit;
