import { setFlagsFromString } from "node:v8";
import { compileWardKernels, wasmRuns } from "../../src/cluster/wardKernels.ts";
import { compileWordKernels } from "../../src/text/wasmWordTable.ts";

/**
 * Compiles the WASM kernels by V8's optimizing compiler before they are needed, some 10 ms; else they would run as its
 * baseline compiler leaves them for as long as a small corpus takes.
 */
export function compileKernels(): void {
  if (!wasmRuns) return;
  setFlagsFromString("--no-liftoff");
  setFlagsFromString("--no-wasm-lazy-compilation");
  compileWordKernels();
  compileWardKernels();
  setFlagsFromString("--liftoff");
  setFlagsFromString("--wasm-lazy-compilation");
}
