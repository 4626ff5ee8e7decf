import type { z } from "zod";

/** A value as it reads in a message: short, on one line. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "an empty value";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value === "object") return "a mapping";
  return JSON.stringify(typeof value === "string" && value.length > 40 ? `${value.slice(0, 39)}…` : value);
}

const article = (noun: string): string => (/^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`);
const nouns: Record<string, string> = {
  string: "text",
  number: "number",
  int: "whole number",
  boolean: "true or false",
  array: "list",
  object: "mapping",
};

/** The most similar of the allowed words, if one is at least as similar as `least`, between 0 and 1. */
export function closest(word: string, options: readonly string[], least = 0.4): string | undefined {
  const stem = (s: string) => s.toLowerCase().replace(/[^a-z0-9]/g, "");
  const grams = (s: string) => new Set(Array.from({ length: Math.max(1, s.length - 1) }, (_, i) => s.slice(i, i + 2)));
  const a = grams(stem(word));
  const score = (o: string) => {
    const b = grams(stem(o));
    let shared = 0;
    for (const g of a) if (b.has(g)) shared++;
    return (2 * shared) / (a.size + b.size);
  };
  const best = options.map((o) => ({ o, s: score(o) })).sort((x, y) => y.s - x.s)[0];
  return best && best.s >= least ? best.o : undefined;
}

/** "write X" for the nearest of the allowed words, or all of them when none is near. */
export function choose(found: unknown, options: readonly string[]): string {
  const near = typeof found === "string" ? closest(found, options) : undefined;
  return near ? `write ${near}` : `write one of ${options.join(", ")}`;
}

/** A key that a record has no place for. `elsewhere` names the file of keys that belong to another one. */
export function unknownKey(key: string, known: readonly string[], elsewhere?: Record<string, string>): string {
  const near = closest(key, known);
  const fix = elsewhere?.[key] ? `move it to ${elsewhere[key]}` : near ? `did you mean ${near}?` : `remove ${key}`;
  return `expected ${known.length ? `only ${known.join(", ")}` : "only known keys"}, found ${key}; ${fix}`;
}

/** A value as an entry of a YAML list in brackets. */
const listOf = (value: unknown): string =>
  `[${typeof value === "string" && !/^[\w.-]+$/.test(value) ? JSON.stringify(value) : value}]`;

/** A zod issue as "expected …, found …; how to fix". Issues need `reportInput: true`. */
export function explain(issue: z.core.$ZodIssue): string {
  const found = show(issue.input);
  const missing = issue.input === undefined;
  switch (issue.code) {
    case "invalid_type": {
      const noun = nouns[issue.expected] ?? issue.expected;
      const expected = noun === "text" || noun === "true or false" ? noun : article(noun);
      const fix = missing
        ? "add the field"
        : issue.input === null && issue.path.length > 0
          ? "fill it in or remove the field"
          : issue.expected === "string"
            ? "put it in quotes"
            : issue.expected === "array" && (typeof issue.input === "string" || typeof issue.input === "number")
              ? `write ${listOf(issue.input)}`
              : `write ${expected}${issue.expected === "number" || issue.expected === "int" ? " without quotes" : ""}`;
      return `expected ${expected}, found ${found}; ${fix}`;
    }
    case "invalid_value": {
      const options = issue.values.map(String);
      return `expected one of ${options.join(", ")}, found ${found}; ${choose(issue.input, options)}`;
    }
    case "too_small":
      if (issue.origin === "string") return `expected text, found an empty one; fill it in or remove the field`;
      if (issue.origin === "array")
        return `expected at least ${issue.minimum} entry, found ${found}; add one or remove the field`;
      return `expected at least ${issue.minimum}, found ${found}; correct the number`;
    case "too_big":
      return `expected at most ${issue.maximum}, found ${found}; correct the number`;
    case "invalid_union":
      return `expected one of the forms in docs/data.md, found ${found}; correct it`;
    default:
      return issue.message;
  }
}
