/** Properties against clusters: counts, shaded by how far they lie from what independence would give. */
import { escapeHtml } from "./escape.ts";

export interface MatrixCell {
  /** Places of the property and of the cluster. */
  readonly row: number;
  readonly column: number;
  readonly count: number;
  readonly expected: number;
  /** Standard deviations from the expected count. */
  readonly residual: number;
}

export interface MatrixNames {
  readonly rows: readonly string[];
  readonly columns: readonly { readonly name: string; readonly href: string }[];
}

const CELL = 42;
const HEADS = 150;
const NAMES = 150;
/** Residual of the fullest shade. */
const DEEPEST = 4;

/** The matrix as an SVG, properties as rows. */
export function contributionMatrix(cells: readonly MatrixCell[], { rows, columns }: MatrixNames): string {
  const width = NAMES + columns.length * CELL + HEADS * 0.75;
  const height = HEADS + rows.length * CELL;
  const heads = columns.map(({ name, href }, c) => {
    const x = NAMES + (c + 0.5) * CELL;
    return `<a href="${escapeHtml(href)}"><title>${escapeHtml(name)}</title><text x="${x}" y="${HEADS - 10}" transform="rotate(-48 ${x} ${HEADS - 10})">${escapeHtml(shortened(name))}</text></a>`;
  });
  const names = rows.map(
    (name, r) =>
      `<text x="${NAMES - 10}" y="${HEADS + (r + 0.5) * CELL + 4}" text-anchor="end">${escapeHtml(name)}</text>`,
  );
  const squares = cells.map(({ row, column, count, expected, residual }) => {
    const [x, y] = [NAMES + column * CELL, HEADS + row * CELL];
    const share = Math.min(1, Math.abs(residual) / DEEPEST);
    const text = `${rows[row]} in ${columns[column]!.name}: ${count}, expected ${expected.toFixed(1)}, ${residual.toFixed(1)} standard deviations`;
    return `<g><title>${escapeHtml(text)}</title><rect class="cell ${residual < 0 ? "fewer" : "more"}" style="--share:${Math.round(100 * share)}%" x="${x}" y="${y}" width="${CELL}" height="${CELL}"/><text x="${x + CELL / 2}" y="${y + CELL / 2 + 4}" text-anchor="middle"${share > 0.6 ? ' class="strong"' : ""}>${count}</text></g>`;
  });
  return `<svg class="matrix" viewBox="0 0 ${Math.ceil(width)} ${height}" role="group" aria-label="Properties against clusters"><title>Properties against clusters</title><g class="names">${heads.join("")}${names.join("")}</g>${squares.join("")}</svg>`;
}

const shortened = (name: string): string => (name.length > 26 ? `${name.slice(0, 25)}…` : name);
