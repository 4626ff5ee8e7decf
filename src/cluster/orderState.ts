/** Places in the state of the order kernel, u32 each; described in wasm/assembly/order.ts. */
export const STATE = { LEAVES: 0, MERGES: 4, LEFT: 8, RIGHT: 12, HEIGHTS: 16, ROWS: 20, SCRATCH: 24 } as const;
export const STATE_BYTES = 28;
