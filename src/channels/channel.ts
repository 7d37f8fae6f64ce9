/**
 * What a channel is: a way to a person who is away, out only or both ways, with everything samocode knows about it.
 *
 * @module
 */
import type { Finding } from "../contract/finding.ts";
import type { Method, SettingRow, SettingValues } from "../contract/setting_row.ts";
import type { ChannelContext, OpenChannel } from "./open_channel.ts";

/** A channel's settings. It is on if all needed ones are set; setting only some of them brings a warning. */
export type ChannelRows = Readonly<Record<string, SettingRow & { readonly isNeeded?: true }>>;

/** One row of CHANNELS. Loaded at every start, so it imports the larger modules on demand. */
export interface Channel<Rows extends ChannelRows = ChannelRows> {
  /** Its name for people. */
  readonly title: string;
  /** Removed from the environment of agents. */
  readonly settings: Rows;
  /** Further variables that decide whom it reaches, such as `PATH` for a program: under others it is not the person's. */
  readonly reachedBy?: readonly string[];
  /** Opens it. Nothing is sent by that alone. */
  readonly open: () => Promise<OpenWith<Rows>>;
  /** Its check for `samocode doctor`. */
  readonly check: (() => Promise<ExamineChannel<Rows>>) | undefined;
}

/** Opens a channel with its settings. */
export type OpenWith<Rows extends ChannelRows> = Method<
  [settings: SettingValues<Rows>, context: ChannelContext],
  OpenChannel
>;

/** What a check may use. */
export interface ExamineContext {
  readonly fetch: typeof globalThis.fetch;
  readonly env: Readonly<Record<string, string>>;
}

/** Finds out whether a channel works that is set up. */
export type ExamineChannel<Rows extends ChannelRows> = Method<
  [settings: SettingValues<Rows>, context: ExamineContext],
  Promise<readonly Finding[]>
>;
