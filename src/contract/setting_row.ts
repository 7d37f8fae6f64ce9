/**
 * What a setting is: one row, used by the loader, the help page and the documentation.
 *
 * @module
 */

/** The form of a value; a list contains all allowed values. */
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
  /** A count of at least 1. */
  | "positive"
  /** The rest are limits: 0 or `off` for none. */
  | "dollars"
  | "amount"
  | "period"
  /** Several lines, each a command as a list of arguments. */
  | "commands"
  /** Notification topics, separated by commas. */
  | "topics"
  /** A time range: `22:00-07:00`. */
  | "hours"
  | readonly string[];

/** One setting. */
export interface SettingRow {
  /** As a person writes it. A name that ends in `<PHASE>` stands for one setting per phase. */
  readonly name: string;
  readonly kind: SettingKind;
  /** Empty for no value, `undefined` for a required setting. */
  readonly default: string | undefined;
  /**
   * `project`: set in `.samocode`. `user`: in the environment or the user's own `.env`, and never in a project's, which
   * may mean its own program. Otherwise in the environment or either `.env` file.
   */
  readonly place?: "project" | "user";
  /** The flag of `run` that overrides all sources; settings may share one. */
  readonly flag?: string;
  /** Left out of the help page; docs/settings.md has every setting. */
  readonly isRare?: boolean;
  readonly help: string;
}

/** Settings by the names that the code uses. */
export type SettingRows = Readonly<Record<string, SettingRow>>;

/** The value of a row: times in milliseconds; `undefined` for an empty amount or choice. */
export type SettingValue<Row extends SettingRow> = ValueOf<Row["kind"], Row["default"]>;

type ValueOf<Kind extends SettingKind, Default> = Kind extends "seconds" | "delay" | "count" | "positive" ? number
  : Kind extends "dollars" | "amount" | "period" ? number | undefined
  : Kind extends "commands" ? readonly (readonly string[])[]
  : Kind extends readonly (infer Choice)[] ? Default extends "" ? Choice | undefined : Choice
  : string;

/** The values of several rows. */
export type SettingValues<Rows extends SettingRows> = { readonly [Field in keyof Rows]: SettingValue<Rows[Field]> };

/** A function with bivariant parameters, so that rows with different settings fit one table. */
export type Method<Arguments extends readonly unknown[], Result> = { method(...args: Arguments): Result }["method"];
