/**
 * The table of notifiers. A new notifier is a folder and a row here.
 *
 * @module
 */
import type { Notifier } from "./notifier.ts";
import { telegram } from "./telegram/notifier.ts";

/** All notifiers, by name. */
export const NOTIFIERS = { telegram } as const satisfies Readonly<Record<string, Notifier>>;

/** The name of a notifier. */
export type NotifierName = keyof typeof NOTIFIERS;

/** All names, in the table's order. */
export const NOTIFIER_NAMES: readonly NotifierName[] = Object.keys(NOTIFIERS).filter(isNotifierName);

function isNotifierName(name: string): name is NotifierName {
  return Object.hasOwn(NOTIFIERS, name);
}
