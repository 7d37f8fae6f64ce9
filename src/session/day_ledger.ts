/**
 * What each session used on a day, in the user's own state folder, so that all sessions on a machine share one budget.
 * Each file has one writer, which always writes all that its own journal says: nothing is added up twice after a crash.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { addAmounts, type Amounts, MEASURES, NOTHING_SPENT } from "../workflow/budget.ts";
import { number, record } from "../workflow/shape.ts";
import { lstatIfExists, readBytesIfExists, removeFolder, writeAtomic } from "../system/files/files.ts";
import { unlessFailing } from "../text/errors.ts";

const FOLDER = "spent";

/** Older days are forgotten. */
const KEPT_DAYS = 7;

const MAX_BYTES = 1024;

const isAmounts = record({ cost: number, tokens: number, starts: number, time: number });

/** Under what a session is in the ledger. */
export function ledgerKey({ name, createdAt }: { readonly name: string; readonly createdAt: string }): string {
  return createHash("sha256").update(`${createdAt} ${name}`).digest("hex").slice(0, 32);
}

/** The ledger of one session. It keeps its name when its folder is renamed. */
export class DayLedger {
  readonly #folder: string;
  readonly #file: string;
  #written = "";

  constructor(stateFolder: string, { name, createdAt }: { readonly name: string; readonly createdAt: string }) {
    this.#folder = join(stateFolder, FOLDER);
    this.#file = `${ledgerKey({ name, createdAt })}.json`;
  }

  /**
   * Notes what the session has used on a day, and returns what all sessions have.
   *
   * @throws {SamocodeError} If it cannot be written.
   */
  note(day: string, own: Amounts): Amounts {
    const folder = join(this.#folder, day);
    const text = JSON.stringify(own);
    if (this.#written !== day + text) {
      if (lstatIfExists(folder) === undefined) this.#begin(day);
      writeAtomic(join(folder, this.#file), text, { newMode: 0o600 });
      this.#written = day + text;
    }
    return addAmounts(own, sumIn(folder, (name) => name !== this.#file));
  }

  /** What all sessions have used on a day. */
  static sum(stateFolder: string, day: string): Amounts {
    return sumIn(join(stateFolder, FOLDER, day), () => true);
  }

  /** The days that are kept. */
  static days(stateFolder: string): readonly string[] {
    return daysIn(join(stateFolder, FOLDER));
  }

  /** What each session has used on a day, by {@linkcode ledgerKey}. */
  static read(stateFolder: string, day: string): ReadonlyMap<string, Amounts> {
    return new Map(entriesIn(join(stateFolder, FOLDER, day)));
  }

  #begin(day: string): void {
    Deno.mkdirSync(join(this.#folder, day), { recursive: true, mode: 0o700 });
    const days = daysIn(this.#folder);
    // Later ones are of a clock that was ahead.
    const past = days.filter((each) => each <= day);
    for (const old of past.sort().slice(0, -KEPT_DAYS)) removeFolder(join(this.#folder, old));
  }
}

function sumIn(folder: string, counts: (file: string) => boolean): Amounts {
  return entriesIn(folder, counts).reduce((sum, [, own]) => addAmounts(sum, own), NOTHING_SPENT);
}

function daysIn(folder: string): readonly string[] {
  if (lstatIfExists(folder) === undefined) return [];
  return [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => /^\d{4}-/.test(name));
}

function entriesIn(
  folder: string,
  counts: (file: string) => boolean = () => true,
): readonly (readonly [key: string, own: Amounts])[] {
  if (lstatIfExists(folder) === undefined) return [];
  const files = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".json") && counts(name));
  return files.map(({ name }) => [name.slice(0, -".json".length), readAmounts(join(folder, name))]);
}

/** What cannot be read counts as nothing: the session that wrote it writes it again. */
function readAmounts(path: string): Amounts {
  const bytes = unlessFailing(() => readBytesIfExists(path, MAX_BYTES));
  if (!(bytes instanceof Uint8Array)) return NOTHING_SPENT;
  const value: unknown = unlessFailing(() => JSON.parse(new TextDecoder().decode(bytes)));
  return isAmounts(value) && MEASURES.every((measure) => value[measure] >= 0) ? value : NOTHING_SPENT;
}
