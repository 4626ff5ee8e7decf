/** A map of documents on a plane, in colours that can be chosen: by cluster, by contribution, by year. */
import { escapeHtml } from "./escape.ts";

export interface MapPoint {
  /** Place in the unit square. */
  readonly x: number;
  readonly y: number;
  readonly title: string;
  readonly href: string;
  /** From 1. */
  readonly cluster: number;
  /** Places in `contributions`; empty when none is known. */
  readonly contributions?: readonly number[];
  readonly year?: number;
}

export interface MapOptions {
  /** Of each cluster, in order. */
  readonly clusters: readonly { readonly label: string; readonly size: number; readonly href: string }[];
  /** Empty: the map is not coloured by them. */
  readonly contributions: readonly string[];
}

const SIZE = 640;
const MARGIN = 22;
const RADIUS = 5.2;

/** The map with a key, as HTML. */
export function paperMap(points: readonly MapPoint[], { clusters, contributions }: MapOptions): string {
  const hue = (cluster: number) => Math.round((360 * (cluster - 1) * HUE_STEP) % 360);
  const years = points.flatMap(({ year }) => year ?? []);
  const [first, last] = [Math.min(...years), Math.max(...years)];
  const share = (year: number) => `${Math.round((100 * (year - first)) / (last - first || 1))}%`;
  const x = (point: MapPoint) => +(MARGIN + point.x * (SIZE - 2 * MARGIN)).toFixed(1);
  const y = (point: MapPoint) => +(MARGIN + (1 - point.y) * (SIZE - 2 * MARGIN)).toFixed(1);
  const layer = (name: string, mark: (point: MapPoint) => string) =>
    `<g class="by by-${name}">${points
      .map(
        (point) =>
          `<a href="${escapeHtml(point.href)}"><title>${escapeHtml(tooltip(point, clusters))}</title>${mark(point)}</a>`,
      )
      .join("")}</g>`;
  const dot = (point: MapPoint, style: string) =>
    `<circle cx="${x(point)}" cy="${y(point)}" r="${RADIUS}" style="${style}"/>`;

  const layers = [layer("cluster", (point) => dot(point, `--hue:${hue(point.cluster)}`))];
  const keys = [
    `<ol class="key by by-cluster">${clusters
      .map(
        (c, i) =>
          `<li><span class="swatch hue" style="--hue:${hue(i + 1)}"></span><span><a href="${escapeHtml(c.href)}">${i + 1}. ${escapeHtml(c.label)}</a> <small>${c.size}</small></span></li>`,
      )
      .join("")}</ol>`,
  ];
  const choices = ["cluster"];
  if (contributions.length > 0) {
    choices.push("contribution");
    layers.push(layer("contribution", (point) => pie(x(point), y(point), point.contributions ?? [])));
    keys.push(
      `<ul class="key by by-contribution">${contributions
        .map(
          (label, i) =>
            `<li><span class="swatch" style="background:var(--topic-${i % TOPICS})"></span>${escapeHtml(label)}</li>`,
        )
        .join("")}</ul>`,
    );
  }
  if (first < last) {
    choices.push("year");
    layers.push(layer("year", (point) => dot(point, `--share:${share(point.year ?? first)}`)));
    keys.push(
      `<ul class="key by by-year">${Array.from({ length: last - first + 1 }, (_, i) => first + i)
        .map((year) => `<li><span class="swatch year" style="--share:${share(year)}"></span>${year}</li>`)
        .join("")}</ul>`,
    );
  }
  const names = clusterNumbers(points, clusters.length)
    .map(({ cluster, point }) => `<text x="${x(point)}" y="${+(y(point) - 8).toFixed(1)}">${cluster}</text>`)
    .join("");
  const chooser =
    choices.length < 2
      ? ""
      : `<fieldset class="choice"><legend>Colours by</legend>${choices
          .map(
            (name, i) =>
              `<label><input type="radio" name="map" id="map-${name}"${i === 0 ? " checked" : ""}> ${name}</label>`,
          )
          .join("")}</fieldset>`;
  const title = `Map of ${points.length} documents`;
  return `<div class="maps">${chooser}<svg class="map" viewBox="0 0 ${SIZE} ${SIZE}" role="group" aria-label="${title}"><title>${title}</title>${layers.join("")}<g class="names by by-cluster" text-anchor="middle" pointer-events="none">${names}</g></svg><div>${keys.join("")}</div></div>`;
}

/** Neighbours in the list get hues far apart: the golden angle. */
const HUE_STEP = 0.381966;
/** Colours of contributions in reportPage.ts. */
const TOPICS = 6;

const tooltip = ({ title, year, cluster }: MapPoint, clusters: MapOptions["clusters"]): string =>
  `${title}${year ? ` (${year})` : ""} · ${cluster}. ${clusters[cluster - 1]!.label}`;

/** A disc in as many equal parts as there are topics. */
function pie(x: number, y: number, topics: readonly number[]): string {
  const fill = (topic: number | undefined) =>
    topic === undefined ? "var(--strong)" : `var(--topic-${topic % TOPICS})`;
  if (topics.length < 2) return `<circle cx="${x}" cy="${y}" r="${RADIUS}" style="fill:${fill(topics[0])}"/>`;
  const at = (part: number) => {
    const angle = 2 * Math.PI * (part / topics.length) - Math.PI / 2;
    return `${(x + RADIUS * Math.cos(angle)).toFixed(1)} ${(y + RADIUS * Math.sin(angle)).toFixed(1)}`;
  };
  return topics
    .map(
      (topic, part) =>
        `<path d="M${x} ${y}L${at(part)}A${RADIUS} ${RADIUS} 0 0 1 ${at(part + 1)}Z" style="fill:${fill(topic)}"/>`,
    )
    .join("");
}

/** Where each cluster's number stands: at the point nearest to the medians of its places. */
function clusterNumbers(points: readonly MapPoint[], k: number): { cluster: number; point: MapPoint }[] {
  return Array.from({ length: k }, (_, c) => {
    const own = points.filter(({ cluster }) => cluster === c + 1);
    const median = (of: (point: MapPoint) => number) => own.map(of).sort((a, b) => a - b)[own.length >> 1]!;
    const [mx, my] = [median(({ x }) => x), median(({ y }) => y)];
    const distance = ({ x, y }: MapPoint) => Math.hypot(x - mx, y - my);
    return { cluster: c + 1, point: own.reduce((best, point) => (distance(point) < distance(best) ? point : best)) };
  });
}
