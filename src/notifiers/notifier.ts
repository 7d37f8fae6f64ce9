/**
 * What a notifier is: somebody outside who is told how a session goes, with everything that samocode knows about it.
 *
 * @module
 */
import type { Finding } from "../contract/finding.ts";
import type { Method, SettingRow, SettingValues } from "../contract/setting_row.ts";
import type { Listener } from "../listeners/listener.ts";

/** The settings of a notifier. Those that are needed turn it on together; some without the others are a mistake. */
export type NotifierRows = Readonly<Record<string, SettingRow & { readonly isNeeded?: true }>>;

/** One notifier: a folder under `src/notifiers/` and a row of NOTIFIERS. */
export interface Notifier<Rows extends NotifierRows = NotifierRows> {
  /** Its name for people. */
  readonly title: string;
  /** No agent sees any of them. */
  readonly settings: Rows;
  /** Imports what makes the listener of a session. */
  readonly listener: () => Promise<CreateNotifier<Rows>>;
  /** Imports its check for `samocode doctor`; `undefined` where nothing can be wrong with it. */
  readonly check: (() => Promise<ExamineNotifier<Rows>>) | undefined;
}

/** Makes a listener. Its name must be that of the notifier. */
export type CreateNotifier<Rows extends NotifierRows> = Method<
  [settings: SettingValues<Rows>, context: { readonly sessionName: string }],
  Listener
>;

/** Finds out whether a notifier works; its settings are `undefined` where it is not set up. */
export type ExamineNotifier<Rows extends NotifierRows> = Method<
  [settings: SettingValues<Rows> | undefined, context: { readonly fetch: typeof globalThis.fetch }],
  Promise<readonly Finding[]>
>;
