import { href } from "../href.ts";

/** Address of a query and what is bound to its parameters; parameters that are null are left out. */
export function permalink(sql: string, values: Record<string, string | null> = {}): string {
  const given = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== null);
  return `${href("query/")}?${new URLSearchParams([["sql", sql], ...given])}`;
}

/** What a permalink asks, if it asks. */
export function asked(search: string): { sql: string; values: Record<string, string> } | undefined {
  const [first, ...given] = new URLSearchParams(search);
  return first?.[0] === "sql" ? { sql: first[1], values: Object.fromEntries(given) } : undefined;
}
