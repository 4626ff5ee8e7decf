/** Lower triangle L with L Lᵀ = A for a symmetric positive definite A [n, n], of which the lower triangle is read. */
export function cholesky(A: Float64Array): Float64Array {
  const n = Math.sqrt(A.length);
  const L = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = A[i * n + j]!;
      for (let k = 0; k < j; k++) rest -= L[i * n + k]! * L[j * n + k]!;
      if (i === j && !(rest > 0))
        throw new RangeError(`cholesky: expected a positive definite matrix, found pivot ${rest}`);
      L[i * n + j] = i === j ? Math.sqrt(rest) : rest / L[j * n + j]!;
    }
  }
  return L;
}

/** Replaces b [n] by the x with L Lᵀ x = b. */
export function choleskySolve(L: Float64Array, b: Float64Array): void {
  const n = b.length;
  for (let i = 0; i < n; i++) {
    let rest = b[i]!;
    for (let k = 0; k < i; k++) rest -= L[i * n + k]! * b[k]!;
    b[i] = rest / L[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    const x = b[i]! / L[i * n + i]!;
    b[i] = x;
    for (let k = 0; k < i; k++) b[k]! -= L[i * n + k]! * x;
  }
}
