/** Parameter names of open-mmlab's vision transformers, for the names that this package's transformer parts use. */

const RULES: readonly (readonly [RegExp, string])[] = [
  [/^patch_embed\.proj\./, "patch_embed.projection."],
  [/^blocks\./, "layers."],
  [/^norm\./, "ln1."],
  [/^decoder_norm\./, "ln1."],
  [/\.norm1\./, ".ln1."],
  [/\.norm2\./, ".ln2."],
  [/\.mlp\.fc1\./, ".ffn.layers.0.0."],
  [/\.mlp\.fc2\./, ".ffn.layers.1."],
];

const renamed = (name: string): string => RULES.reduce((s, [from, to]) => s.replace(from, to), name);

/** A record under open-mmlab's names, each after `prefix`. */
export const openMmlab = <T>(prefix: string, record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([name, x]) => [prefix + renamed(name), x]));

/** Back again: the entries of `all` that `names` (ours) have under `prefix` and open-mmlab's names. */
export const fromOpenMmlab = <T>(
  prefix: string,
  all: Readonly<Record<string, T>>,
  names: readonly string[],
): Record<string, T> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const x = all[prefix + renamed(name)];
      return x === undefined ? [] : [[name, x]];
    }),
  );
