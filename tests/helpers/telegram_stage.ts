/**
 * The Telegram channel against a stand-in, as the listener process uses it.
 *
 * @module
 */
import type { OpenChannel } from "../../src/channels/open_channel.ts";
import type { Heard, Post } from "../../src/channels/post.ts";
import { openTelegram, type TelegramParts } from "../../src/channels/telegram/open.ts";
import { BotApi } from "./bot_api.ts";

/** A post that nobody could mistake for another. */
export const POST: Post = {
  id: "gate-1",
  topic: "gate",
  mark: "✋",
  title: "auth-refresh needs your approval",
  facts: ["shop", "planning", "12m 04s", "$1.20 of $20.00"],
  text: "The plan has 3 steps & changes <b>one</b> file.",
  document: undefined,
  offers: [
    { nonce: "0".repeat(32), label: "Approve" },
    { nonce: "1".repeat(32), label: "Later" },
  ],
  reply: "Reply to send it back with what to change",
  isSettled: false,
  isSilent: false,
  data: { type: "gate.approval", project: "shop", session: "auth-refresh" },
};

/** How to open it; the settings lead to the stand-in. */
export interface StageOptions extends Omit<TelegramParts, "pause"> {
  readonly chat?: number;
  readonly userIds?: string;
  readonly token?: string;
}

/** A stand-in, the channel, and what the channel told and remembered. */
export class TelegramStage implements AsyncDisposable {
  readonly api: BotApi;
  /** Outlives {@linkcode restart}. */
  memory = "";
  readonly log: string[] = [];
  /** In milliseconds. None of them is waited for. */
  readonly pauses: number[] = [];
  readonly heard: Heard[] = [];
  /** Takes what is heard; tests may refuse. */
  take: (heard: Heard) => Promise<void> = () => Promise.resolve();
  /** Ends each pause; a test may look, or change something, before the next attempt. */
  resting: () => Promise<void> = () => Promise.resolve();
  channel: OpenChannel;
  readonly #options: StageOptions;
  #listening: { readonly abort: AbortController; readonly over: Promise<void> } | undefined;

  /** Opens the channel. */
  constructor(options: StageOptions = {}) {
    this.#options = options;
    this.api = new BotApi(options.chat === undefined ? {} : { chat: options.chat });
    this.channel = this.#open();
  }

  /** Begins to listen, or does it again, as a new process with the old memory. */
  async restart(): Promise<void> {
    await this.stop();
    this.channel = this.#open();
    const abort = new AbortController();
    const hear = async (heard: Heard): Promise<void> => {
      await this.take(heard);
      this.heard.push(heard);
    };
    this.#listening = { abort, over: this.channel.listen?.(hear, abort.signal) ?? Promise.resolve() };
  }

  /** Stops listening. */
  async stop(): Promise<void> {
    this.#listening?.abort.abort();
    await this.#listening?.over;
  }

  /** Shows a post, and returns its handle. */
  async show(changes?: Partial<Post>, handle?: string): Promise<string> {
    return await this.channel.show({ ...POST, ...changes }, { handle, abort: new AbortController().signal });
  }

  /** The next that is heard, or was. */
  async hears(count = 1): Promise<readonly Heard[]> {
    // Telegram is asked for more only after all was taken.
    return await this.api.until(() => this.heard.length >= count && this.heard);
  }

  /** Resolves when all that people did has been taken or refused. */
  async settled(): Promise<void> {
    await this.api.until(() => this.api.isPolled && this.api.pending.length === 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.api[Symbol.asyncDispose]();
  }

  #open(): OpenChannel {
    const { token = this.api.token, userIds = "", ...parts } = this.#options;
    const settings = { token, apiBase: this.api.base, chatId: String(this.api.chat), userIds };
    const memory = { get: () => this.memory, set: (text: string): void => void (this.memory = text) };
    const context = { memory, log: (line: string): void => void this.log.push(line) };
    const pause = async (ms: number, abort: AbortSignal): Promise<void> => {
      this.pauses.push(ms);
      const aborted = new Promise((resolve) => abort.addEventListener("abort", resolve, { once: true }));
      await Promise.race([this.resting(), aborted]);
    };
    return openTelegram(settings, context, { pause, ...parts });
  }
}
