import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mim-resume-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A run of 70 steps, which leaves a checkpoint every 50, in a process of its own. */
const mim = (out: string, ...more: string[]): ChildProcess =>
  spawn(
    process.execPath,
    ["src/mim/bin.ts", "run", "mae", "--steps", "70", "--set", "depth=1", "--no-probes", "--out", out, ...more],
    { stdio: "ignore" },
  );
const ended = (child: ChildProcess) =>
  new Promise<string | number | null>((resolve) => {
    child.on("exit", (code, signal) => resolve(signal ?? code));
  });

test("a run killed at any moment after a checkpoint resumes to the bytes of one that was not", async () => {
  const [whole, broken] = [join(folder, "whole"), join(folder, "broken")];
  expect(await ended(mim(whole))).toBe(0);
  const child = mim(broken);
  const end = ended(child);
  while (!existsSync(join(broken, "checkpoint.safetensors"))) await pause(5);
  await pause(400 * Math.random());
  child.kill("SIGKILL");
  expect(await end).toBe("SIGKILL");
  expect(existsSync(join(broken, "result.json"))).toBe(false);
  expect(await ended(mim(broken, "--resume"))).toBe(0);
  for (const file of readdirSync(whole).filter((name) => name !== "result.json")) {
    expect(readFileSync(join(broken, file)).equals(readFileSync(join(whole, file))), file).toBe(true);
  }
}, 300_000);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
