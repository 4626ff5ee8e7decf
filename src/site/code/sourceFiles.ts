/** The package's source files as the site shows them: each has a page of its own, and names lead to where they stand. */
import { globSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import ts from "typescript";
import { href } from "../href.ts";
import { highlight, type NameLink } from "./highlight.ts";

export interface SourceFile {
  /** From the package's folder, `masking/random.ts`; a test of it from the root, `test/mim/train.test.ts`. */
  readonly path: string;
  readonly text: string;
  /** Its opening comment, or that of its main export. */
  readonly says: string;
  /** Exported names with the line of each and what its comment says. */
  readonly exported: ReadonlyMap<string, { readonly line: number; readonly says: string }>;
  /** Names that it imports from files of the package. */
  readonly imported: readonly { readonly name: string; readonly original: string; readonly file: string }[];
  /** Module paths as written, and the files that they name. */
  readonly modules: ReadonlyMap<string, string>;
}

/** All files by path. */
export const sourceFiles: ReadonlyMap<string, SourceFile> = new Map(
  globSync(["src/mim/**/*.ts", "test/mim/**/*.ts"])
    .filter((path) => !path.includes("node_modules") && !path.includes("/dist/"))
    .sort()
    .map((path) => {
      const file = describe(path);
      return [file.path, file];
    }),
);

/** The page of a file, at a line when one is given: code/masking/random/#L20. */
export const codeHref = (path: string, line?: number): string =>
  `${href(`code/${path.replace(/\.ts$/, "")}/`)}${line ? `#L${line}` : ""}`;

/** A file as lines of HTML in which imported names lead to their definition. */
export function listing({ text, imported, modules }: SourceFile): string[] {
  const links = new Map<string, NameLink>();
  for (const { name, original, file } of imported) {
    const target = sourceFiles.get(file)?.exported.get(original);
    if (target) links.set(name, { href: codeHref(file, target.line), says: target.says || `${original} in ${file}` });
  }
  const shown = [...modules].filter(([, file]) => sourceFiles.has(file));
  return highlight(text, links, new Map(shown.map(([written, file]) => [written, codeHref(file)])));
}

function describe(path: string): SourceFile {
  const text = readFileSync(path, "utf8");
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const exported = new Map<string, { line: number; says: string }>();
  const imported: { name: string; original: string; file: string }[] = [];
  const modules = new Map<string, string>();
  for (const node of file.statements) {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const written = node.moduleSpecifier.text;
      if (!written.startsWith(".")) continue;
      const target = pathOf(posix.join(posix.dirname(path), written));
      modules.set(written, target);
      const named = node.importClause?.namedBindings;
      if (!named || !ts.isNamedImports(named)) continue;
      for (const { name, propertyName } of named.elements)
        imported.push({ name: name.text, original: (propertyName ?? name).text, file: target });
      continue;
    }
    if (!ts.canHaveModifiers(node) || !ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword))
      continue;
    const line = file.getLineAndCharacterOfPosition(node.getStart(file, false)).line + 1;
    for (const name of namesOf(node)) exported.set(name, { line, says: firstSentence(commentOf(node, text)) });
  }
  const opening = /^\s*(?:\/\/.*\n\s*)*\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? "";
  const main = /([^/]+)\.ts$/.exec(path)?.[1] ?? "";
  const says = firstSentence(opening) || exported.get(main)?.says || "";
  return { path: pathOf(path), text, says, exported, imported, modules };
}

function pathOf(path: string): string {
  return path.startsWith("src/mim/") ? path.slice("src/mim/".length) : path;
}

function namesOf(node: ts.Statement): string[] {
  if (ts.isVariableStatement(node))
    return node.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  const { name } = node as { name?: ts.Node };
  return name && ts.isIdentifier(name) ? [name.text] : [];
}

/** The last doc comment before a statement. */
function commentOf(node: ts.Node, text: string): string {
  const ranges = ts.getLeadingCommentRanges(text, node.pos) ?? [];
  const last = ranges.at(-1);
  return last ? text.slice(last.pos, last.end).replace(/^\/\*\*|\*\/$/g, "") : "";
}

/** Its first sentence, on one line; a second one where the first is only a name. */
function firstSentence(comment: string): string {
  const plain = comment
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trim())
    .join(" ")
    .trim();
  const ends = [...plain.matchAll(/[.:](?=\s+[A-ZÀ-Þ(]|$)/g)].map((m) => m.index + 1);
  return plain.slice(
    0,
    ends.find((end) => end >= 24),
  );
}
