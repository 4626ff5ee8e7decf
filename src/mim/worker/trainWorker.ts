/** The worker's side of `trainInWorker`. */
import type { AnyMethod } from "../methods/all.ts";
import type { Order, Report } from "./messages.ts";
import { toyTraining } from "./toyTraining.ts";

let paused: { readonly over: Promise<void>; readonly end: () => void } | undefined;

addEventListener("message", ({ data }: MessageEvent<Order>) => {
  if (data.order === "start") void start(data);
  else if (data.order === "pause" && !paused) {
    const { promise, resolve } = Promise.withResolvers<void>();
    paused = { over: promise, end: resolve };
  } else if (data.order === "resume") {
    paused?.end();
    paused = undefined;
  }
});

async function start({ method, options }: Extract<Order, { order: "start" }>): Promise<void> {
  try {
    for await (const step of toyTraining(await load(method), options)) {
      report({ report: "step", step }, step.pictures ? pixelsOf(step.pictures) : []);
      await turn();
      await paused?.over;
    }
    report({ report: "done" });
  } catch (error) {
    report({ report: "failed", message: (error as Error).message });
  }
}

/** The file of `methods/` is loaded when it is asked for, so that a page fetches one method's code. */
async function load(name: string): Promise<AnyMethod> {
  const [file = "", exported = file] = name.split(".");
  if (!/^\w+$/.test(file)) throw new RangeError(`trainInWorker: expected a method such as mae, found ${name}`);
  const module: Record<string, unknown> = await import(`../methods/${file}.ts`);
  const method = module[exported] as AnyMethod | undefined;
  if (!method?.evaluate) throw new RangeError(`trainInWorker: expected a method of methods/${file}, found ${exported}`);
  return method;
}

const report = (message: Report, transfer: Transferable[] = []) => postMessage(message, { transfer });
const pixelsOf = ({
  input,
  masked,
  reconstruction,
}: { [name in "input" | "masked" | "reconstruction"]: { buffer: ArrayBuffer } }) => [
  input.buffer,
  masked.buffer,
  reconstruction.buffer,
];

/** Lets messages of the page in between two steps. */
function turn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}
