import { pearson } from "./pearson.ts";
import { rank } from "./rank.ts";

/**
 * Baker's gamma of two trees over the same leaves: the rank correlation of the stages at which pairs of leaves first
 * meet, in [-1, 1]. Baker 1974; dendextend's cor_bakers_gamma.
 *
 * @param a condensed cophenetic distances of one tree
 * @param b those of the other
 */
export const bakersGamma = (a: ArrayLike<number>, b: ArrayLike<number>): number => pearson(rank(a), rank(b));
