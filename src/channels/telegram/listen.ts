/**
 * Receives messages by long polling: no port is opened, and Telegram keeps undelivered updates for a day.
 *
 * @module
 */
import { messageOf } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import { type ChannelContext, ChannelError } from "../open_channel.ts";
import { type Bot, BotError } from "./bot.ts";
import type { Cursor } from "./cursor.ts";
import { type Ear, take } from "./take.ts";
import { readUpdates, readUsername } from "./update.ts";

/**
 * How long Telegram holds an empty poll, in seconds. A connection that broke silently, as when a laptop sleeps, is
 * noticed after this plus the request timeout.
 */
const POLL_S = 20;

/** The pause after answers that come at once and are empty, in milliseconds. */
const PAUSE_MS = 1_000;

/** The longest pause after failures in a row, in milliseconds. */
const MAX_PAUSE_MS = 30_000;

/** The pause if Telegram does not recognize the bot, which rarely changes. */
const UNKNOWN_PAUSE_MS = 1_800_000;

/** A listener to one chat. */
export interface ChatEar extends Ear, Pick<ChannelContext, "log"> {
  readonly cursor: Cursor;
  /** Receives why nothing can be received; `undefined` once it can. */
  readonly deaf: (why: string | undefined) => void;
}

/** What a poller needs. */
export interface PollerOptions {
  readonly bot: Bot;
  /** Waits for a time or until it is aborted. */
  readonly pause: (ms: number, abort: AbortSignal) => Promise<void>;
}

/** One per bot: Telegram ends the older of two polls, and a bot can serve several chats. */
const POLLERS = new Map<string, Poller>();

/** Listens until it is aborted. No failure ends it. */
export async function listenToChat(
  ear: ChatEar,
  { abort, ...options }: PollerOptions & { readonly abort: AbortSignal },
): Promise<void> {
  const { identity } = options.bot;
  const known = POLLERS.get(identity);
  const poller = known === undefined || known.isLeft ? new Poller(options) : known;
  POLLERS.set(identity, poller);
  await poller.listen(ear, abort);
  if (poller.isLeft && POLLERS.get(identity) === poller) POLLERS.delete(identity);
}

/** Polls for the updates of one bot on behalf of all listeners. */
class Poller {
  readonly #options: PollerOptions;
  readonly #ears = new Set<ChatEar>();
  readonly #ending = new AbortController();
  #polling: Promise<void> | undefined;
  #username: string | undefined;
  #failures = 0;
  #last: number | undefined;
  #blanks = 0;
  #lastFailure: string | undefined;
  #why: string | undefined;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  /** Whether the last listener has left, which ends it for good. */
  get isLeft(): boolean {
    return this.#ending.signal.aborted;
  }

  async listen(ear: ChatEar, abort: AbortSignal): Promise<void> {
    if (abort.aborted) return;
    this.#ears.add(ear);
    ear.deaf(this.#why);
    this.#polling ??= this.#poll(this.#ending.signal);
    await new Promise((resolve) => abort.addEventListener("abort", resolve, { once: true }));
    this.#ears.delete(ear);
    if (this.#ears.size > 0) return;
    this.#ending.abort();
    await this.#polling;
  }

  async #poll(abort: AbortSignal): Promise<void> {
    while (!abort.aborted) {
      try {
        await this.#ask(abort);
        this.#failures = 0;
      } catch (error) {
        if (!abort.aborted) await this.#options.pause(this.#failed(error), abort);
      }
    }
  }

  async #ask(abort: AbortSignal): Promise<void> {
    const { bot } = this.#options;
    this.#username ??= readUsername(await bot.call((api) => api.getMe(), { abort }));
    const [offset] = [...this.#ears].flatMap(({ cursor }) => cursor.offset ?? []);
    const asking = { timeout: POLL_S, allowed_updates: ["message", "callback_query"] } as const;
    const askedAtMs = performance.now();
    const answer = await bot.call(
      (api) => api.getUpdates(offset === undefined ? asking : { ...asking, offset }),
      { abort, pollS: POLL_S },
    );
    this.#setWhy(undefined);
    const updates = readUpdates(answer);
    for (const [index, update] of updates.entries()) {
      const ears = [...this.#ears];
      const isHeard = await take(update, ears, { bot, username: this.#username, abort });
      // Strangers' messages cost one write per poll, so that a flood of them does not delay decisions.
      if (isHeard || abort.aborted || index === updates.length - 1) {
        for (const { cursor } of ears) cursor.pass(update.update_id);
      }
      if (abort.aborted) return;
    }
    this.#tell(undefined, "Connected to Telegram again");
    const last = updates.at(-1)?.update_id;
    const isNews = last !== undefined && last !== this.#last;
    this.#last = last ?? this.#last;
    this.#blanks = isNews || performance.now() - askedAtMs > PAUSE_MS ? 0 : this.#blanks + 1;
    // Avoid a busy loop if something other than Telegram answers at once. Telegram itself does so when a connection
    // ends.
    if (this.#blanks > 1) await this.#options.pause(PAUSE_MS, abort);
  }

  /** @returns How long to wait. */
  #failed(error: unknown): number {
    const words = reasonOf(error);
    const status = error instanceof BotError ? error.status : 0;
    // Network errors have different texts each time.
    this.#tell(error instanceof BotError ? String(status) : words, words);
    if (LASTING.includes(status)) this.#setWhy(words);
    const pauseMs = Math.min(MAX_PAUSE_MS, 1000 * 2 ** this.#failures++);
    if (UNKNOWN.includes(status)) return UNKNOWN_PAUSE_MS;
    return Math.max(pauseMs, error instanceof ChannelError ? error.retryAfterMs ?? 0 : 0);
  }

  #tell(failure: string | undefined, words: string): void {
    if (failure === this.#lastFailure) return;
    this.#lastFailure = failure;
    for (const { log } of this.#ears) log(words);
  }

  #setWhy(why: string | undefined): void {
    this.#why = why;
    for (const { deaf } of this.#ears) deaf(why);
  }
}

/** Telegram's answers to an unknown token. */
const UNKNOWN: readonly number[] = [401, 404];

/** Problems that the user must fix; 409 is another poller or a webhook. */
const LASTING: readonly number[] = [...UNKNOWN, 409];

function reasonOf(error: unknown): string {
  if (!(error instanceof ChannelError)) return `Cannot store an update: ${plainText(messageOf(error), 300)}`;
  if (!(error instanceof BotError)) return error.message;
  const { status, description, message } = error;
  if (UNKNOWN.includes(status)) {
    return "Telegram does not recognize the bot: get its token from @BotFather and set TELEGRAM_BOT_TOKEN";
  }
  if (status !== 409) return message;
  const reader = description.includes("webhook") ? "A webhook" : "Another program or machine";
  return `${reader} receives the bot's messages: create a bot for samocode on this machine only, with @BotFather`;
}
