/** A thread that does tasks one at a time, as they come. */
import { parentPort, workerData } from "node:worker_threads";
import { perform, type Task, type TaskData } from "./task.ts";

parentPort!.on("message", (task: Task) => parentPort!.postMessage(perform(workerData as TaskData, task)));
