import type Database from "better-sqlite3";

const SQL = /* sql */ "select name from author where paper_id = ? order by position";

/** Authors of a paper as printed: "He K". */
export const authorsOf = (db: Database.Database, paperId: string): string[] =>
  db.prepare<[string], string>(SQL).pluck().all(paperId);

/** "Surname", "Surname and Surname" or "Surname et al.", as text cites. */
export function citedAs(authors: string[], etAl: boolean): string {
  const surname = (name: string) => name.replace(/ [A-Z]+$/, "");
  const [first, second] = authors.map(surname);
  if (etAl || authors.length > 2) return `${first} et al.`;
  return second ? `${first} and ${second}` : first!;
}
