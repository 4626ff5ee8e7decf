/** Something wrong in a data file, with its place and how to mend it. */
export interface Problem {
  /** Path from the project's root. */
  file: string;
  /** From 1. */
  line: number;
  /** Dotted path of the field; empty for the file or record as a whole. */
  field: string;
  /** "expected …, found …; how to fix". */
  message: string;
}

/** One line a problem: `file:line: field: expected …, found …; fix`. */
const formatProblem = ({ file, line, field, message }: Problem): string =>
  `${file}:${line}: ${field ? `${field}: ` : ""}${message}`;

/** All problems of a data folder, sorted by place. */
export class DataError extends Error {
  readonly problems: Problem[];
  constructor(problems: Problem[]) {
    const sorted = [...problems].sort(
      (a, b) => a.file.localeCompare(b.file, "en") || a.line - b.line || a.field.localeCompare(b.field, "en"),
    );
    super(sorted.map(formatProblem).join("\n"));
    this.name = "DataError";
    this.problems = sorted;
  }
}
