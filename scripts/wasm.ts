/** Builds the WASM kernels of the linkage engines from their AssemblyScript source. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import asc from "assemblyscript/asc";

const root = resolve(import.meta.dirname, "..");
const source = "src/cluster/wasm/assembly/ward.ts";

/** The generated module's path from the root and its text. */
export async function wasmModule(): Promise<{ file: string; text: string }> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    // biome-ignore format: one option a line reads worse
    [source, "--outFile", "ward.wasm", "--runtime", "stub", "--importMemory", "--noExportMemory", "--noAssert", "-O3",
      "--converge", "--enable", "simd", "--enable", "bulk-memory", "--baseDir", root],
    {
      writeFile: (name, contents) => {
        if (name.endsWith(".wasm")) binary = contents as Uint8Array;
      },
    },
  );
  if (error || !binary) throw new Error(`${source}: ${error?.message ?? "nothing was built"}\n${stderr.toString()}`);
  const text = `/** WASM of assembly/ward.ts, base64; made by \`npm run wasm\`. */\nexport const wardModule =\n  "${Buffer.from(binary).toString("base64")}";\n`;
  return { file: "src/cluster/wasm/wardModule.ts", text };
}

if (import.meta.main) {
  const { file, text } = await wasmModule();
  writeFileSync(resolve(root, file), text);
}
