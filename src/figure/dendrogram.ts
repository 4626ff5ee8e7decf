import { escapeHtml } from "./escape.ts";

/** SciPy's linkage matrix by column names, as stored. */
export interface DendrogramMerge {
  left: number;
  right: number;
  height: number;
  size: number;
}
export interface DendrogramLeaf {
  /** Leaf id in the linkage matrix; the array stands in drawing order. */
  leaf: number;
  label: string;
  href?: string;
  cluster: number;
}
export interface DendrogramOptions {
  /** Width of the tree, without labels, in px. */
  width?: number;
  labelWidth?: number;
  rowHeight?: number;
  /** Brackets beside the labels: first and last row, text, link. */
  brackets?: { first: number; last: number; label: string; href?: string }[];
  title?: string;
}

/** A dendrogram with the root on the left and a row a leaf; the horizontal axis is the merge height. */
export function dendrogram(
  merges: readonly DendrogramMerge[],
  leaves: readonly DendrogramLeaf[],
  options: DendrogramOptions = {},
): string {
  const { width = 460, labelWidth = 300, rowHeight = 15, brackets = [], title = "Dendrogram" } = options;
  const n = leaves.length;
  const top = 26;
  const highest = merges.at(-1)?.height || 1;
  const x = (height: number) => +(width * (1 - height / highest) + 4).toFixed(1);
  const y = (row: number) => top + (row + 0.5) * rowHeight;
  const rowOf = new Map(leaves.map(({ leaf }, row) => [leaf, row]));
  const cluster = new Map<number, number>(leaves.map((l) => [l.leaf, l.cluster]));
  const at = (id: number) => ({ y: rowY.get(id)!, x: id < n ? x(0) : x(merges[id - n]!.height) });
  const rowY = new Map<number, number>([...rowOf].map(([leaf, row]) => [leaf, y(row)]));

  const stem: string[] = [];
  const inCluster = new Map<number, string[]>();
  merges.forEach((m, step) => {
    const [a, b] = [at(m.left), at(m.right)];
    rowY.set(n + step, (a.y + b.y) / 2);
    const same = cluster.get(m.left)! > 0 && cluster.get(m.left) === cluster.get(m.right);
    cluster.set(n + step, same ? cluster.get(m.left)! : 0);
    const path = `M${a.x} ${a.y.toFixed(1)}H${x(m.height)}V${b.y.toFixed(1)}H${b.x}`;
    if (!same) stem.push(path);
    else inCluster.set(cluster.get(m.left)!, [...(inCluster.get(cluster.get(m.left)!) ?? []), path]);
  });

  const ticks = Array.from({ length: Math.floor(highest / 0.5) + 1 }, (_, i) => i * 0.5);
  const axis = ticks
    .map((t) => `<path d="M${x(t)} ${top - 6}v4"/><text x="${x(t)}" y="${top - 10}" text-anchor="middle">${t}</text>`)
    .join("");
  const link = (text: string, href?: string) => (href ? `<a href="${escapeHtml(href)}">${text}</a>` : text);
  const labels = leaves
    .map(({ label, href }, row) =>
      link(`<text x="${width + 12}" y="${(y(row) + 3.6).toFixed(1)}">${escapeHtml(label)}</text>`, href),
    )
    .join("");
  const edge = width + labelWidth + 16;
  const marks = brackets
    .map(({ first, last, label, href }) => {
      const [from, to] = [y(first) - rowHeight / 2 + 2, y(last) + rowHeight / 2 - 2];
      const text = `<text x="${edge + 10}" y="${((from + to) / 2 + 4).toFixed(1)}">${escapeHtml(label)}</text>`;
      return `<path d="M${edge} ${from}h4V${to}h-4"/>${link(text, href)}`;
    })
    .join("");
  const total = brackets.length ? edge + 250 : width + labelWidth + 16;
  const bands = [...inCluster]
    .sort(([a], [b]) => a - b)
    .map(([id, paths]) => `<path class="band band-${id % 2}" d="${paths.join("")}"/>`)
    .join("");
  return (
    `<svg class="dendrogram" viewBox="0 0 ${total} ${top + n * rowHeight + 6}" role="group" aria-label="${escapeHtml(title)}"><title>${escapeHtml(title)}</title>` +
    `<g class="axis" fill="none" stroke="currentColor">${axis}</g><g fill="none" stroke="currentColor"><path class="stem" d="${stem.join("")}"/>${bands}</g>` +
    `<g class="labels" fill="currentColor">${labels}</g><g class="brackets" fill="none" stroke="currentColor">${marks}</g></svg>`
  );
}
