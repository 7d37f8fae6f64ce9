/**
 * What a setting is: one row, which the loader, the help page and the documentation are all made from.
 *
 * @module
 */

/** What a value must look like. A list holds the values there are. */
export type SettingKind =
  | "folder"
  | "text"
  | "program"
  /** Never printed, and never in the environment of an agent that it does not belong to. */
  | "secret"
  | "url"
  /** At least 1. */
  | "seconds"
  /** May be 0. */
  | "delay"
  | "count"
  | "dollars"
  | readonly string[];

/** One setting. */
export interface SettingRow {
  /** As a person writes it; a name that ends in `<PHASE>` stands for one a phase. */
  readonly name: string;
  readonly kind: SettingKind;
  /** The value where none is given; empty means: none. `undefined` means: it must be given. */
  readonly default: string | undefined;
  /** A setting of `.samocode`; without it, one of the environment or of a `.env` file. */
  readonly place?: "project";
  /** The flag of `run` that overrides all other sources. Settings may share one. */
  readonly flag?: string;
  readonly help: string;
}

/** Settings by the names that the program knows them by. */
export type SettingRows = Readonly<Record<string, SettingRow>>;

/** What the program gets for a row: times in milliseconds, numbers as numbers, no choice as `undefined`. */
export type SettingValue<Row extends SettingRow> = ValueOf<Row["kind"], Row["default"]>;

type ValueOf<Kind extends SettingKind, Default> = Kind extends "seconds" | "delay" | "count" ? number
  : Kind extends "dollars" ? number | undefined
  : Kind extends readonly (infer Choice)[] ? Default extends "" ? Choice | undefined : Choice
  : string;

/** What the program gets for several rows. */
export type SettingValues<Rows extends SettingRows> = { readonly [Field in keyof Rows]: SettingValue<Rows[Field]> };

/** A function whose parameters are compared as a method's are, so that rows with unlike settings fit one table. */
export type Method<Arguments extends readonly unknown[], Result> = { method(...args: Arguments): Result }["method"];
