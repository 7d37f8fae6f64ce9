/**
 * Tells a person on their phone, through a Telegram bot, that a session came to rest or will wait for long.
 *
 * @module
 */
import { messageOf } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import { formatDuration } from "../../text/format.ts";
import type { RecordedEvent } from "../../workflow/session_event.ts";
import { describeFallback } from "../../messages/describe_event.ts";
import { describeOutcome } from "../../messages/describe_outcome.ts";
import type { Listener } from "../../listeners/listener.ts";

/** Which bot writes to whom. */
export interface TelegramOptions {
  /** The bot's secret; it never leaves this module but in the request. */
  readonly token: string;
  readonly chatId: string;
  readonly apiBase?: string;
  readonly sessionName: string;
  readonly fetch?: typeof globalThis.fetch;
  /** How long one try may take. */
  readonly timeoutMs?: number;
  /** The pause before the second try, where Telegram asks for none. */
  readonly retryDelayMs?: number;
  /** How long {@linkcode Listener.close} waits for messages under way. */
  readonly closeWithinMs?: number;
}

/** The longest text of one message: https://core.telegram.org/bots/api#sendmessage */
export const MAX_MESSAGE_LENGTH = 4096;

/** A shorter wait is none of a person's business. */
const LONG_WAIT_MS = 600_000;

/** A longer pause that Telegram asks for is not granted in full: the session's end would wait for it. */
const MAX_RETRY_AFTER_MS = 5000;

/** How one try went. */
type Try =
  | { readonly kind: "sent" }
  | { readonly kind: "refused"; readonly problem: string; readonly retryAfterMs: number | undefined }
  | { readonly kind: "rejected"; readonly problem: string };

/** Makes the listener that writes to a phone. */
export function telegramListener(options: TelegramOptions): Listener {
  const { sessionName, closeWithinMs = 10_000 } = options;
  const closing = new AbortController();
  let queue: Promise<void> = Promise.resolve();
  return {
    name: "telegram",
    hear(event: RecordedEvent): void | Promise<void> {
      const text = messageFor(event, sessionName);
      if (text === undefined) return;
      const sent = queue.then(() => send(text, { ...options, signal: closing.signal }));
      queue = sent.catch(() => {});
      return sent;
    },
    async close(): Promise<void> {
      const timer = setTimeout(() => closing.abort(), closeWithinMs);
      await queue;
      clearTimeout(timer);
    },
  };
}

/** The message for an event, as Telegram's HTML; `undefined` for what a person need not hear. */
export function messageFor(event: RecordedEvent, sessionName: string): string | undefined {
  if (event.type === "iteration.retried" && event.fallback !== undefined) {
    return message(`🔁 ${sessionName}: ${describeFallback(event.fallback)}`, event.because);
  }
  if (event.type === "iteration.retried" && event.delayMs > LONG_WAIT_MS) {
    return message(`⏳ ${sessionName}: waiting for ${formatDuration(event.delayMs)}`, event.because);
  }
  if (event.type !== "session.stopped" || event.outcome.kind === "stopped") return undefined;
  const { title, text } = describeOutcome(event.outcome, MAX_MESSAGE_LENGTH);
  return message(`${MARKS[event.outcome.kind]} ${sessionName}: ${title.toLowerCase()}`, text);
}

const MARKS = { done: "✅", waiting: "✋", blocked: "⛔", failed: "❌" } as const;

function message(title: string, text: string): string {
  const head = `<b>${escapeWithin(plainText(title, 200), 1500)}</b>\n`;
  return head + escapeWithin(plainText(text, MAX_MESSAGE_LENGTH), MAX_MESSAGE_LENGTH - head.length);
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Escapes as much of a text as fits into so many UTF-16 units once it is escaped. */
function escapeWithin(text: string, maxLength: number): string {
  let escaped = "";
  let fitting = "";
  for (const character of text) {
    escaped += ENTITIES[character] ?? character;
    if (escaped.length < maxLength) fitting = escaped;
    if (escaped.length > maxLength) return `${fitting}…`;
  }
  return escaped;
}

type Sending = TelegramOptions & { readonly signal: AbortSignal };

/**
 * Sends one message, with a second try where that can help.
 *
 * @throws {Error} In own words, without a cause: what `fetch` throws can carry the address, and the address the token.
 */
async function send(text: string, sending: Sending): Promise<void> {
  const first = await tryToSend(text, sending);
  if (first.kind === "sent") return;
  if (first.kind === "rejected") throw new Error(first.problem);
  await pause(first.retryAfterMs ?? sending.retryDelayMs ?? 1000, sending.signal);
  const second = await tryToSend(text, sending);
  if (second.kind !== "sent") throw new Error(second.problem);
}

async function tryToSend(text: string, sending: Sending): Promise<Try> {
  const { token, chatId, apiBase = "https://api.telegram.org", timeoutMs = 5000, signal } = sending;
  const { fetch = globalThis.fetch } = sending;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(`${apiBase}/bot${token}/sendMessage`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ chat_id: chatId, text: text.replaceAll(token, "…"), parse_mode: "HTML" }),
      redirect: "manual",
      signal: AbortSignal.any([timeout, signal]),
    });
    if (!response.ok) return judge(response.status, await response.text(), sending);
    await response.body?.cancel();
    return { kind: "sent" };
  } catch (error) {
    if (signal.aborted) return { kind: "rejected", problem: "Telegram did not answer before the end of the run" };
    const problem = timeout.aborted
      ? `Telegram did not answer within ${timeoutMs / 1000} s`
      : `Cannot reach Telegram: ${withoutSecrets(messageOf(error), sending)}`;
    return { kind: "refused", problem, retryAfterMs: undefined };
  }
}

function judge(status: number, answer: string, sending: Sending): Try {
  const { description, retryAfterMs } = readAnswer(answer);
  const problem = `Telegram answered ${status}${description === "" ? "" : `: ${withoutSecrets(description, sending)}`}`;
  // A wrong token or chat stays wrong; only haste, a timeout and a broken server are worth a second try.
  const isPassing = status === 408 || status === 429 || status >= 500;
  return isPassing ? { kind: "refused", problem, retryAfterMs } : { kind: "rejected", problem };
}

function readAnswer(answer: string): { readonly description: string; readonly retryAfterMs: number | undefined } {
  try {
    const { description, parameters } = JSON.parse(answer) as { description?: unknown; parameters?: unknown };
    const { retry_after: seconds } = (parameters ?? {}) as { retry_after?: unknown };
    return {
      description: typeof description === "string" ? description : "",
      retryAfterMs: typeof seconds === "number" ? Math.max(0, Math.min(seconds * 1000, MAX_RETRY_AFTER_MS)) : undefined,
    };
  } catch {
    return { description: "", retryAfterMs: undefined };
  }
}

/** Takes the address and the token out of a text: errors of `fetch` name the whole URL. */
function withoutSecrets(text: string, { token }: Sending): string {
  return plainText(
    text.replaceAll(/https?:\/\/[^\s)]+/g, "…").replaceAll(token, "…").replaceAll(encodeURI(token), "…"),
    300,
  );
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
