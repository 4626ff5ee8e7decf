import { type AnyMethod, METHODS, methodOf } from "../methods/all.ts";

/** Where a command writes: data to `out`, progress and errors to `err`. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
}

/** Wrong usage or input; its message is one line, and the exit code 2. */
export class UsageError extends Error {}

/** The method of an argument; an unknown one is an error with the names that are near. */
export function methodArgument(id: string | undefined): AnyMethod {
  if (id === undefined) throw new UsageError(`expected a method, found none; write one of ${names()}`);
  const method = methodOf(id);
  if (!method) throw new UsageError(`method: expected one of ${names()}, found ${id}`);
  return method;
}

const names = () => METHODS.map(({ id }) => id).join(", ");

/** A whole number from `least`; anything else is an error that names the option. */
export function wholeNumber(option: string, value: string | undefined, least = 0): number | undefined {
  if (value === undefined) return undefined;
  const x = Number(value);
  if (value.trim() !== "" && Number.isSafeInteger(x) && x >= least) return x;
  throw new UsageError(`--${option}: expected a whole number from ${least}, found ${value}`);
}
