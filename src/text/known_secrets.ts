/**
 * The secrets that this process knows, and keeps out of what it writes. They are as much the process's own as its
 * environment: a door that had to be handed them could be opened without.
 *
 * @module
 */
import { Redactor } from "./redact.ts";

const known = new Set<string>();
let redactor = new Redactor(known);

/** Has values masked from now on. Those of fewer than 8 characters are not. */
export function learnSecrets(values: Iterable<string>): void {
  const before = known.size;
  for (const value of values) known.add(value);
  if (known.size > before) redactor = new Redactor(known);
}

/** Masks every known secret in a text. */
export function hideSecrets(text: string): string {
  return redactor.text(text);
}

/** What masks the known secrets now. */
export function currentRedactor(): Redactor {
  return redactor;
}
