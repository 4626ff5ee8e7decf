/** Places in the state of the heights kernel, u32 each; described in wasm/assembly/heights.ts. */
export const STATE = {
  ROWS: 0,
  MERGES: 4,
  TERMS: 8,
  LARGER: 12,
  SMALLER: 16,
  FIRST: 20,
  END: 24,
  LEAVES: 28,
  INDPTR: 32,
  INDICES: 36,
  DATA: 40,
  SIZES: 44,
  NORMS: 48,
  SUMS: 52,
  PATH: 56,
  HEIGHTS: 60,
  IS_TOP: 64,
} as const;
export const STATE_BYTES = 68;
