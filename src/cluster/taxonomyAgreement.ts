import { adjustedMutualInformation } from "./adjustedMutualInformation.ts";
import { adjustedRandIndex } from "./adjustedRandIndex.ts";
import { bakersGamma } from "./bakersGamma.ts";
import { cophenet } from "./cophenet.ts";
import { countShared } from "./countShared.ts";
import type { Merge } from "./merge.ts";
import { pearson } from "./pearson.ts";
import { vMeasure } from "./vMeasure.ts";

export interface TaxonomyAgreement {
  readonly adjustedRandIndex: number;
  readonly adjustedMutualInformation: number;
  readonly homogeneity: number;
  readonly completeness: number;
  readonly vMeasure: number;
  /** Rank correlation of where two documents meet in the tree and in the taxonomy. */
  readonly bakersGamma: number;
  /** Pearson's correlation of the same. */
  readonly taxonomyCorrelation: number;
}

/**
 * How clusters and tree match a manual taxonomy in which each document stands in one section, and a section is a set of
 * topics. Two documents meet in the taxonomy at the Jaccard distance of their sections' topics: 0 within a section, 1
 * when the sections share no topic. (A section that combines topics has several parents, so the taxonomy is no tree;
 * this distance stands in for the height of one.)
 *
 * @param labels [n] cluster of each document
 * @param sections [n] section of each document
 * @param topics [n] topics of that section
 */
export function taxonomyAgreement(
  Z: readonly Merge[],
  labels: Int32Array,
  sections: readonly string[],
  topics: readonly ReadonlySet<string>[],
): TaxonomyAgreement {
  const inTree = cophenet(Z);
  const inTaxonomy = topics.flatMap((a, i) => topics.slice(i + 1).map((b) => jaccardDistance(a, b)));
  return {
    adjustedRandIndex: adjustedRandIndex(sections, labels),
    adjustedMutualInformation: adjustedMutualInformation(sections, labels),
    ...vMeasure(sections, labels),
    bakersGamma: bakersGamma(inTree, inTaxonomy),
    taxonomyCorrelation: pearson(inTree, inTaxonomy),
  };
}

function jaccardDistance(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = countShared(a, b);
  return 1 - shared / (a.size + b.size - shared || 1);
}
