import { escapeHtml } from "./escape.ts";

/** SciPy's linkage matrix by column names, as stored. */
export interface DendrogramMerge {
  left: number;
  right: number;
  height: number;
  size: number;
  /** Bootstrap support in [0, 1], when there is some. */
  readonly support?: { readonly au: number; readonly bp: number };
}
export interface DendrogramLeaf {
  /** Leaf id in the linkage matrix; the array stands in drawing order. */
  leaf: number;
  label: string;
  href?: string;
  cluster: number;
}
interface DendrogramTheme {
  readonly label: string;
  /** Node of the linkage matrix: a leaf id, or n + step. */
  readonly node: number;
  /** Leaf ids. */
  readonly members: ReadonlySet<number>;
  /** Shown when the theme is pointed at. */
  readonly note: string;
}
export interface DendrogramOptions {
  /** Width of the tree, without labels, in px. */
  width?: number;
  labelWidth?: number;
  rowHeight?: number;
  /** Brackets beside the labels: first and last row, text, link. */
  brackets?: { first: number; last: number; label: string; href?: string }[];
  /** A column each: its members as dots, the rows of its subtree shaded; the subtree's node bears the column's letter. */
  themes?: readonly DendrogramTheme[];
  title?: string;
}

/** Support from which a merge is marked as well supported: pvclust's custom. */
const WELL_SUPPORTED = 0.95;
const THEME_WIDTH = 15;
const THEME_HEADS = 150;
const BRACKET_WIDTH = 300;

/** A dendrogram with the root on the left and a row a leaf; the horizontal axis is the merge height. */
export function dendrogram(
  merges: readonly DendrogramMerge[],
  leaves: readonly DendrogramLeaf[],
  options: DendrogramOptions = {},
): string {
  const { width = 460, labelWidth = 300, rowHeight = 15, brackets = [], themes = [], title = "Dendrogram" } = options;
  const n = leaves.length;
  const top = 26 + (themes.length ? THEME_HEADS : 0);
  const highest = merges.at(-1)?.height || 1;
  const x = (height: number) => +(width * (1 - height / highest) + 4).toFixed(1);
  const y = (row: number) => top + (row + 0.5) * rowHeight;
  const rowOf = new Map(leaves.map(({ leaf }, row) => [leaf, row]));
  const cluster = new Map<number, number>(leaves.map((l) => [l.leaf, l.cluster]));
  const rowY = new Map<number, number>([...rowOf].map(([leaf, row]) => [leaf, y(row)]));
  const at = (id: number) => ({ y: rowY.get(id)!, x: id < n ? x(0) : x(merges[id - n]!.height) });
  const span = new Map<number, readonly [first: number, last: number]>([...rowOf].map(([leaf, r]) => [leaf, [r, r]]));

  const stem: string[] = [];
  const inCluster = new Map<number, string[]>();
  const nodes: string[] = [];
  merges.forEach((m, step) => {
    const id = n + step;
    const [a, b] = [at(m.left), at(m.right)];
    rowY.set(id, (a.y + b.y) / 2);
    const [s, t] = [span.get(m.left)!, span.get(m.right)!];
    span.set(id, [Math.min(s[0], t[0]), Math.max(s[1], t[1])]);
    const same = cluster.get(m.left)! > 0 && cluster.get(m.left) === cluster.get(m.right);
    cluster.set(id, same ? cluster.get(m.left)! : 0);
    const path = `M${a.x} ${a.y.toFixed(1)}H${x(m.height)}V${b.y.toFixed(1)}H${b.x}`;
    if (!same) stem.push(path);
    else inCluster.set(cluster.get(m.left)!, [...(inCluster.get(cluster.get(m.left)!) ?? []), path]);
    if (m.support) nodes.push(supportMark(m, x(m.height), rowY.get(id)!, step === merges.length - 1));
  });

  const tickStep = niceStep(highest / 8);
  const ticks = Array.from({ length: Math.floor(highest / tickStep) + 1 }, (_, i) => +(i * tickStep).toPrecision(6));
  const axis = ticks
    .map((t) => `<path d="M${x(t)} ${top - 6}v4"/><text x="${x(t)}" y="${top - 10}" text-anchor="middle">${t}</text>`)
    .join("");
  const link = (text: string, href?: string) => (href ? `<a href="${escapeHtml(href)}">${text}</a>` : text);
  const labels = leaves
    .map(({ label, href }, row) =>
      link(`<text x="${width + 12}" y="${(y(row) + 3.6).toFixed(1)}">${escapeHtml(label)}</text>`, href),
    )
    .join("");
  const themesAt = width + labelWidth + 24;
  const edge = width + labelWidth + 16 + (themes.length ? 16 + themes.length * THEME_WIDTH : 0);
  const marks = brackets
    .map(({ first, last, label, href }) => {
      const [from, to] = [y(first) - rowHeight / 2 + 2, y(last) + rowHeight / 2 - 2];
      const text = `<text x="${edge + 10}" y="${((from + to) / 2 + 4).toFixed(1)}">${escapeHtml(label)}</text>`;
      return `<path d="M${edge} ${from}h4V${to}h-4"/>${link(text, href)}`;
    })
    .join("");
  const total = brackets.length ? edge + BRACKET_WIDTH : edge;
  const bands = [...inCluster]
    .sort(([a], [b]) => a - b)
    .map(([id, paths]) => `<path class="band band-${id % 2}" d="${paths.join("")}"/>`)
    .join("");
  const height = top + n * rowHeight + 6;
  return (
    `<svg class="dendrogram" viewBox="0 0 ${total} ${height}" role="group" aria-label="${escapeHtml(title)}"><title>${escapeHtml(title)}</title>` +
    `<g class="axis" fill="none" stroke="currentColor">${axis}</g><g fill="none" stroke="currentColor"><path class="stem" d="${stem.join("")}"/>${bands}</g>` +
    (nodes.length ? `<g class="supports">${nodes.join("")}</g>` : "") +
    (themes.length ? themeColumns(themes) : "") +
    `<g class="labels" fill="currentColor">${labels}</g><g class="brackets" fill="none" stroke="currentColor">${marks}</g></svg>`
  );

  function themeColumns(list: readonly DendrogramTheme[]): string {
    const columns = list.map(({ label, node, members, note }, t) => {
      const middle = themesAt + (t + 0.5) * THEME_WIDTH;
      const [first, last] = span.get(node)!;
      const [from, to] = [y(first) - rowHeight / 2, y(last) + rowHeight / 2];
      const dots = leaves
        .flatMap(({ leaf }, row) =>
          members.has(leaf) ? [`M${middle - 3} ${y(row)}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0`] : [],
        )
        .join("");
      const head = `<text x="${middle + 4}" y="${top - 14}" transform="rotate(-62 ${middle + 4} ${top - 14})">${letter(t)} ${escapeHtml(short(label))}</text>`;
      const box = { x: middle - THEME_WIDTH / 2 + 1, width: THEME_WIDTH - 2, height: (to - from).toFixed(1) };
      return `<g><title>${letter(t)} ${escapeHtml(label)}: ${escapeHtml(note)}</title><line x1="${middle}" y1="${top - 8}" x2="${middle}" y2="${y(n - 1)}"/><rect class="span" x="${box.x}" y="${from.toFixed(1)}" width="${box.width}" height="${box.height}" rx="3"/><path class="member" d="${dots}"/>${head}</g>`;
    });
    const byNode = Map.groupBy(list.keys(), (t) => list[t]!.node);
    const letters = [...byNode].map(([node, at_]) => {
      const { x: nx, y: ny } = at(node);
      const [text, note] = [
        at_.map(letter).join(""),
        at_.map((t) => `${letter(t)} ${list[t]!.label}: ${list[t]!.note}`),
      ];
      const half = 6 + 3 * (text.length - 1);
      return { half, text, note, x: node < n ? nx - half : nx, y: ny };
    });
    const circles = apart(letters).map(
      ({ half, text, note, x, y }) =>
        `<g><title>${escapeHtml(note.join("; "))}</title><rect class="disc" x="${(x - half).toFixed(1)}" y="${(y - 6).toFixed(1)}" width="${2 * half}" height="12" rx="6"/><text x="${x.toFixed(1)}" y="${(y + 3.2).toFixed(1)}" text-anchor="middle">${text}</text></g>`,
    );
    return `<g class="themes">${columns.join("")}</g><g class="mark">${circles.join("")}</g>`;
  }
}

