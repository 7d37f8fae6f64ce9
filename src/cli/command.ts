/**
 * What a command of the command line is.
 *
 * @module
 */
import type { CliIo } from "./cli_io.ts";

/**
 * What a shell can offer where a word is expected: the project's sessions, paths, or one of some fixed words. Absent where
 * only the person knows.
 */
export type Completes = "sessions" | "file" | "folder" | readonly string[];

/** A flag. */
export interface Flag {
  /** What stands for its value in the help; absent where it takes none. */
  readonly value?: string;
  readonly completes?: Completes;
  readonly short?: string;
  readonly help: string;
}

/** Flags, by name. */
export type Flags = Readonly<Record<string, Flag>>;

/** Names, each with its explanation. */
export type Rows = readonly (readonly [name: string, text: string])[];

/** What was typed, checked against the command's flags. */
export interface Arguments {
  /** Flags with a value, by name. */
  readonly values: Readonly<Record<string, string>>;
  /** Flags without one that were given. */
  readonly switches: ReadonlySet<string>;
  readonly positionals: readonly string[];
}

/** A command: its words and its work. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What stands behind the name: `[SESSION] [Q1=A …]`. */
  readonly operands: string;
  /** What a shell can offer for the first operand. */
  readonly completes?: Completes;
  readonly flags: Flags;
  /** The most operands that it takes. */
  readonly maxPositionals: number;
  readonly examples: readonly string[];
  /** What else the help says: a title, and rows of a term and its text. */
  readonly notes?: { readonly title: string; readonly rows: Rows };
  /** Not listed in the help. */
  readonly hidden?: boolean;
  /**
   * Does the work; resolves to the exit code. What only this command needs, and is large, is imported in here: every
   * start reads the whole table.
   */
  run(io: CliIo, args: Arguments): Promise<number>;
}
