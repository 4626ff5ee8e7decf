import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { main } from "../../scripts/cluster.ts";
import { fcluster } from "../../src/cluster/fcluster.ts";
import { leavesList } from "../../src/cluster/leavesList.ts";
import { engines, wardLinkage } from "../../src/cluster/wardLinkage.ts";

const root = join(import.meta.dirname, "../..");
const script = join(root, "scripts/cluster.ts");
const gold = JSON.parse(readFileSync(join(root, "test/golden/cluster.json"), "utf8"));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "atlas-corpus-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...args: string[]) {
  let [out, err] = ["", ""];
  const code = await main(args, { out: (text) => (out += text), err: (text) => (err += text) });
  return { code, out, err };
}
function corpus(name: string, lines: readonly unknown[]): string {
  const file = join(folder, name);
  writeFileSync(file, lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join(""));
  return file;
}
const output = (name: string) => join(folder, name);
const read = (name: string, file: string) => JSON.parse(readFileSync(join(folder, name, file), "utf8"));
const files = (name: string) =>
  Object.fromEntries(readdirSync(output(name)).map((file) => [file, readFileSync(join(output(name), file), "utf8")]));
const texts = gold.texts as string[];
/** Documents of many words, drawn by a fixed rule. */
const manyDocs = (n: number) =>
  Array.from({ length: n }, (_, i) => ({
    id: `d${i}`,
    text: Array.from({ length: 30 }, (_, w) => `word${(i * (w + 3) * 7919 + w * w * 104729) % 977}`).join(" "),
  }));

describe("a corpus", () => {
  test("becomes linkage, leaves, clusters, vectors and a report that belong together", async () => {
    const input = corpus(
      "small.jsonl",
      texts.map((text, i) => ({ id: `paper ${i}`, title: `Title ${i} <b>`, text, year: 2020 })),
    );
    const none = corpus("none.txt", [""]);
    const options = ["--no-stem", "--stop-words", none, "--export-vectors", "--clusters", "3", "--json"];
    const { code, out, err } = await run("--input", input, "--out", output("small"), ...options);
    expect(code).toBe(0);
    expect(Object.keys(files("small")).sort()).toEqual([
      "clusters.json",
      "index.html",
      "leaves.json",
      "linkage.json",
      "report.md",
      "vectors.json",
    ]);
    const { shape, terms, indptr, indices, data } = read("small", "vectors.json");
    const dense = Array.from({ length: shape[0] }, () => new Array<number>(shape[1]).fill(0));
    dense.forEach((row, i) => {
      for (let p = indptr[i]; p < indptr[i + 1]; p++) row[indices[p]] = data[p];
    });
    expect(terms).toEqual(gold.terms);
    expect(Math.max(...dense.flatMap((row, i) => row.map((x, j) => Math.abs(x - gold.tfidf[i][j]))))).toBeLessThan(
      1e-12,
    );
    const Z = read("small", "linkage.json");
    expect(
      Math.max(...Z.flatMap((row: number[], s: number) => row.map((x, c) => Math.abs(x - gold.Z[s][c])))),
    ).toBeLessThan(1e-12);
    const leaves = read("small", "leaves.json");
    expect(leaves.ids[6]).toBe("paper 6");
    expect(leaves.order).toEqual(Array.from(leavesList(Z)));
    const clusters = read("small", "clusters.json");
    const labels = fcluster(Z, { clusters: 3 });
    expect(clusters.map((c: { documents: string[] }) => c.documents)).toEqual(
      [1, 2, 3].map((c) =>
        leaves.order.filter((leaf: number) => labels[leaf] === c).map((leaf: number) => leaves.ids[leaf]),
      ),
    );
    expect(files("small")["index.html"]).toContain("Title 6 &lt;b&gt;");
    const stats = JSON.parse(out);
    expect(Object.keys(stats.seconds)).toEqual([
      "read",
      "tokenise",
      "weights",
      "distances",
      "linkage",
      "clusters",
      "write",
    ]);
    expect(stats.peakMemoryMB).toBeGreaterThan(20);
    expect(err).toMatch(/^read [\d.]+ s\n7 documents, 29 terms: --engine ml-hclust needs about 0.1 GB/m);
  });

  test("gives the same bytes twice, and the same tree by every engine", async () => {
    const input = corpus("many.jsonl", manyDocs(260));
    for (const engine of engines) await run("--input", input, "--out", output(engine), "--engine", engine);
    await run("--input", input, "--out", output("again"), "--engine", "nn-chain");
    expect(files("again")).toEqual(files("nn-chain"));
    expect(files("matrix-free")).toEqual(files("nn-chain"));
    const [Z, reference] = [read("nn-chain", "linkage.json"), read("ml-hclust", "linkage.json")];
    Z.forEach((row: number[], s: number) => {
      expect([row[0], row[1], row[3]]).toEqual([reference[s][0], reference[s][1], reference[s][3]]);
      expect(Math.abs(row[2]! - reference[s][2])).toBeLessThan(1e-12);
    });
  });

  test("may hold word counts and words that name what every object has", async () => {
    const input = corpus("hostile.jsonl", [
      { id: "__proto__", text: "constructor __proto__ hasOwnProperty" },
      '{"id": "constructor", "counts": {"__proto__": 2, "constructor": 1, "toString": 0}}',
      { id: "数据", text: "Schrödinger 数据集 ｗｉｄｅ 🙂 \ud800 naïve" },
    ]);
    expect(await run("--input", input, "--out", output("hostile"), "--no-stem", "--export-vectors")).toMatchObject({
      code: 0,
    });
    expect(read("hostile", "vectors.json").terms).toEqual([
      "__proto__",
      "constructor",
      "hasownproperty",
      "naïve",
      "schrödinger",
      "数据集",
      "ｗｉｄｅ",
    ]);
    expect(
      read("hostile", "clusters.json")
        .flatMap((c: { documents: string[] }) => c.documents)
        .sort(),
    ).toEqual(["__proto__", "constructor", "数据"]);
  });

  test("of one document, of equal documents or with empty ones has a tree", async () => {
    const one = corpus("one.jsonl", [{ id: "a", text: "masked patches" }]);
    expect((await run("--input", one, "--out", output("one"))).code).toBe(0);
    expect(read("one", "linkage.json")).toEqual([]);
    expect(read("one", "clusters.json")[0].documents).toEqual(["a"]);

    const equal = corpus(
      "equal.jsonl",
      ["a", "b", "c", "d"].map((id) => ({ id, text: "masked patches" })),
    );
    for (const engine of engines) {
      expect((await run("--input", equal, "--out", output("equal"), "--engine", engine)).code).toBe(0);
      expect(read("equal", "linkage.json")).toEqual([
        [0, 1, 0, 2],
        [2, 4, 0, 3],
        [3, 5, 0, 4],
      ]);
      expect(read("equal", "clusters.json")).toMatchObject([{ label: "masked patches", size: 4 }]);
    }
    const empty = corpus("empty.jsonl", [
      { id: "a", text: "" },
      { id: "b", text: "masked patches" },
      { id: "c", text: "of the 2022" },
      { id: "d", counts: {} },
    ]);
    const { code, err } = await run("--input", empty, "--out", output("empty"));
    expect([code, err]).toEqual([
      0,
      expect.stringContaining("3 of 4 documents have no word left, the first is a: they are all alike, at distance 1"),
    ]);
    const tree = read("empty", "linkage.json");
    expect(tree.slice(0, 2)).toEqual([
      [0, 2, 0, 2],
      [3, 4, 0, 3],
    ]);
    expect(tree[2][2]).toBeCloseTo(Math.sqrt(1.5), 12);
  });

  test("has its need of memory stated before the work starts, and is refused when that is more than there is", async () => {
    const input = corpus("memory.jsonl", manyDocs(501));
    const { err } = await run("--input", input, "--out", output("memory"), "--engine", "nn-chain");
    expect(err.indexOf("--engine nn-chain needs about 0.1 GB, matrix-free 0.1 GB")).toBeLessThan(
      err.indexOf("distances"),
    );
    const available = process.availableMemory;
    process.availableMemory = () => 1e6;
    try {
      expect(await run("--input", input, "--out", output("memory"), "--engine", "nn-chain")).toMatchObject({
        code: 1,
        err: expect.stringMatching(
          /501 documents need about 0.1 GB with --engine nn-chain, 0.0 GB are free; --engine matrix-free needs 0.1 GB\n$/,
        ),
      });
    } finally {
      process.availableMemory = available;
    }
  });
});

