/** Where a command writes: data to `out`, progress and errors to `err`. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
}

/** Wrong usage or input; its message is one line, and the exit code 2. */
export class UsageError extends Error {}

/** A whole number from `least`; anything else is an error that names the option. */
export function wholeNumber(option: string, value: string | undefined, least = 0): number | undefined {
  if (value === undefined) return undefined;
  const x = Number(value);
  if (value.trim() !== "" && Number.isSafeInteger(x) && x >= least) return x;
  throw new UsageError(`--${option}: expected a whole number from ${least}, found ${value}`);
}
