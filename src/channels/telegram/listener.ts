/**
 * Messages a person through a Telegram bot when a session stops, falls back or waits for long.
 *
 * @module
 */
import { setTimeout as setTimeoutPromise } from "node:timers/promises";
import * as z from "zod";
import { messageOf } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import { formatDuration, localMoment } from "../../text/format.ts";
import { type Evidence, foldEvidence, NO_EVIDENCE } from "../../workflow/evidence.ts";
import type { RecordedEvent } from "../../workflow/session_event.ts";
import { describeEvidence } from "../../messages/describe_checks.ts";
import { describeFallback } from "../../messages/describe_wait.ts";
import { describeOutcome } from "../../messages/describe_outcome.ts";
import { describeShare } from "../../workflow/budget.ts";
import type { Listener } from "../../listeners/fan_out.ts";
import type { Message } from "../channel.ts";

/** The bot, the chat and the limits. */
export interface TelegramOptions {
  /** Secret; it leaves this module only in requests. */
  readonly token: string;
  readonly chatId: string;
  readonly apiBase?: string;
  readonly sessionName: string;
  readonly fetch?: typeof globalThis.fetch;
  /** For one attempt. */
  readonly timeoutMs?: number;
  /** The pause before the second attempt, unless Telegram asks for another. */
  readonly retryDelayMs?: number;
  /** How long {@linkcode Listener.close} waits for pending messages. */
  readonly closeWithinMs?: number;
}

/** From https://core.telegram.org/bots/api#sendmessage */
export const MAX_MESSAGE_LENGTH = 4096;

/** Shorter waits are not worth a message. */
const LONG_WAIT_MS = 600_000;

/** With the default pauses, an outage has by then lasted as long. */
const OUTAGE_TRIES = 8;

/** The end of a session must not wait longer, even if Telegram asks for it. */
const MAX_RETRY_AFTER_MS = 5000;

/** Creates the listener. */
export function telegramListener(options: TelegramOptions): Listener {
  const { sessionName, closeWithinMs = 10_000 } = options;
  const closing = new AbortController();
  let queue: Promise<void> = Promise.resolve();
  let evidence = NO_EVIDENCE;
  return {
    name: "telegram",
    hear(event: RecordedEvent): void | Promise<void> {
      evidence = foldEvidence(evidence, event);
      const text = messageFor(event, { sessionName, evidence });
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

/** Sends one message; see {@linkcode send}. */
export async function sendTelegram(
  options: Omit<TelegramOptions, "sessionName">,
  { title, text }: Message,
): Promise<void> {
  await send(message(`💀 ${title}`, text), { ...options, sessionName: "", signal: new AbortController().signal });
}

/** The message for an event, as Telegram's HTML; `undefined` for most events. */
export function messageFor(
  event: RecordedEvent,
  { sessionName, evidence = NO_EVIDENCE }: { readonly sessionName: string; readonly evidence?: Evidence },
): string | undefined {
  if (event.type === "iteration.retried" && event.fallback !== undefined) {
    return message(`🔁 ${sessionName}: ${describeFallback(event.fallback)}`, event.because);
  }
  if (event.type === "iteration.retried" && event.wait?.for === "outage" && event.wait.tries === OUTAGE_TRIES) {
    return message(
      `⏳ ${sessionName}: in an outage, trying again until ${localMoment(event.wait.until)}`,
      event.because,
    );
  }
  if (event.type === "iteration.retried" && event.delayMs > LONG_WAIT_MS) {
    return message(`⏳ ${sessionName}: waiting for ${formatDuration(event.delayMs)}`, event.because);
  }
  if (event.type === "budget.warned") {
    return message(`💸 ${sessionName}: most of the budget is used up`, describeShare(event));
  }
  if (event.type !== "session.stopped" || event.outcome.kind === "stopped") return undefined;
  const { title, text } = describeOutcome(event.outcome, (raw) => plainText(raw, MAX_MESSAGE_LENGTH));
  // Earlier runs, whose events it has not heard, may have checked it.
  const isKnown = event.outcome.kind === "done" && (evidence.commands?.length === 0 || evidence.round !== undefined);
  const checks = isKnown ? ` · ${describeEvidence(evidence)}` : "";
  return message(`${MARKS[event.outcome.kind]} ${sessionName}: ${title.toLowerCase()}`, text + checks);
}

const MARKS = { done: "✅", waiting: "✋", blocked: "⛔", failed: "❌" } as const;

function message(title: string, text: string): string {
  const head = `<b>${escapeWithin(plainText(title, 200), 1500)}</b>\n`;
  return head + escapeWithin(plainText(text, MAX_MESSAGE_LENGTH), MAX_MESSAGE_LENGTH - head.length);
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Escapes a text and cuts it so that the result fits into `maxLength` UTF-16 units. */
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

/** Why an attempt failed, and after which pause another one makes sense, if at all. */
interface Failure {
  readonly problem: string;
  readonly retryAfterMs: number | undefined;
}

/**
 * Sends one message, retrying once if that can help.
 *
 * @throws {Error} Without a cause: errors of `fetch` can contain the address, and so the token.
 */
async function send(text: string, sending: Sending): Promise<void> {
  const first = await attempt(text, sending);
  if (first === undefined) return;
  if (first.retryAfterMs === undefined) throw new Error(first.problem);
  // Rejects on abort; the second attempt then fails at once.
  await setTimeoutPromise(first.retryAfterMs, undefined, { signal: sending.signal }).catch(() => {});
  const second = await attempt(text, sending);
  if (second !== undefined) throw new Error(second.problem);
}

async function attempt(text: string, sending: Sending): Promise<Failure | undefined> {
  const { token, chatId, apiBase = "https://api.telegram.org", timeoutMs = 5000, retryDelayMs = 1000, signal } =
    sending;
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
    const { ok, status } = response;
    const { description, parameters } = answerSchema.parse(await response.json().catch(() => ({})));
    if (ok) return undefined;
    const pauseMs = parameters === undefined
      ? retryDelayMs
      : Math.min(parameters.retry_after * 1000, MAX_RETRY_AFTER_MS);
    // A wrong token or chat stays wrong.
    const isTemporary = status === 408 || status === 429 || status >= 500;
    const problem = `Telegram answered ${status}${description && `: ${withoutSecrets(description, sending)}`}`;
    return { problem, retryAfterMs: isTemporary ? pauseMs : undefined };
  } catch (error) {
    if (signal.aborted) {
      return { problem: "Telegram did not answer before the end of the run", retryAfterMs: undefined };
    }
    const problem = timeout.aborted
      ? `Telegram did not answer within ${timeoutMs / 1000} s`
      : `Cannot reach Telegram: ${withoutSecrets(messageOf(error), sending)}`;
    return { problem, retryAfterMs: retryDelayMs };
  }
}

const answerSchema = z.object({
  description: z.string().catch(""),
  parameters: z.object({ retry_after: z.number().min(0) }).optional().catch(undefined),
}).catch({ description: "", parameters: undefined });

/** Removes addresses and the token; errors of `fetch` contain the whole URL. */
function withoutSecrets(text: string, { token }: Sending): string {
  return plainText(
    text.replaceAll(/https?:\/\/[^\s)]+/g, "…").replaceAll(token, "…").replaceAll(encodeURI(token), "…"),
    300,
  );
}
