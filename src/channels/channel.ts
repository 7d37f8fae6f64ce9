/**
 * What a channel is: a way to a person who is away, out only or both ways, with everything samocode knows about it.
 *
 * @module
 */
import type { Finding } from "../contract/finding.ts";
import type { Method, SettingRow, SettingValues } from "../contract/setting_row.ts";
import type { Listener } from "../listeners/fan_out.ts";
import type { ChannelContext, OpenChannel } from "./open_channel.ts";

/** A channel's settings. It is on if all needed ones are set; setting only some of them brings a warning. */
export type ChannelRows = Readonly<Record<string, SettingRow & { readonly isNeeded?: true }>>;

/** One row of CHANNELS. Loaded at every start, so it imports the larger modules on demand. */
export interface Channel<Rows extends ChannelRows = ChannelRows> {
  /** Its name for people. */
  readonly title: string;
  /** Removed from the environment of agents. */
  readonly settings: Rows;
  readonly listener?: () => Promise<CreateChannel<Rows>>;
  /** Sends one message outside of a run, such as that nobody works on a session any more. */
  readonly message?: () => Promise<SendMessage<Rows>>;
  /** Opens it. Nothing is sent by that alone. */
  readonly open?: () => Promise<OpenWith<Rows>>;
  /** Its check for `samocode doctor`. */
  readonly check: (() => Promise<ExamineChannel<Rows>>) | undefined;
}

/** Opens a channel with its settings. */
export type OpenWith<Rows extends ChannelRows> = Method<
  [settings: SettingValues<Rows>, context: ChannelContext],
  OpenChannel
>;

/** Creates the listener of a session. Its name must be the channel's. */
export type CreateChannel<Rows extends ChannelRows> = Method<
  [settings: SettingValues<Rows>, context: { readonly sessionName: string }],
  Listener
>;

/** A message in plain text. */
export interface Message {
  readonly title: string;
  readonly text: string;
}

/** Sends a message, in bounded time. Rejects, without any secret, if it was not taken. */
export type SendMessage<Rows extends ChannelRows> = Method<
  [settings: SettingValues<Rows>, message: Message],
  Promise<void>
>;

/** What a check may use. */
export interface ExamineContext {
  readonly fetch: typeof globalThis.fetch;
  readonly env: Readonly<Record<string, string>>;
}

/** Finds out whether a channel works. The settings are `undefined` if it is not set up. */
export type ExamineChannel<Rows extends ChannelRows> = Method<
  [settings: SettingValues<Rows> | undefined, context: ExamineContext],
  Promise<readonly Finding[]>
>;