/** A dot, filled when the merge is well supported; the root is always found and has none. */
function supportMark({ height, size, support }: DendrogramMerge, x: number, y: number, root: boolean): string {
  if (root || !support) return "";
  const percent = (share: number) => Math.round(100 * share);
  const well = support.au >= WELL_SUPPORTED;
  const text = `${size} leaves, height ${height.toFixed(3)}: AU ${percent(support.au)} %, BP ${percent(support.bp)} %`;
  return `<circle class="${well ? "well" : "support"}" cx="${x}" cy="${y.toFixed(1)}" r="${well ? 2.8 : 1.5}"><title>${text}</title></circle>`;
}

/** Marks that overlap an earlier one move left of it. */
function apart<T extends { readonly x: number; readonly y: number; readonly half: number }>(marks: readonly T[]): T[] {
  const placed: T[] = [];
  for (const mark of marks) {
    let { x } = mark;
    for (let hit = touched(x); hit; hit = touched(x)) x = hit.x - hit.half - mark.half - 1;
    placed.push({ ...mark, x });
    function touched(at: number): T | undefined {
      return placed.find(
        (other) => Math.abs(other.y - mark.y) < 12 && Math.abs(other.x - at) < other.half + mark.half + 0.5,
      );
    }
  }
  return placed;
}

/** The least of 1, 2, 5 × 10ᵏ that is not below the step. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= least * (1 - 1e-9))!;
}

/** A, B, …, Z, AA, … */
export const letter = (at: number): string =>
  (at >= 26 ? letter(Math.floor(at / 26) - 1) : "") + String.fromCharCode(65 + (at % 26));

const short = (label: string): string => (label.length > 27 ? `${label.slice(0, 26)}…` : label);
