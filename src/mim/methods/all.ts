/** Every method of the package, in the order in which their papers appear in the survey's list. */
import type { Method } from "../method.ts";
import { crossMae } from "./crossMae.ts";
import { mae } from "./mae.ts";
import { uMae } from "./uMae.ts";

/** A method whose configuration only it knows. */
// biome-ignore lint/suspicious/noExplicitAny: each method has a configuration type of its own
export type AnyMethod = Method<any>;

export const METHODS: readonly AnyMethod[] = [mae, uMae, crossMae];

/** The method of a name, if there is one. */
export const methodOf = (id: string): AnyMethod | undefined => METHODS.find((method) => method.id === id);
