/**
 * Calls a service over HTTP. What goes wrong is told without the address and what was sent: both may hold secrets.
 *
 * @module
 */
import { hideSecrets } from "../text/known_secrets.ts";
import { plainText } from "../text/terminal_text.ts";
import { ChannelError } from "./open_channel.ts";

/** What to send, to whom. */
export interface ServiceCall extends Pick<RequestInit, "method" | "headers" | "body"> {
  /** The service's name for people. */
  readonly title: string;
  readonly url: string;
  readonly abort?: AbortSignal | undefined;
}

/** How to send it; the real network by default. */
export interface CallOptions {
  readonly fetch?: typeof globalThis.fetch;
  /** For the whole answer. */
  readonly timeoutMs?: number;
  /** In milliseconds since 1970, for dates in `Retry-After`. */
  readonly now?: () => number;
}

/** An answer. Its text is the service's own, and may be anything. */
export interface ServiceAnswer {
  readonly status: number;
  /** At most 16,384 characters. */
  readonly text: string;
  /** What the header `Retry-After` asks for; 0 without one. */
  readonly retryAfterMs: number;
}

const MAX_ANSWER = 16_384;

/**
 * Calls a service; any answer will do. A redirect is an answer, and not followed.
 *
 * @throws {ChannelError} If there is none.
 */
export async function callService(
  { title, url, abort, ...request }: ServiceCall,
  { fetch = globalThis.fetch, timeoutMs = 10_000, now = Date.now }: CallOptions = {},
): Promise<ServiceAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = abort === undefined ? timeout : AbortSignal.any([timeout, abort]);
  try {
    return await readAnswer(await fetch(url, { ...request, redirect: "manual", signal }), now);
  } catch {
    // The error holds the address.
    const why = timeout.aborted ? `no answer within ${timeoutMs / 1000} s` : "no connection";
    throw new ChannelError(`Cannot reach ${title}: ${abort?.aborted ? "interrupted" : why}`, { retryAfterMs: 0 });
  }
}

/** Reads the beginning of an answer. */
export async function readAnswer(response: Response, now: () => number = Date.now): Promise<ServiceAnswer> {
  const retryAfterMs = readRetryAfter(response.headers.get("retry-after"), now);
  return { status: response.status, text: await beginningOf(response), retryAfterMs };
}

/**
 * What an answer that refuses means: 408, 429 and 5xx pass, all else stays as it is.
 *
 * @param words The service's own, if it has any.
 */
export function refusedBy(title: string, { status, retryAfterMs }: ServiceAnswer, words = ""): ChannelError {
  const isTemporary = status === 408 || status === 429 || status >= 500;
  const said = words === "" ? "" : `: ${plainText(hideSecrets(words), 200)}`;
  return new ChannelError(`${title} answered ${status}${said}`, {
    retryAfterMs: isTemporary ? retryAfterMs : undefined,
  });
}

/** Whether nobody on the way can read what is sent to an address: it is encrypted, or stays on this machine. */
export function isPrivateWay(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

async function beginningOf({ body }: Response): Promise<string> {
  let text = "";
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.length >= MAX_ANSWER) break;
  }
  return text.slice(0, MAX_ANSWER);
}

/** Seconds or a date; see RFC 9110, section 10.2.3. */
function readRetryAfter(value: string | null, now: () => number): number {
  if (value === null) return 0;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now();
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}
