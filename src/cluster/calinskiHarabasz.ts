/**
 * Spread between k clusters over spread within, each by its degrees of freedom; higher is better. Calinski and Harabasz
 * 1974; scikit-learn's calinski_harabasz_score. Not a number at k = 1.
 *
 * @param within [n] at place k - 1 the sum of squares within k clusters
 */
export function calinskiHarabasz(within: Float64Array, k: number): number {
  const n = within.length;
  return (within[0]! - within[k - 1]!) / (k - 1) / (within[k - 1]! / (n - k));
}
