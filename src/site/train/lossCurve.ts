const NAMESPACE = "http://www.w3.org/2000/svg";
const WINDOW = 15;

/** A curve of losses that grows step by step, in an SVG of 100 by 100 that stretches to its box. */
export interface LossCurve {
  add(step: number, loss: number): void;
  clear(steps: number): void;
  /** Bottom and top of the scale. */
  readonly scale: readonly [number, number];
  /** Mean of the last steps' losses. */
  readonly smooth: number | undefined;
}

export function lossCurve(svg: SVGSVGElement): LossCurve {
  const line = (name: string) => {
    const path = document.createElementNS(NAMESPACE, "path");
    path.setAttribute("class", name);
    path.setAttribute("vector-effect", "non-scaling-stroke");
    svg.append(path);
    return path;
  };
  const each = line("each");
  const mean = line("mean");
  let losses: number[] = [];
  let steps = 1;
  let bottom = 0;
  let top = 1;

  const smoothAt = (i: number) => {
    const near = losses.slice(Math.max(0, i - WINDOW + 1), i + 1);
    return near.reduce((a, b) => a + b, 0) / near.length;
  };
  const pathOf = (values: readonly number[]) =>
    values
      .map((v, i) => {
        const x = (100 * (i + 1)) / steps;
        const y = 100 - (100 * (v - bottom)) / (top - bottom || 1);
        return `${i ? "L" : "M"}${x.toFixed(2)},${y.toFixed(2)}`;
      })
      .join("");
  const draw = () => {
    each.setAttribute("d", pathOf(losses));
    mean.setAttribute("d", pathOf(losses.map((_, i) => smoothAt(i))));
  };

  return {
    add(step, loss) {
      losses[step - 1] = loss;
      [bottom, top] = [Math.min(0, ...losses), niceAbove(Math.max(...losses))];
      draw();
    },
    clear(total) {
      losses = [];
      steps = total;
      [bottom, top] = [0, 1];
      draw();
    },
    get scale() {
      return [bottom, top] as const;
    },
    get smooth() {
      return losses.length ? smoothAt(losses.length - 1) : undefined;
    },
  };
}

/** The smallest of 1, 1.5, 2, 3, 5, 7 times a power of ten that is not below x. */
function niceAbove(x: number): number {
  if (x <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(x));
  return power * ([1, 1.5, 2, 3, 5, 7].find((m) => m * power >= x) ?? 10);
}
