import { squaredDistance } from "./farthestPoints.ts";

/** The k points of a cloud [P, 3] nearest to each of the queries [G, 3], nearest first, ties by index: [G, k]. */
export function nearestPoints(cloud: ArrayLike<number>, queries: ArrayLike<number>, k: number): Int32Array {
  const [P, G] = [cloud.length / 3, queries.length / 3];
  if (k > P) throw new RangeError(`nearestPoints: expected at least ${k} points, found ${P}`);
  const nearest = new Int32Array(G * k);
  for (let g = 0; g < G; g++) {
    const distance = Float64Array.from({ length: P }, (_, i) => squaredDistance(cloud, i, queries, g));
    const order = Array.from({ length: P }, (_, i) => i).sort((a, b) => distance[a]! - distance[b]! || a - b);
    nearest.set(order.slice(0, k), g * k);
  }
  return nearest;
}
