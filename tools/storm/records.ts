/**
 * The storm's own readers of what a session left: the journal, read apart from the program's code, and the ledger of
 * what really happened.
 *
 * @module
 */

/** An event in the journal. */
export interface Line {
  readonly seq: number;
  readonly type: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Reads a journal; a line that is no event, such as one torn by a kill, is left out. */
export function readJournal(text: string): readonly Line[] {
  return text.split("\n").flatMap((line) => {
    const fields = parse(line);
    const { seq, type } = fields ?? {};
    return fields !== undefined && typeof seq === "number" && typeof type === "string" ? [{ seq, type, fields }] : [];
  });
}

/** What an agent did, or the storm in a person's place. */
export interface Act {
  /** As in agent.sh, or the storm's own. */
  readonly what: string;
  /** The attempt's marker; `storm` for the storm's own acts. */
  readonly by: string;
  readonly detail: string;
}

/** Reads a ledger. */
export function readLedger(text: string): readonly Act[] {
  return text.split("\n").flatMap((line) => {
    const [, what, by, detail] = /^(\S+) (\S+) (.*)$/.exec(line) ?? [];
    return what === undefined || by === undefined || detail === undefined ? [] : [{ what, by, detail }];
  });
}

/** An object in JSON; `undefined` for anything else. */
export function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value is an object with fields. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
