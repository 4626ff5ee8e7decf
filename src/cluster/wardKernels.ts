import { wardModule } from "./wasm/wardModule.ts";

/** The inner loops of the linkage engines; pointers are byte offsets. Described in wasm/assembly/. */
export interface WardKernels {
  splitRows(
    rows: number,
    indptr: number,
    indices: number,
    data: number,
    codes: number,
    scale: number,
    rareStart: number,
    frequentStart: number,
  ): void;
  loadChunk(
    first: number,
    last: number,
    rareStart: number,
    frequentStart: number,
    nRare: number,
    posts: number,
    entries: number,
    next: number,
    tiles: number,
    tileBytes: number,
    nTiles: number,
  ): void;
  gram(
    rare: number,
    frequent: number,
    count: number,
    posts: number,
    tiles: number,
    nTiles: number,
    tileBytes: number,
    acc: number,
    stride: number,
  ): void;
  squaredDistances(
    acc: number,
    stride: number,
    rows: number,
    columns: number,
    rowNorms: number,
    columnNorms: number,
    D: number,
    Dt: number,
    matrixStride: number,
  ): void;
  replay(row: number, from: number, to: number): void;
  mergeRows(a: number, b: number, width: number, alpha: number, beta: number, gamma: number): void;
  compact(row: number, map: number, width: number): void;
  chain(state: number, most: number, settled: number): number;
  heights(state: number): void;
  order(state: number): void;
  collect(
    acc: number,
    stride: number,
    count: number,
    columns: number,
    rows: number,
    columnNorms: number,
    columnInverses: number,
    firstColumn: number,
    k: number,
    lists: number,
    listBytes: number,
    limits: number,
    both: boolean,
    scratch: number,
  ): void;
  nearest(
    row: number,
    inverseSizes: number,
    width: number,
    inverseSize: number,
    slack: number,
    first: number,
    out: number,
  ): number;
}

/** Kernels and the memory they work on, zeroed when new. */
export interface WardMachine {
  readonly buffer: ArrayBuffer;
  readonly kernels: WardKernels;
}

/** Makes a machine with so many bytes of memory, at most 2³². */
export type MakeMachine = (bytes: number) => WardMachine;

const PAGE = 65536;
const code = Uint8Array.from(atob(wardModule), (c) => c.charCodeAt(0));
let compiled: WebAssembly.Module | undefined;

/** Whether this host has WASM SIMD. */
export const wasmRuns = typeof WebAssembly === "object" && WebAssembly.validate(code);

/** Compiles the kernels, unless they are. */
export const compileWardKernels = (): WebAssembly.Module => {
  compiled ??= new WebAssembly.Module(code);
  return compiled;
};

/** A machine on WASM SIMD. */
export const wasmMachine: MakeMachine = (bytes) => {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
  const { exports } = new WebAssembly.Instance(compileWardKernels(), { env: { memory } });
  return { buffer: memory.buffer, kernels: exports as unknown as WardKernels };
};
