/** Builds the WASM kernels from their AssemblyScript sources. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import asc from "assemblyscript/asc";

const root = resolve(import.meta.dirname, "..");
/** Sources and what is built from them, from the root. */
const modules = [
  { source: "src/cluster/wasm/assembly/ward.ts", file: "src/cluster/wasm/wardModule.ts", name: "wardModule" },
  { source: "src/text/wasm/assembly/words.ts", file: "src/text/wasm/wordsModule.ts", name: "wordsModule" },
];

/** Generated modules by path from the root. */
export async function wasmModules(): Promise<Record<string, string>> {
  const built: Record<string, string> = {};
  for (const { source, file, name } of modules) {
    const binary = Buffer.from(await compile(source)).toString("base64");
    const comment = `/** WASM of ${source.replace(/.*\/wasm\//, "")}, base64; made by \`npm run wasm\`. */`;
    built[file] = `${comment}\nexport const ${name} =\n  "${binary}";\n`;
  }
  return built;
}

async function compile(source: string): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    // biome-ignore format: one option a line reads worse
    [source, "--outFile", "out.wasm", "--runtime", "stub", "--importMemory", "--noExportMemory", "--noAssert", "-O3",
      "--converge", "--enable", "simd", "--enable", "bulk-memory", "--baseDir", root],
    {
      writeFile: (name, contents) => {
        if (name.endsWith(".wasm")) binary = contents as Uint8Array;
      },
    },
  );
  if (error || !binary) throw new Error(`${source}: ${error?.message ?? "nothing was built"}\n${stderr.toString()}`);
  return binary;
}

if (import.meta.main) {
  for (const [file, text] of Object.entries(await wasmModules())) writeFileSync(resolve(root, file), text);
}
