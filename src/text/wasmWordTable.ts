import { wordsModule } from "./wasm/wordsModule.ts";
import { decodeWords, wordBytes } from "./wordBytes.ts";
import type { WordTable } from "./wordTable.ts";

/** Described in wasm/assembly/words.ts. */
interface WordKernels {
  scan(text: number, length: number, numbers: number, state: number): number;
  fillSlots(state: number): void;
}

const PAGE = 65536;
const STATE = 64;
const code = Uint8Array.from(atob(wordsModule), (c) => c.charCodeAt(0));
let compiled: WebAssembly.Module | undefined;

/** Whether this host has WASM SIMD. */
export const wasmRuns = typeof WebAssembly === "object" && WebAssembly.validate(code);

/** Compiles the kernels, unless they are. */
export const compileWordKernels = (): WebAssembly.Module => {
  compiled ??= new WebAssembly.Module(code);
  return compiled;
};

/** A word table on WASM SIMD. */
export function wasmWordTable(): WordTable {
  const memory = new WebAssembly.Memory({ initial: 8 });
  const kernels = new WebAssembly.Instance(compileWordKernels(), { env: { memory } }).exports as unknown as WordKernels;
  let u8 = new Uint8Array(memory.buffer);
  let u32 = new Uint32Array(memory.buffer);
  let i32 = new Int32Array(memory.buffer);
  let end = 128;

  /** Room for more, behind all there is; what was there before is left behind. */
  const take = (bytes: number): number => {
    const at = end;
    end += Math.ceil(bytes / 64) * 64;
    const missing = end - memory.buffer.byteLength;
    if (missing > 0) {
      memory.grow(Math.ceil(Math.max(missing, memory.buffer.byteLength / 2) / PAGE));
      u8 = new Uint8Array(memory.buffer);
      u32 = new Uint32Array(memory.buffer);
      i32 = new Int32Array(memory.buffer);
    }
    return at;
  };
  const field = (name: keyof typeof FIELDS) => u32[(STATE >>> 2) + FIELDS[name]]!;
  const setField = (name: keyof typeof FIELDS, value: number) => {
    u32[(STATE >>> 2) + FIELDS[name]] = value;
  };
  const capacity = { text: 0, words: 0, pool: 0 };
  let text = 0;
  let numbers = 0;

  const makeRoom = (bytes: number): void => {
    if (bytes > capacity.text) {
      capacity.text = 2 * bytes;
      text = take(capacity.text + 64);
      numbers = take(2 * capacity.text);
    }
    const size = field("size");
    const words = size + (bytes >> 1) + 2;
    if (words > capacity.words) {
      capacity.words = 2 * words;
      for (const name of ["starts", "hashes"] as const) {
        const moved = take(4 * capacity.words);
        u8.copyWithin(moved, field(name), field(name) + 4 * (size + 1));
        setField(name, moved);
      }
      const nSlots = 2 ** Math.ceil(Math.log2(2 * capacity.words));
      setField("slots", take(4 * nSlots));
      setField("mask", nSlots - 1);
      kernels.fillSlots(STATE);
    }
    const used = u32[(field("starts") >>> 2) + size]!;
    if (used + bytes > capacity.pool) {
      capacity.pool = 2 * (used + bytes);
      const moved = take(capacity.pool + 64);
      u8.copyWithin(moved, field("pool"), field("pool") + used);
      setField("pool", moved);
    }
  };

  return {
    scan(string) {
      makeRoom(Math.max(1 << 13, 6 * string.length));
      const length = wordBytes(string, u8.subarray(text, text + capacity.text));
      return kernels.scan(text, length, numbers, STATE);
    },
    numbers: () => i32.subarray(numbers >>> 2, (numbers >>> 2) + (capacity.text >>> 1)),
    size: () => field("size"),
    since(number) {
      const starts = field("starts") >>> 2;
      return decodeWords(u8.subarray(field("pool")), u32.subarray(starts + number, starts + field("size") + 1));
    },
  };
}

const FIELDS = { slots: 0, mask: 1, size: 2, starts: 3, hashes: 4, pool: 5 } as const;
