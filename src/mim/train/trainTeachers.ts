import type { HostInputs, Method } from "../method.ts";
import { fold, type Key } from "../toy/random.ts";
import { type Checkpoint, startingPoint, trainer } from "./trainer.ts";

/**
 * Trains the networks that a method learns from, one after another, and puts them into the state of its starting point, or
 * among its parameters where those hold such names: a tokenizer that its encoder cannot do without.
 * `batch` gives the training batch of a step. Without teachers the starting point is returned as it is.
 */
export async function trainTeachers<C>(
  method: Method<C>,
  config: C,
  from: Checkpoint,
  batch: (step: number) => HostInputs | Promise<HostInputs>,
  key: Key,
): Promise<Checkpoint> {
  const state = { ...from.state };
  const params = { ...from.params };
  for (const teacher of method.teachers?.(config) ?? []) {
    const own = fold(key, teacher.prefix);
    const { steps, lr } = teacher;
    const start = startingPoint(teacher.method, teacher.config, own);
    const t = trainer(teacher.method, teacher.config, { steps, lr }, start, own);
    for (let s = 0; s < steps; s++) await t.step(await batch(s));
    const trained = await t.checkpoint();
    t.dispose();
    for (const [name, x] of Object.entries({ ...trained.params, ...trained.state })) {
      for (const record of [state, params]) {
        if (teacher.prefix + name in record) record[teacher.prefix + name] = x;
      }
    }
  }
  return { ...from, params, state };
}
