/**
 * Lets the engine share its work between threads in Node: it asks for the page's `Worker`, so one over worker_threads is
 * put in its place. To be called before the engine is imported.
 */
import { resolveObjectURL } from "node:buffer";
import { Worker as NodeWorker } from "node:worker_threads";

const PRELUDE = `
const { parentPort } = require("node:worker_threads");
globalThis.self = globalThis;
globalThis.postMessage = (message) => parentPort.postMessage(message);
parentPort.on("message", (data) => self.onmessage({ data }));
`;

export function useThreads(count: number): void {
  Object.defineProperty(globalThis, "navigator", {
    value: { hardwareConcurrency: count, userAgent: "node" },
    configurable: true,
  });
  (globalThis as { Worker?: unknown }).Worker = class {
    onmessage: ((event: { data: unknown }) => void) | null = null;
    onerror: ((event: { message: string }) => void) | null = null;
    readonly #worker: Promise<NodeWorker>;
    #unanswered = 0;

    constructor(url: string) {
      this.#worker = this.#start(url);
    }

    async #start(url: string): Promise<NodeWorker> {
      const source = await resolveObjectURL(url)?.text();
      const worker = new NodeWorker(PRELUDE + source, { eval: true });
      worker.on("message", (data) => {
        if (--this.#unanswered === 0) worker.unref();
        this.onmessage?.({ data });
      });
      worker.on("error", (error) => this.onerror?.({ message: String(error) }));
      return worker;
    }

    postMessage(message: unknown): void {
      void this.#worker.then((worker) => {
        if (this.#unanswered++ === 0) worker.ref(); // an idle worker does not keep the process, a busy one does
        worker.postMessage(message);
      });
    }
  };
}
