/**
 * Defines a channel: a way to reach a person who is away, one-way or two-way, with everything samocode knows about it.
 *
 * @module
 */
import type { Finding } from "../contract/finding.ts";
import type { Method, SettingRow, SettingValues } from "../contract/setting_row.ts";
import type { ChannelContext, OpenChannel } from "./open_channel.ts";

/** A channel's settings. The channel is on if all needed ones are set; if only some are, there is a warning. */
export type ChannelRows = Readonly<Record<string, SettingRow & { readonly isNeeded?: true }>>;

/** One row of CHANNELS. Loaded at every start, so it imports the larger modules on demand. */
export interface Channel<Rows extends ChannelRows = ChannelRows> {
  /** Its display name. */
  readonly title: string;
  /** Removed from agents' environments. */
  readonly settings: Rows;
  /**
   * Other variables that determine whom the channel reaches, such as `PATH` for a program. With other values it is not
   * trusted.
   */
  readonly reachedBy?: readonly string[];
  /** Opens it without sending anything. */
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

/** Checks whether a configured channel works. */
export type ExamineChannel<Rows extends ChannelRows> = Method<
  [settings: SettingValues<Rows>, context: ExamineContext],
  Promise<readonly Finding[]>
>;
