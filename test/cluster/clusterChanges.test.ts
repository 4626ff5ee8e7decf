import fc from "fast-check";
import { expect, test } from "vitest";
import { clusterChanges, type NamedCluster } from "../../src/cluster/clusterChanges.ts";

const named = (groups: Record<string, string>): NamedCluster[] =>
  Object.entries(groups).map(([label, documents], i) => ({ id: i + 1, label, documents: documents.split("") }));

test("what stayed, split, merged, moved, came and went is told apart", () => {
  const before = named({ video: "abcdef", audio: "ghij", text: "klmn", gone: "xy" });
  const after = named({ video: "abcdeg", sound: "hij", words: "kl", letters: "mn", fresh: "fz" });
  const changes = clusterChanges(before, after);
  expect(changes.same.map(({ from, to, jaccard }) => [from.label, to.label, jaccard])).toEqual([
    ["video", "video", 5 / 7],
    ["audio", "sound", 3 / 4],
  ]);
  expect(changes.same[0]).toMatchObject({ joined: ["g"], left: ["f"] });
  expect(changes.appeared.map(({ cluster, came }) => [cluster.label, came.map((c) => c.cluster.label)])).toEqual([
    ["words", ["text"]],
    ["letters", ["text"]],
    ["fresh", ["video"]],
  ]);
  expect(changes.vanished.map(({ cluster, went }) => [cluster.label, went.map((c) => c.documents)])).toEqual([
    ["text", [2, 2]],
    ["gone", []],
  ]);
  expect(changes.moved.map(({ document }) => document).join("")).toBe("fgklmn");
  expect([changes.added, changes.removed]).toEqual([["z"], ["x", "y"]]);
  expect(changes.kept).toBe(14);
});

test("a cluster has at most one successor, and each document of both runs stays or moves", () => {
  const clustering = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 30 }).map((labels) =>
    [...Map.groupBy(labels.keys(), (i) => labels[i]!)].map(([id, documents]) => ({
      id,
      label: `c${id}`,
      documents: documents.map(String),
    })),
  );
  fc.assert(
    fc.property(clustering, clustering, (before, after) => {
      const { same, vanished, appeared, moved, kept } = clusterChanges(before, after);
      expect(new Set(same.map(({ from }) => from.id)).size).toBe(same.length);
      expect(new Set(same.map(({ to }) => to.id)).size).toBe(same.length);
      expect(same.length + vanished.length).toBe(before.length);
      expect(same.length + appeared.length).toBe(after.length);
      expect(moved.length).toBeLessThanOrEqual(kept);
      const itself = clusterChanges(before, before);
      expect([itself.moved, itself.vanished, itself.appeared]).toEqual([[], [], []]);
      expect(itself.adjustedRandIndex).toBe(1);
    }),
  );
});
