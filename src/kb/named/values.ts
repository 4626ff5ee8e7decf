import type Database from "better-sqlite3";
import { QuestionError } from "../ask.ts";
import type { NamedQuery } from "./query.ts";

const shortBenchmark: Record<string, string> = { imagenet: "imagenet-1k", coco: "ms-coco", kinetics: "kinetics-400" };

/** Full-text words as a phrase-safe FTS5 query: every word must occur. */
const matchAll = (words: string): string => (words.match(/[\p{L}\p{N}]+/gu) ?? []).map((w) => `"${w}"`).join(" ");

/**
 * What a named query binds, by parameter; an option not given is null.
 * @throws QuestionError for an argument or option that the query does not take.
 */
export function namedValues(
  db: Database.Database,
  query: NamedQuery,
  args: string[],
  options: Record<string, string | undefined>,
): Record<string, string | null> {
  const values: Record<string, string | null> = {};
  for (const name of Object.keys(query.options)) values[name] = options[name] ?? null;
  const strange = Object.keys(options).filter((name) => options[name] !== undefined && !(name in query.options));
  if (strange.length)
    throw new QuestionError(
      `${query.name}: expected ${
        Object.keys(query.options)
          .map((o) => `--${o}`)
          .join(", ") || "no options"
      }, found --${strange[0]}; see --help`,
    );
  for (const [name, example] of [
    ["limit", 10],
    ["year", 2022],
  ] as const) {
    const found = options[name];
    if (found !== undefined && !/^\d+$/.test(found))
      throw new QuestionError(`${query.name}: --${name}: expected a whole number, found ${found}; write ${example}`);
  }
  if (query.argument) {
    const found = args.join(" ").trim();
    const choices = query.argument.choices?.(db);
    const value = choices && found in shortBenchmark ? shortBenchmark[found]! : found;
    if (!value || (choices && !choices.includes(value))) {
      throw new QuestionError(
        `${query.name}: ${query.argument.name}: expected ${choices ? `one of ${choices.join(", ")}` : query.argument.meaning}, found ${found || "nothing"}; see --help`,
      );
    }
    const bound = query.argument.name === "words" ? matchAll(value) : value;
    if (!bound)
      throw new QuestionError(`${query.name}: expected words to look for, found ${value}; write letters or digits`);
    values[query.argument.name] = bound;
  } else if (args.length) {
    throw new QuestionError(`${query.name}: expected no argument, found ${args[0]}; see --help`);
  }
  return values;
}
