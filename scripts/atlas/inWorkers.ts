import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Task, TaskData, TaskResult } from "./task.ts";

/**
 * Does tasks in as many threads as there are cores. Results stand in the order of the tasks, whichever thread did them.
 *
 * @param done called after each task with the number of tasks that are done
 * @throws what a task throws; the other threads are then stopped
 */
export async function inWorkers(
  data: TaskData,
  tasks: readonly Task[],
  done: (count: number) => void,
): Promise<TaskResult[Task["kind"]][]> {
  const results = new Array<TaskResult[Task["kind"]]>(tasks.length);
  let next = 0;
  let finished = 0;
  const run = (worker: Worker): Promise<void> =>
    new Promise((resolve, reject) => {
      let at = 0;
      const give = () => {
        if (next >= tasks.length) return resolve();
        at = next++;
        worker.postMessage(tasks[at]);
      };
      worker.on("message", (result) => {
        results[at] = result;
        done(++finished);
        give();
      });
      worker.on("error", reject);
      give();
    });
  const workers = Array.from(
    { length: Math.min(availableParallelism(), tasks.length) },
    () => new Worker(new URL("./worker.ts", import.meta.url), { workerData: data }),
  );
  try {
    await Promise.all(workers.map(run));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return results;
}
