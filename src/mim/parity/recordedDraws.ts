import type { Draws } from "../draws.ts";
import { isTensor, ParityError, type RecordedDraw } from "./fixture.ts";

/** Plays back recorded draws in their order; a draw of another kind than the recorded one is an error. */
export function recordedDraws(records: readonly RecordedDraw[] = []): Draws {
  let at = 0;
  const next = (wanted: string, calls: RegExp): RecordedDraw => {
    const record = records[at];
    if (!record) throw new ParityError(`draws[${at}]: expected ${wanted}, found no more recorded draws`);
    if (!calls.test(record.call)) throw new ParityError(`draws[${at}]: expected ${wanted}, found ${record.call}`);
    at++;
    return record;
  };
  const numbers = ({ gumbel, out }: RecordedDraw): number[] => {
    const drawn = gumbel ?? out; // a categorical draw is the argmax of logits + Gumbel noise
    return isTensor(drawn) ? [...drawn.data] : [drawn].flat();
  };
  const many = (n: number, wanted: string, calls: RegExp): number[] => {
    const index = at;
    const found = numbers(next(wanted, calls));
    if (found.length !== n) throw new ParityError(`draws[${index}]: expected ${n} numbers, found ${found.length}`);
    return found;
  };
  return {
    uniform(n, low = 0, high = 1) {
      // A draw from a point is recorded by some code bases and left out by others.
      if (low === high && !/uniform$/.test(records[at]?.call ?? "")) return new Float64Array(n).fill(low);
      return Float64Array.from(many(n, "uniform numbers", /^(torch|np\.random|random)\.(rand|random|uniform)$/));
    },
    normal: (n) => Float64Array.from(many(n, "normal numbers", /randn|normal/)),
    integer: () => many(1, "a whole number", /randint/)[0]!,
    permutation(n) {
      const record = next("a permutation", /^(shuffle|.*\.(permutation|randperm|shuffle))$/);
      const order = record.perm ? (isTensor(record.perm) ? record.perm.data : record.perm) : numbers(record);
      if (order.length !== n) throw new ParityError(`draws[${at - 1}]: expected ${n} places, found ${order.length}`);
      return Int32Array.from(order);
    },
    gumbel: (n) => Float64Array.from(many(n, "Gumbel numbers", /gumbel|categorical/)),
    truncatedNormal: () => many(1, "a truncated normal number", /trunc|rvs/)[0]!,
    dirichlet: (concentrations) => Float64Array.from(many(concentrations.length, "shares", /dirichlet/i)),
    multinomial: (_, rows, count) => Int32Array.from(many(rows * count, "chosen indices", /multinomial/)),
  };
}
