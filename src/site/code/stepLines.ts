import { codeHref, listing, sourceFiles } from "./sourceFiles.ts";

/** A line of ours that carries out one or more printed steps of an algorithm. */
export interface StepLine {
  readonly first: number;
  readonly last: number;
  /** The line as HTML, without its indent and the comment that names its steps. */
  readonly html: string;
  readonly href: string;
}

/** A comment at the end of a line that names printed steps: `// 8` or `// 3-5`. */
const steps = /\s*<span class="comment">\/\/ (\d+)(?:-(\d+))?<\/span>$/;

/** The lines of a file that name the steps they carry out, in the order of the steps. */
export const stepLines = (path: string): StepLine[] =>
  listing(sourceFiles.get(path)!)
    .flatMap((line, i) => {
      const found = steps.exec(line);
      if (!found) return [];
      const [first, last] = [Number(found[1]), Number(found[2] ?? found[1])];
      return [{ first, last, html: line.replace(steps, "").trim(), href: codeHref(path, i + 1) }];
    })
    .toSorted((a, b) => a.first - b.first);
