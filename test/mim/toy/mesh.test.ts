import { expect, test } from "vitest";
import { FACES, renderMesh } from "../../../src/mim/toy/mesh.ts";
import { keyOf } from "../../../src/mim/toy/random.ts";
import { CLASS_NAMES, sampleScene } from "../../../src/mim/toy/scene.ts";

test.each(CLASS_NAMES.map((name, label) => [name, label] as const))(
  "the mesh of a %s is closed, points outwards and has the outline's topology and area",
  (name, label) => {
    const { vertices, faces } = renderMesh(sampleScene(keyOf(3), label));
    expect(faces.length).toBe(3 * FACES);
    const edges = new Map<string, number>();
    const edge = (a: number, b: number) => edges.set(`${a} ${b}`, (edges.get(`${a} ${b}`) ?? 0) + 1);
    let [volume, shadow] = [0, 0];
    for (let f = 0; f < FACES; f++) {
      const [a, b, c] = [faces[3 * f]!, faces[3 * f + 1]!, faces[3 * f + 2]!] as const;
      edge(a, b);
      edge(b, c);
      edge(c, a);
      const [p, q, r] = [a, b, c].map((v) => vertices.subarray(3 * v, 3 * v + 3)) as [
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      const cross = (s: Float64Array, t: Float64Array) => [
        s[1]! * t[2]! - s[2]! * t[1]!,
        s[2]! * t[0]! - s[0]! * t[2]!,
        s[0]! * t[1]! - s[1]! * t[0]!,
      ];
      volume += cross(q, r).reduce((sum, v, axis) => sum + v * p[axis]!, 0) / 6;
      const up =
        cross(
          q.map((v, i) => v - p[i]!),
          r.map((v, i) => v - p[i]!),
        )[2]! / 2;
      if (up > 0) shadow += up;
    }
    for (const [key, count] of edges) {
      expect(count).toBe(1); // each edge once in each direction: a closed, oriented surface
      expect(edges.has(key.split(" ").reverse().join(" "))).toBe(true);
    }
    const euler = vertices.length / 3 - edges.size / 2 + FACES;
    expect(euler).toBe(name.endsWith("ring") ? 0 : 2);
    expect(volume).toBeGreaterThan(0.4);
    expect(Math.abs(shadow - 2)).toBeLessThan(0.25); // every outline has area 2; corners between spokes are cut
  },
);