describe("what is wrong is said in one line, and the last output stays", () => {
  const good = { id: "a", text: "masked patches" };
  const bad: [string, (string | Buffer | object)[], string][] = [
    ["a line that is no JSON", [good, '{"id": "b", "text": '], "FILE:2: expected a JSON object on one line, found "],
    [
      "NaN among counts",
      [good, '{"id": "b", "counts": {"x": NaN}}'],
      "FILE:2: expected a JSON object on one line, found ",
    ],
    [
      "an infinite count",
      [good, '{"id": "b", "counts": {"x": 1e999}}'],
      'FILE:2: counts["x"]: expected a number from 0 to 2^53, found Infinity; ',
    ],
    [
      "a negative count",
      [good, "", { id: "b", counts: { y: -1 } }],
      'FILE:3: counts["y"]: expected a number from 0 to 2^53, found -1; ',
    ],
    ["an array", [["b"]], 'FILE:1: expected a JSON object, found ["b"]; '],
    ["no id", [good, { text: "b" }], "FILE:2: id: expected a string that is not empty, found nothing; "],
    [
      "neither text nor counts",
      [good, { id: "b", title: "c" }],
      "FILE:2: text: expected a string, or counts of words, found nothing; ",
    ],
    [
      "text and counts",
      [{ id: "b", text: "c", counts: {} }],
      "FILE:1: counts: expected text or counts, not both, found {}; ",
    ],
    [
      "an id used twice",
      [good, { id: "b", text: "c" }, good],
      'FILE:3: id: expected one that differs from all others, found "a" of line 1 again; ',
    ],
    [
      "bytes that are not UTF-8",
      [good, Buffer.from('{"id": "b", "text": "caf\xe9 x"}', "latin1")],
      "FILE:2: expected UTF-8, found byte 0xe9 at place 25 of the line; ",
    ],
    ["no document", ["", " "], "FILE: expected at least one document, found none; "],
    [
      "no word left",
      [
        { id: "a", text: "of the" },
        { id: "b", text: "1 2" },
      ],
      "FILE: expected words to tell 2 documents apart, found none left of 0; ",
    ],
  ];
  test.each(bad)("%s", async (_, lines, message) => {
    const kept = corpus(
      "kept.jsonl",
      texts.map((text, i) => ({ id: String(i), text })),
    );
    await run("--input", kept, "--out", output("stays"));
    const before = files("stays");
    const file = join(folder, "bad.jsonl");
    const bytes = lines.map((line) =>
      Buffer.isBuffer(line) || typeof line === "string" ? line : JSON.stringify(line),
    );
    writeFileSync(file, Buffer.concat(bytes.flatMap((line) => [Buffer.from(line), Buffer.from("\n")])));
    const { code, out, err } = await run("--input", file, "--out", output("stays"), "--json");
    expect([code, out]).toEqual([1, ""]);
    const lastLine = err.trimEnd().split("\n").at(-1)!;
    expect(lastLine.slice(0, `cluster: ${message}`.length + file.length - 4)).toBe(
      `cluster: ${message.replace("FILE", file)}`,
    );
    expect(files("stays")).toEqual(before);
    expect(readdirSync(folder).filter((name) => name.startsWith("stays"))).toEqual(["stays"]);
  });

  test("a file that is not there, a folder as input", async () => {
    expect(await run("--input", join(folder, "absent"), "--out", output("x"))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/cluster: .*absent: expected a readable file, found ENOENT.*; check --input\n$/),
    });
    expect(await run("--input", folder, "--out", output("x"))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/expected a readable file, found EISDIR.*; check --input\n$/),
    });
  });

  test.each([
    [["--input", "x"], "--out: expected a folder for the output, found none"],
    [["--json"], "--json: expected --input FILE with it, found none"],
    [
      ["--input", "x", "--out", "y", "--engine", "fast"],
      "--engine: expected ml-hclust, nn-chain, matrix-free, found fast; write matrix-free",
    ],
    [["--ngrams", "0"], "--ngrams: expected a whole number from 1, found 0; write 2"],
  ])("usage %j", async (args, message) => {
    expect(await run(...args)).toEqual({ code: 2, out: "", err: `cluster: ${message}; see --help\n` });
  });

  test("a vector that is not finite", () => {
    const X = {
      indptr: Int32Array.of(0, 1, 2),
      indices: Int32Array.of(0, 0),
      data: Float64Array.of(1, Number.NaN),
      shape: [2, 1] as const,
    };
    expect(() => wardLinkage(X)).toThrow("wardLinkage: row 1, column 0: expected a number below 1e150, found NaN");
  });

  test("a disk that takes no more", async () => {
    const input = corpus("full.jsonl", manyDocs(600));
    await run(
      "--input",
      corpus(
        "kept.jsonl",
        texts.map((text, i) => ({ id: String(i), text })),
      ),
      "--out",
      output("full"),
    );
    const before = files("full");
    const command = `ulimit -f 16; exec "$0" "${script}" --input "${input}" --out "${output("full")}"`;
    const { status, stderr } = spawnSync("bash", ["-c", command, process.execPath], { encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(
      /^cluster: .*full: expected a folder that can be written, found EFBIG.*; the last output stays$/,
    );
    expect(files("full")).toEqual(before);
    expect(readdirSync(folder).filter((name) => name.startsWith("full."))).toEqual(["full.jsonl"]);
  });

  test("a kill at any time", async () => {
    const input = corpus("killed.jsonl", manyDocs(600));
    await run("--input", input, "--out", output("killed"));
    const before = files("killed");
    for (const [signal, delay] of [
      ["SIGINT", 250],
      ["SIGKILL", 500],
      ["SIGTERM", 700],
      ["SIGKILL", 900],
    ] as const) {
      const child = spawn(process.execPath, [script, "--input", input, "--out", output("killed")], { stdio: "ignore" });
      const ended = new Promise((resolve) => child.on("exit", resolve));
      await Promise.race([pause(delay), ended]);
      child.kill(signal);
      await ended;
      expect(files("killed")).toEqual(before);
    }
    // What a kill between the two renames leaves: the old output under another name, the new one in part.
    rmSync(output("killed"), { recursive: true });
    const { pid } = spawnSync(process.execPath, ["--version"]);
    for (const [kind, text] of [
      ["old", "complete"],
      ["tmp", "half"],
    ] as const) {
      const left = `${output("killed")}.${pid}.${kind}`;
      await run("--input", input, "--out", left);
      writeFileSync(join(left, "linkage.json"), text);
    }
    await run("--input", input, "--out", output("killed"));
    expect(files("killed")).toEqual(before);
    expect(readdirSync(folder).filter((name) => name.startsWith("killed."))).toEqual(["killed.jsonl"]);
  });
});
