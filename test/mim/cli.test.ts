import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { main } from "../../src/mim/cli.ts";

const golden = join(import.meta.dirname, "../golden/parity/mae.json.gz");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mim-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function mim(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const code = await main(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

describe("mim parity", () => {
  test("agrees with the authors' run of MAE and says how closely", async () => {
    const { code, out } = await mim("parity", golden, "--json");
    const { ok, checks } = JSON.parse(out) as { ok: boolean; checks: { name: string; maxRel: number }[] };
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(checks.map(({ name }) => name)).toContain("grads.blocks.0.attn.qkv.weight");
    expect(Math.max(...checks.map(({ maxRel }) => maxRel))).toBeLessThan(1e-4);
  });

  const changed = async (change: (fixture: Record<string, Record<string, unknown>>) => void) => {
    const { gunzipSync } = await import("node:zlib");
    const fixture = JSON.parse(gunzipSync(readFileSync(golden)).toString());
    change(fixture);
    const file = join(folder, "changed.json");
    writeFileSync(file, JSON.stringify(fixture));
    return mim("parity", file);
  };

  test("exits 1 and names the output when a recorded number differs", async () => {
    const { code, out } = await changed((fixture) => {
      (fixture.outputs!.loss as { data: number[] }).data[0]! *= 1.01;
    });
    expect(code).toBe(1);
    expect(out).toMatch(/^differs: outputs\.loss \(forward\): /);
  });

  test.each([
    [
      "a method",
      (f: Record<string, unknown>) => Object.assign(f, { method: "nonsense" }),
      /method: expected one of .*, found nonsense/,
    ],
    [
      "an option",
      (f: Record<string, unknown>) => Object.assign(f.config as object, { colour: 1 }),
      /config\.colour: expected an option of mae \(/,
    ],
    [
      "a parameter",
      (f: Record<string, unknown>) =>
        Object.assign(f.params as object, { extra: { shape: [1], dtype: "float", data: [0] } }),
      /params\.extra: expected a parameter of the model, found extra/,
    ],
  ])("exits 2 on %s it does not know, and names it", async (_, change, message) => {
    const { code, err } = await changed(change as never);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });

  test.each([
    [
      "another schema",
      (f: Record<string, unknown>) => Object.assign(f, { schema: "mim-parity/2" }),
      /schema: expected "mim-parity\/1", found "mim-parity\/2"/,
    ],
    [
      "missing draws",
      (f: Record<string, unknown>) => Object.assign(f, { draws: [] }),
      /draws\[0\]: expected uniform numbers, found no more recorded draws/,
    ],
    [
      "draws of another kind",
      (f: { draws: { call: string }[] }) => Object.assign(f.draws[0]!, { call: "torch.randn" }),
      /draws\[0\]: expected uniform numbers, found torch\.randn/,
    ],
    [
      "missing images",
      (f: Record<string, unknown>) => Object.assign(f, { inputs: {} }),
      /inputs: expected imgs, found none/,
    ],
    [
      "a missing parameter",
      (f: { params: Record<string, unknown> }) => delete f.params.mask_token,
      /params: expected mask_token, found none/,
    ],
    [
      "images of another size",
      (f: { inputs: { imgs: unknown } }) =>
        Object.assign(f.inputs, { imgs: { shape: [2, 3, 5, 5], dtype: "float", data: Array(150).fill(0) } }),
      /patchify: expected height and width divisible by the patch size 8, found 5 x 5/,
    ],
  ])("exits 2 on %s, with one line", async (_, change, message) => {
    const { code, err } = await changed(change as never);
    expect({ code, lines: err.trimEnd().split("\n").length }).toEqual({ code: 2, lines: 1 });
    expect(err).toMatch(message);
  });

  test("finds a tensor that the recording calls by a name of its own, and names ours", async () => {
    const { gunzipSync } = await import("node:zlib");
    const fixture = JSON.parse(gunzipSync(readFileSync(golden)).toString());
    fixture.outputs = { of_theirs: fixture.outputs.latent };
    const file = join(folder, "renamed.json");
    writeFileSync(file, JSON.stringify(fixture));
    const { code, out } = await mim("parity", file, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out).checks[0]).toMatchObject({ name: "outputs.of_theirs", ok: true, ours: "latent" });
    fixture.outputs.of_theirs.data[0] += 1;
    writeFileSync(file, JSON.stringify(fixture));
    expect((await mim("parity", file)).out).toMatch(/^differs: outputs\.of_theirs \(forward\): not computed/);
  });

  test("reads JSON as it is and compressed, whatever the file is called", async () => {
    const { gunzipSync } = await import("node:zlib");
    const plain = join(folder, "plain.json.gz");
    writeFileSync(plain, gunzipSync(readFileSync(golden)));
    expect((await mim("parity", plain)).code).toBe(0);
    writeFileSync(plain, "neither");
    expect(await mim("parity", plain)).toMatchObject({ code: 2, err: expect.stringMatching(/expected JSON, found /) });
  });
});

describe("mim run", () => {
  const quick = ["--steps", "4", "--no-probes", "--set", "depth=1"];

  test("leaves checkpoint, loss curve, pictures and result, and resumes as itself only", async () => {
    const out = join(folder, "mae");
    const { code } = await mim("run", "mae", ...quick, "--out", out, "--json");
    expect(code).toBe(0);
    expect(readdirSync(out).sort()).toEqual(["checkpoint.safetensors", "loss.svg", "pictures.png", "result.json"]);
    const again = await mim("run", "mae", ...quick, "--out", out, "--resume", "--seed", "1");
    expect(again).toMatchObject({ code: 2 });
    expect(again.err).toMatch(/^mim run: --resume: .*: expected a run of seed 1, found 0\n$/);
    writeFileSync(join(out, "checkpoint.safetensors"), "broken file");
    const broken = await mim("run", "mae", ...quick, "--out", out, "--resume");
    expect(broken).toMatchObject({ code: 2 });
    expect(broken.err).toMatch(/checkpoint\.safetensors: expected a header of /);
  });

  test.each([
    [["run", "nonsense"], /^mim run: method: expected one of .*mae.*, found nonsense\n$/],
    [
      ["run", "mae", "--set", "maskRatio=75"],
      /^mim run: --set maskRatio: expected a share in \(0, 1\), found 75; write 0\.75 for 75 %\n$/,
    ],
    [["run", "mae", "--set", "colour=1"], /^mim run: --set: expected one of .*maskRatio.*, found colour\n$/],
    [["run", "mae", "--steps", "0"], /^mim run: --steps: expected a whole number from 1, found 0\n$/],
    [["train"], /^mim: expected a command \(.*\), found train; see mim --help\n$/],
  ])("refuses %j with one line and exit 2", async (args, message) => {
    const { code, err } = await mim(...args);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});

test("list, show and compare read the methods' own records", async () => {
  expect((await mim("list")).out).toMatch(/^mae +MAE +he2022mae +parity +Algorithm 1$/m);
  expect((await mim("show", "conmim")).out).toMatch(
    /^Runs Algorithm 2 of the survey, contrastive MIM {2}\[algorithm2\]$/m,
  );
  expect((await mim("show", "simmim")).out).not.toMatch(/^Runs/m);
  expect((await mim("show", "mae")).out).toMatch(/maskRatio: 0\.75 {2}\(§3 Masking\)/);
  expect((await mim("compare", "mae", "simmim")).out).toMatch(/^architecture:\n {2}mae: .*\n {2}simmim: /m);
});
