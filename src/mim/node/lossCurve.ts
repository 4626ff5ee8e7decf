/** The loss of each step as an SVG, with its running mean over a twentieth of the run. */
export function lossCurve(losses: readonly number[], { title }: { readonly title: string }): string {
  const [width, height, left, bottom] = [640, 320, 56, 28];
  const window = Math.max(1, Math.round(losses.length / 20));
  const smooth = losses.map((_, i) => {
    const part = losses.slice(Math.max(0, i - window + 1), i + 1);
    return part.reduce((a, b) => a + b, 0) / part.length;
  });
  const [low, high] = [Math.min(...losses), Math.max(...losses)];
  const x = (i: number) => left + ((width - left - 12) * i) / Math.max(1, losses.length - 1);
  const y = (v: number) => 28 + ((height - 28 - bottom) * (high - v)) / (high - low || 1);
  const path = (values: readonly number[]) =>
    values.map((v, i) => `${i ? "L" : "M"}${x(i).toFixed(1)},${y(v).toFixed(1)}`).join("");
  const name = title.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
  const label = (at: number, v: number) =>
    `<text x="${left - 6}" y="${(at + 4).toFixed(1)}" text-anchor="end">${v.toPrecision(3)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="var(--ink, #000)">
<title>Loss of ${name}</title>
<rect width="${width}" height="${height}" fill="var(--paper, #fff)"/>
<text x="${left}" y="18">${name}: loss by step</text>
${label(y(high), high)}${label(y(low), low)}
<text x="${left}" y="${height - 8}">1</text><text x="${width - 12}" y="${height - 8}" text-anchor="end">${losses.length}</text>
<path d="${path(losses)}" fill="none" stroke="var(--rule-strong, #9ab)"/>
<path d="${path(smooth)}" fill="none" stroke="var(--accent, #125)" stroke-width="2"/>
</svg>
`;
}
