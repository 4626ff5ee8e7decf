import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { wasmModules } from "../../scripts/wasm.ts";
import { plainWordTable } from "../../src/text/plainWordTable.ts";
import { isNumber, tokenize } from "../../src/text/tokenize.ts";
import { wasmWordTable } from "../../src/text/wasmWordTable.ts";
import type { WordTable } from "../../src/text/wordTable.ts";

const tables: [string, () => WordTable][] = [
  ["WASM", wasmWordTable],
  ["TypeScript", plainWordTable],
];

const wordsOf = (table: WordTable, text: string): string[] => {
  const length = table.scan(text);
  const words = table.since(0);
  return Array.from(table.numbers().subarray(0, length), (number) => words[number]!);
};

describe.each(tables)("words found by %s", (_, make) => {
  test("are the tokens of tokenize.ts, whatever the text", () => {
    const table = make();
    const pieces = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        " ",
        "-",
        "_",
        "a",
        "Z",
        "7",
        "É",
        "e\u0301",
        "ß",
        "İ",
        "数",
        "🙂",
        "𝒳",
        "\ud800",
        "ſt",
        "ǅ",
        "\u200d",
      ),
      fc.constantFrom("https://a.b/c?d ", "WWW.x.y", "://", "x".repeat(70), "constructor", "__proto__"),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const text = parts.join("");
        expect(wordsOf(table, text).filter((word) => !isNumber(word))).toEqual(tokenize(text));
      }),
      { seed: 5, numRuns: 400 },
    );
  });

  test("have numbers in the order they come, the same for the same word, however many there are", () => {
    const table = make();
    const text = Array.from({ length: 40_000 }, (_, i) => `w${(i * 7919) % 20_011}x${"y".repeat(i % 23)}`);
    const numbers: number[] = [];
    for (let at = 0; at < text.length; at += 4001) {
      const length = table.scan(text.slice(at, at + 4001).join(" "));
      numbers.push(...table.numbers().subarray(0, length));
    }
    const known = new Map<string, number>();
    for (const word of text) if (!known.has(word)) known.set(word, known.size);
    expect(numbers).toEqual(text.map((word) => known.get(word)));
    expect(table.size()).toBe(known.size);
    expect(table.since(15)).toEqual([...known.keys()].slice(15));
  });
});

test("the WASM modules are built from the sources beside them", async () => {
  for (const [file, text] of Object.entries(await wasmModules())) {
    expect(
      readFileSync(resolve(import.meta.dirname, "../..", file), "utf8"),
      `${file} is stale; run npm run wasm`,
    ).toBe(text);
  }
});
