import type { HostParams, Params } from "../nn/params.ts";
import { add, mul, sub, type Tensor } from "../ops.ts";

/**
 * A copy of the student that follows it: teacher ← m · teacher + (1 - m) · student, by name. Parameters that only one side
 * has stay as they are. Tarvainen and Valpola 2017; no gradient flows into it.
 */
export const momentumTeacher = {
  init: (student: HostParams): HostParams =>
    Object.fromEntries(Object.entries(student).map(([name, { shape, data }]) => [name, { shape, data: data.slice() }])),
  /** m is a number or a tensor []. */
  update: (teacher: Params, student: Params, m: Tensor | number): Params =>
    Object.fromEntries(
      Object.entries(teacher).map(([name, x]) => {
        const y = student[name];
        return [name, y ? add(mul(x, m), mul(y, sub(1, m))) : x];
      }),
    ),
};
