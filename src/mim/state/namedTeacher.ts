import { type HostParams, type Params, prefixed, under } from "../nn/params.ts";
import type { Tensor } from "../ops.ts";
import { momentumTeacher } from "./momentumTeacher.ts";

/** A momentum teacher kept in a method's state, each parameter's name after `prefix`. */
export const namedTeacher = (prefix: string) => ({
  init: (student: HostParams): HostParams => prefixed(prefix, momentumTeacher.init(student)),
  update: (state: Params, student: Params, m: Tensor | number): Params =>
    prefixed(prefix, momentumTeacher.update(under(state, prefix), student, m)),
});
