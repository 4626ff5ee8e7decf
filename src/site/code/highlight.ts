import ts from "typescript";

/** Where an imported name leads. */
export interface NameLink {
  readonly href: string;
  /** First sentence of what it says about itself. */
  readonly says: string;
}

/** Classes of the listing's style sheet; other text has none. */
type Kind = "comment" | "string" | "number" | "keyword";

const text = (s: string) => s.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const attribute = (s: string) => text(s).replaceAll('"', "&quot;");

/**
 * TypeScript as lines of HTML with a class for each kind of word, for a page whose policy forbids inline styles. Names in
 * `links` become links, and so do the module paths in `modules`.
 */
export function highlight(
  source: string,
  links: ReadonlyMap<string, NameLink> = new Map(),
  modules: ReadonlyMap<string, string> = new Map(),
): string[] {
  const lines = [""];
  const write = (piece: string, open: string, close: string) => {
    piece.split("\n").forEach((part, i) => {
      if (i > 0) lines.push("");
      if (part !== "") lines[lines.length - 1] += open + text(part) + close;
    });
  };
  const tokens = tokensOf(source);
  tokens.forEach(({ kind, piece }, i) => {
    const module = kind === "string" ? modules.get(piece.slice(1, -1)) : undefined;
    const link =
      kind === "name" && tokens[i - 1]?.piece !== "." && tokens[i + 1]?.piece !== ":" ? links.get(piece) : undefined;
    if (module) write(piece, `<a class="string" href="${attribute(module)}">`, "</a>");
    else if (link) write(piece, `<a href="${attribute(link.href)}" title="${attribute(link.says)}">`, "</a>");
    else if (kind === "name" || kind === "other") write(piece, "", "");
    else write(piece, `<span class="${kind}">`, "</span>");
  });
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

interface Token {
  readonly kind: Kind | "name" | "other";
  readonly piece: string;
}

/** Every piece of the text in order: the tree's leaves, and the comments and spaces between them. */
function tokensOf(source: string): Token[] {
  const file = ts.createSourceFile("listing.ts", source, ts.ScriptTarget.Latest, true);
  const tokens: Token[] = [];
  const between = (from: number, to: number) => {
    let at = from;
    const comments = [
      ...(ts.getLeadingCommentRanges(source, from) ?? []),
      ...(ts.getTrailingCommentRanges(source, from) ?? []),
    ].sort((a, b) => a.pos - b.pos);
    for (const { pos, end } of comments) {
      if (pos < at || end > to) continue;
      if (pos > at) tokens.push({ kind: "other", piece: source.slice(at, pos) });
      tokens.push({ kind: "comment", piece: source.slice(pos, end) });
      at = end;
    }
    if (to > at) tokens.push({ kind: "other", piece: source.slice(at, to) });
  };
  const visit = (node: ts.Node) => {
    const children = node
      .getChildren(file)
      .filter((child) => child.kind < ts.SyntaxKind.FirstJSDocNode || child.kind > ts.SyntaxKind.LastJSDocNode);
    if (children.length > 0) {
      children.forEach(visit);
      return;
    }
    between(node.pos, node.getStart(file, false));
    const piece = source.slice(node.getStart(file, false), node.end);
    if (piece !== "") tokens.push({ kind: kindOf(node), piece });
  };
  visit(file);
  return tokens;
}

function kindOf({ kind }: ts.Node): Token["kind"] {
  if (kind === ts.SyntaxKind.Identifier) return "name";
  if (kind === ts.SyntaxKind.NumericLiteral) return "number";
  if (kind >= ts.SyntaxKind.FirstKeyword && kind <= ts.SyntaxKind.LastKeyword) return "keyword";
  const isText = kind === ts.SyntaxKind.StringLiteral || kind === ts.SyntaxKind.RegularExpressionLiteral;
  const isTemplate = kind >= ts.SyntaxKind.FirstTemplateToken && kind <= ts.SyntaxKind.LastTemplateToken;
  return isText || isTemplate ? "string" : "other";
}
