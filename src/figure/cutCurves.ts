/** What speaks for each number of clusters: a small curve for each criterion, the cut that was taken marked. */
import { escapeHtml } from "./escape.ts";

export interface CutCurve {
  readonly title: string;
  readonly decimals: number;
  readonly points: readonly { readonly clusters: number; readonly value: number; readonly error?: number }[];
}

const WIDTH = 320;
const HEIGHT = 190;
const LEFT = 46;
const BOTTOM = 26;
const TOP = 12;

/** The curves beside each other, as HTML. */
export function cutCurves(curves: readonly CutCurve[], taken: number): string {
  const figures = curves
    .filter(({ points }) => points.length > 1)
    .map((curve) => `<figure><figcaption>${escapeHtml(curve.title)}</figcaption>${svg(curve, taken)}</figure>`);
  return figures.length ? `<div class="curves">${figures.join("")}</div>` : "";
}

function svg({ title, points, decimals }: CutCurve, taken: number): string {
  const lows = points.map(({ value, error = 0 }) => value - error);
  const highs = points.map(({ value, error = 0 }) => value + error);
  const [low, high] = [Math.min(...lows), Math.max(...highs)];
  const [from, to] = [points[0]!.clusters, points.at(-1)!.clusters];
  const x = (clusters: number) => +(LEFT + ((WIDTH - LEFT - 8) * (clusters - from)) / (to - from)).toFixed(1);
  const y = (value: number) =>
    +(HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * (value - low)) / (high - low || 1)).toFixed(1);
  const levels = [low, (low + high) / 2, high].map(
    (value) =>
      `<path d="M${LEFT} ${y(value)}H${WIDTH - 8}"/><text x="${LEFT - 6}" y="${y(value) + 4}" text-anchor="end">${value.toFixed(decimals)}</text>`,
  );
  const steps = points
    .filter(({ clusters }) => clusters % 10 === 0 || clusters === from)
    .filter(({ clusters }) => clusters !== from || from % 10 < 7)
    .map(({ clusters }) => `<text x="${x(clusters)}" y="${HEIGHT - 8}" text-anchor="middle">${clusters}</text>`);
  const line = points.map(({ clusters, value }, i) => `${i ? "L" : "M"}${x(clusters)} ${y(value)}`).join("");
  const errors = points
    .filter(({ error }) => error)
    .map(({ clusters, value, error }) => `M${x(clusters)} ${y(value - error!)}V${y(value + error!)}`)
    .join("");
  const own = points.find(({ clusters }) => clusters === taken);
  const mark = own
    ? `<path class="taken-line" d="M${x(taken)} ${TOP}V${HEIGHT - BOTTOM}"/><circle class="taken" cx="${x(taken)}" cy="${y(own.value)}" r="4.5"><title>${taken} clusters: ${own.value.toFixed(decimals)}</title></circle>`
    : "";
  const label = `${title} by number of clusters${own ? `, ${own.value.toFixed(decimals)} at the ${taken} taken` : ""}`;
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(label)}"><g class="axis" fill="none" stroke="currentColor">${levels.join("")}${steps.join("")}</g>${errors && `<path class="error" d="${errors}"/>`}<path class="line" d="${line}"/>${mark}</svg>`;
}
