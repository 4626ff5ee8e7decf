import { type AnyMethod, METHODS, methodOf } from "../methods/all.ts";
import { UsageError } from "./io.ts";

/** The method of an argument; an unknown one is an error with the names that are near. */
export function methodArgument(id: string | undefined): AnyMethod {
  if (id === undefined) throw new UsageError(`expected a method, found none; write one of ${names()}`);
  const method = methodOf(id);
  if (!method) throw new UsageError(`method: expected one of ${names()}, found ${id}`);
  return method;
}

const names = () => METHODS.map(({ id }) => id).join(", ");
