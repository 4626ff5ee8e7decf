import type { Method } from "./method.ts";

/** The two generic algorithms of the survey by their number, and the file that holds their lines. */
export const SURVEY_ALGORITHMS = [
  { number: 1, title: "reconstruction-based MIM", source: "survey §2.1, Algorithm 1", file: "algorithm1" },
  { number: 2, title: "contrastive MIM", source: "survey §2.2, Algorithm 2", file: "algorithm2" },
] as const;

/** The survey's algorithm that a method runs, if it runs one. */
export const algorithmOf = ({ algorithm }: Pick<Method, "algorithm">) =>
  SURVEY_ALGORITHMS.find(({ number }) => number === algorithm);
