/**
 * Amounts on the command line.
 *
 * @module
 */
import { SamocodeError } from "../text/errors.ts";
import type { Arguments } from "./command.ts";

/**
 * The number that a flag is given; `undefined` without the flag.
 *
 * @param act What fails if it is none, as in `raise`.
 * @throws {SamocodeError} If it is no positive number.
 */
export function readAmount({ values }: Arguments, flag: string, act: string): number | undefined {
  const text = values[flag];
  if (text === undefined) return undefined;
  const amount = /^\d{1,15}(?:\.\d+)?$/.test(text) ? Number(text) : 0;
  if (amount > 0) return amount;
  const shown = JSON.stringify(text.slice(0, 80));
  throw new SamocodeError("usage", `Cannot ${act}: --${flag} ${shown} is no positive number`, {
    hint: `Write --${flag} 80, for example`,
  });
}
