import { type Bootstrap, type BootstrapCounts, bootstrapCounts } from "../../src/cluster/bootstrapCounts.ts";
import type { Merge } from "../../src/cluster/merge.ts";
import { type PreprocessingContext, preprocessingScores } from "../../src/cluster/preprocessingChoice.ts";
import type { Doc } from "../../src/text/counts.ts";
import type { CsrMatrix } from "../../src/text/csrMatrix.ts";

/** What all tasks of a run share. */
export interface TaskData {
  readonly X: CsrMatrix;
  readonly Z: readonly Merge[];
  readonly bootstrap: Bootstrap;
  /** Choices of preprocessing. */
  readonly choices: readonly { readonly docs: readonly Doc[]; readonly context: PreprocessingContext }[];
}

/** A piece of work that depends on the shared data and itself alone. */
export type Task =
  | { readonly kind: "support"; readonly from: number; readonly to: number }
  | { readonly kind: "choice"; readonly choice: number };

export interface TaskResult {
  support: BootstrapCounts;
  choice: ReturnType<typeof preprocessingScores>;
}

/** Does a task. */
export function perform(data: TaskData, task: Task): TaskResult[Task["kind"]] {
  if (task.kind === "support") return bootstrapCounts(data.X, data.Z, data.bootstrap, task.from, task.to);
  const { docs, context } = data.choices[task.choice]!;
  return preprocessingScores(docs, context);
}
