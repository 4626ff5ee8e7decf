import { beforeAll, expect, test } from "vitest";
import { embedPatches, patchEmbed } from "../../../src/mim/nn/patchEmbed.ts";
import { patchify } from "../../../src/mim/nn/patchify.ts";
import { readSync, scope, start, tensor } from "../../../src/mim/ops.ts";
import { keyOf, normals } from "../../../src/mim/toy/random.ts";

beforeAll(async () => {
  await start();
});

const drawn = (seed: number, shape: readonly number[]) =>
  tensor(
    normals(
      keyOf(seed),
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  );

test("patches that are cut already get the very tokens of the image's projection", () => {
  scope(() => {
    const p = { "proj.weight": drawn(1, [5, 3, 4, 4]), "proj.bias": drawn(2, [5]) };
    const images = drawn(3, [2, 3, 8, 12]);
    expect(readSync(embedPatches(p, "proj", patchify(images, 4)))).toEqual(readSync(patchEmbed(p, "proj", images)));
    expect(() => embedPatches(p, "proj", patchify(images, 2))).toThrow("expected patches [N, L, 48], found [2,24,12]");
    return [];
  });
});
