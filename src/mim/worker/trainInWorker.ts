import type { Order, Report, TrainingOptions, TrainingStep } from "./messages.ts";

export interface Training {
  pause(): void;
  resume(): void;
  /** Ends the training and frees its memory; `done` resolves. */
  stop(): void;
  /** Resolves when the last step is taken or `stop` was called; rejects with a clear message when training fails. */
  readonly done: Promise<void>;
}

/**
 * Trains a method on the toy world in a Web Worker, so that the page stays free. `method` names the file of `methods/`
 * that holds it, `mae`, with the export after a dot where the two differ, `mage.mageC`; nothing else of the package's
 * methods is loaded. `onStep` is told of every step.
 */
export function trainInWorker(
  method: string,
  options: TrainingOptions,
  onStep: (step: TrainingStep) => void,
): Training {
  const worker = new Worker(new URL("./trainWorker.ts", import.meta.url), { type: "module" });
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  const tell = (order: Order) => worker.postMessage(order);
  const end = (settle: () => void) => {
    worker.terminate();
    settle();
  };
  worker.addEventListener("message", ({ data }: MessageEvent<Report>) => {
    if (data.report === "step") onStep(data.step);
    else if (data.report === "done") end(resolve);
    else end(() => reject(new Error(data.message)));
  });
  worker.addEventListener("error", (event) => {
    end(() => reject(new Error(event.message || "the training worker could not be loaded")));
  });
  tell({ order: "start", method, options });
  return {
    pause: () => tell({ order: "pause" }),
    resume: () => tell({ order: "resume" }),
    stop: () => end(resolve),
    done,
  };
}
