/** A clustering of the knowledge base and all that explains it: what report.json holds. */
export interface Explained {
  /** Layout of this record; a later layout has a higher number. */
  readonly format: 2;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** Papers without word counts of an abstract: clustered by title and summary. */
  readonly fallback: readonly string[];
  readonly contributions: readonly { readonly id: string; readonly label: string }[];
  readonly sections: readonly { readonly number: string; readonly title: string }[];
  /** By leaf id. */
  readonly papers: readonly ExplainedPaper[];
  /** Leaf ids from left to right. */
  readonly leaves: readonly number[];
  /** SciPy's linkage matrix. */
  readonly merges: readonly ExplainedMerge[];
  readonly clusters: readonly ExplainedCluster[];
  /** Why the tree is cut where it is. */
  readonly reason: string;
  readonly cuts: readonly ExplainedCut[];
  readonly scores: Readonly<Record<ScoreName, number>>;
  readonly matrix: readonly ExplainedCell[];
  readonly themes: readonly ExplainedTheme[];
  readonly preprocessing: { readonly reason: string; readonly choices: readonly ExplainedChoice[] };
  /** null when no support was computed. */
  readonly support: { readonly replicates: number; readonly scales: readonly number[]; readonly seed: number } | null;
  readonly map: { readonly method: string; readonly neighbours: number; readonly kept: number };
}

type ScoreName =
  | "copheneticCorrelation"
  | "adjustedRandIndex"
  | "adjustedMutualInformation"
  | "homogeneity"
  | "completeness"
  | "vMeasure"
  | "bakersGamma"
  | "taxonomyCorrelation";

interface ExplainedPaper {
  readonly id: string;
  readonly title: string;
  readonly shortName: string | null;
  readonly year: number;
  readonly section: string;
  readonly contributions: readonly string[];
  readonly cluster: number;
  /** Place on the map, in the unit square. */
  readonly x: number;
  readonly y: number;
  /** Chance that a paper of its section is nearer than one of another; null when it is alone there. */
  readonly sectionChance: number | null;
  /** Nearest papers, nearest first. */
  readonly near: readonly { readonly id: string; readonly distance: number }[];
}

interface ExplainedMerge {
  readonly left: number;
  readonly right: number;
  readonly height: number;
  readonly size: number;
  /** Each in [0, 1]; absent when none was computed. */
  readonly support?: {
    /** Approximately unbiased support, and its standard error. */
    readonly au: number;
    readonly auError: number;
    /** Bootstrap probability, and its standard error. */
    readonly bp: number;
    readonly bpError: number;
    /** Mean over resamples of the best Jaccard similarity with a cluster of the new tree. */
    readonly recovery: number;
  };
}

interface ExplainedCluster {
  /** From 1, left to right. */
  readonly id: number;
  readonly label: string;
  readonly words: readonly string[];
  readonly height: number;
  /** Node of the linkage matrix: a leaf id, or n + step. */
  readonly node: number;
  /** Mean silhouette of its papers. */
  readonly silhouette: number;
  /** From left to right. */
  readonly papers: readonly string[];
  /** Most typical papers, most typical first. */
  readonly typical: readonly string[];
}

interface ExplainedCut {
  readonly clusters: number;
  readonly smallest: number;
  readonly silhouette: number;
  readonly calinskiHarabasz: number;
  readonly gap: number;
  readonly gapError: number;
}

interface ExplainedCell {
  readonly cluster: number;
  readonly contribution: string;
  readonly papers: number;
  readonly expected: number;
  readonly residual: number;
}

interface ExplainedTheme {
  readonly id: string;
  readonly label: string;
  readonly members: number;
  /** Its members. */
  readonly papers: readonly string[];
  readonly node: number;
  readonly size: number;
  readonly height: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

interface ExplainedChoice {
  readonly label: string;
  /** The choice as options of the command. */
  readonly options: string;
  /** Behind the clusters of this run. */
  readonly used: boolean;
  /** What the criterion takes. */
  readonly chosen: boolean;
  readonly terms: number;
  readonly reproducibility: number;
  readonly error: number;
  readonly silhouette: number;
  readonly copheneticCorrelation: number;
  readonly adjustedMutualInformation: number;
  readonly themeF1: number | null;
}
