import { type Fixture, ParityError, type RecordedDraw } from "./fixture.ts";

/** One recorded call of a masking or target function: its own options, draws and results. */
type Case = Readonly<Record<string, unknown>> & { readonly draws?: readonly RecordedDraw[] };

/** The cases of a fixture; one with a field outside `known` is an error, so that no option is passed over in silence. */
export function cases<T extends object>(fixture: Fixture, known: readonly string[], section = "cases"): T[] {
  const list = fixture[section];
  if (!Array.isArray(list)) throw new ParityError(`${section}: expected a list of ${fixture.method}, found none`);
  list.forEach((recorded: Case, i) => {
    const unknown = Object.keys(recorded).find((key) => !known.includes(key));
    if (unknown === undefined) return;
    throw new ParityError(`${section}[${i}].${unknown}: expected one of ${known.join(", ")}, found ${unknown}`);
  });
  return list as T[];
}
