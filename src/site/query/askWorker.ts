import { href } from "../href.ts";
import type { Answer, Question } from "./messages.ts";

let file: ArrayBuffer | undefined;
let worker: Worker | undefined;

/** Fetches the database once, then asks it in a worker, which stays for the next question. `onFetched` is told when the file is there. */
export async function askWorker(
  sql: string,
  values: Question["values"],
  stop: AbortSignal,
  onFetched: () => void,
): Promise<Answer> {
  file ??= await fetchFile(stop);
  stop.throwIfAborted();
  onFetched();
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const end = (error: unknown) => {
    worker?.terminate();
    worker = undefined;
    reject(error);
  };
  const first = !worker;
  worker ??= new Worker(new URL("./queryWorker.ts", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data);
  worker.onerror = (event) => end(new Error(event.message || "SQLite could not be loaded"));
  stop.addEventListener("abort", () => end(stop.reason), { once: true });
  worker.postMessage({ ...(first && { file }), sql, values } satisfies Question);
  return promise;
}

async function fetchFile(signal: AbortSignal): Promise<ArrayBuffer> {
  const response = await fetch(href("atlas.db"), { signal });
  if (!response.ok) throw new Error(`the database could not be fetched: ${response.status} ${response.statusText}`);
  return response.arrayBuffer();
}
