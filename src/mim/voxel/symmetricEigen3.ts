/** Eigenvalues, largest first, and unit eigenvectors of a symmetric 3 × 3 matrix; vectors[k] belongs to values[k]. */
export interface Eigen3 {
  readonly values: readonly [number, number, number];
  readonly vectors: readonly [Vector3, Vector3, Vector3];
}
type Vector3 = readonly [number, number, number];

/** Cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations, §8.5), to the last bit or forty sweeps. */
export function symmetricEigen3(matrix: readonly number[]): Eigen3 {
  const a = [matrix.slice(0, 3), matrix.slice(3, 6), matrix.slice(6, 9)];
  const v = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  for (let sweep = 0; sweep < 40; sweep++) {
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const off = a[p]![q]!;
      if (off === 0) continue;
      const theta = (a[q]![q]! - a[p]![p]!) / (2 * off);
      const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
      const c = 1 / Math.sqrt(t * t + 1);
      const s = t * c;
      for (let k = 0; k < 3; k++) rotate(a[k]!, p, q, c, s);
      const [rowP, rowQ] = [a[p]!, a[q]!];
      a[p] = rowP.map((x, k) => c * x - s * rowQ[k]!);
      a[q] = rowQ.map((x, k) => s * rowP[k]! + c * x);
      for (let k = 0; k < 3; k++) rotate(v[k]!, p, q, c, s);
    }
  }
  const order = [0, 1, 2].sort((i, j) => a[j]![j]! - a[i]![i]! || i - j) as [number, number, number];
  const column = (k: number): Vector3 => [v[0]![k]!, v[1]![k]!, v[2]![k]!];
  return {
    values: [a[order[0]]![order[0]]!, a[order[1]]![order[1]]!, a[order[2]]![order[2]]!],
    vectors: [column(order[0]), column(order[1]), column(order[2])],
  };
}

function rotate(row: number[], p: number, q: number, c: number, s: number): void {
  [row[p], row[q]] = [c * row[p]! - s * row[q]!, s * row[p]! + c * row[q]!];
}
