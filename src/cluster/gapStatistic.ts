export interface Gap {
  readonly clusters: number;
  /** Mean of log W over the references less log W of the data. */
  readonly gap: number;
  /** Standard error of that mean, simulation included: sd · √(1 + 1/B). */
  readonly error: number;
}

/**
 * How much tighter k clusters are than they would be without structure. Tibshirani, Walther and Hastie 2001, Estimating
 * the number of clusters in a data set via the gap statistic; clusGap of R's package cluster.
 *
 * @param within sums of squares of the data; at place k - 1 that of k clusters
 * @param references the same for B data sets drawn without structure
 * @param most largest k
 */
export function gapStatistic(within: Float64Array, references: readonly Float64Array[], most: number): Gap[] {
  const B = references.length;
  return Array.from({ length: most }, (_, at) => {
    const logs = references.map((reference) => Math.log(reference[at]!));
    const mean = logs.reduce((sum, log) => sum + log, 0) / B;
    const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / B;
    return { clusters: at + 1, gap: mean - Math.log(within[at]!), error: Math.sqrt(variance * (1 + 1 / B)) };
  });
}

/** The paper's rule: the fewest clusters whose gap is within one standard error of the next one's; none when no k is. */
export const clustersByGap = (gaps: readonly Gap[]): number | undefined =>
  gaps.find(({ gap }, at) => at + 1 < gaps.length && gap >= gaps[at + 1]!.gap - gaps[at + 1]!.error)?.clusters;
