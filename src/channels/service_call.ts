/**
 * Calls a service over HTTP. Errors contain neither the URL nor the request, since both may contain secrets.
 *
 * @module
 */
import { unlessFailing } from "../text/errors.ts";
import { hideSecrets } from "../text/known_secrets.ts";
import { plainText } from "../text/terminal_text.ts";
import { ChannelError } from "./open_channel.ts";

/** A request. */
export interface ServiceCall extends Pick<RequestInit, "method" | "headers" | "body"> {
  /** The service's display name. */
  readonly title: string;
  readonly url: string;
  readonly abort?: AbortSignal | undefined;
}

/** How to send it; the real network by default. */
export interface CallOptions {
  readonly fetch?: typeof globalThis.fetch;
  /** Time limit for the whole answer. */
  readonly timeoutMs?: number;
  /** How many characters of the answer to read. */
  readonly maxLength?: number;
  /** In milliseconds since 1970, for dates in `Retry-After`. */
  readonly now?: () => number;
}

/** An answer. Its text comes from the service and is not trusted. */
export interface ServiceAnswer {
  readonly status: number;
  readonly text: string;
  /** From the header `Retry-After`; 0 without one. */
  readonly retryAfterMs: number;
}

const MAX_LENGTH = 16_384;

/**
 * Calls a service and returns any answer, including an error status. Does not follow redirects.
 *
 * @throws {ChannelError} If there is no answer.
 */
export async function callService(
  { title, url, abort, ...request }: ServiceCall,
  { fetch = globalThis.fetch, timeoutMs = 10_000, ...reading }: CallOptions = {},
): Promise<ServiceAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = abort === undefined ? timeout : AbortSignal.any([timeout, abort]);
  try {
    return await readAnswer(await fetch(url, { ...request, redirect: "manual", signal }), reading);
  } catch {
    // The error contains the URL.
    const why = timeout.aborted ? `no answer within ${timeoutMs / 1000} s` : "no connection";
    throw new ChannelError(`Cannot reach ${title}: ${abort?.aborted ? "interrupted" : why}`, { retryAfterMs: 0 });
  }
}

/** Reads the beginning of an answer. */
export async function readAnswer(
  response: Response,
  { maxLength = MAX_LENGTH, now = Date.now }: Pick<CallOptions, "maxLength" | "now"> = {},
): Promise<ServiceAnswer> {
  const retryAfterMs = readRetryAfter(response.headers.get("retry-after"), now);
  return { status: response.status, text: await beginningOf(response, maxLength), retryAfterMs };
}

/** Whether the same request may succeed later. */
export function isTemporary(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/**
 * The error for an answer that refuses a request.
 *
 * @param words The service's own reason, if it gives one.
 */
export function refusedBy(title: string, { status, retryAfterMs }: ServiceAnswer, words = ""): ChannelError {
  const said = words === "" ? "" : `: ${plainText(hideSecrets(words), 200)}`;
  return new ChannelError(`${title} answered ${status}${said}`, {
    retryAfterMs: isTemporary(status) ? retryAfterMs : undefined,
  });
}

/** An answer's JSON; `undefined` if it is not JSON. */
export function jsonIn({ text }: Pick<ServiceAnswer, "text">): unknown {
  return unlessFailing((): unknown => JSON.parse(text));
}

/** Whether traffic to a URL is private: encrypted, or on this machine only. */
export function isPrivateWay(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

async function beginningOf({ body }: Response, maxLength: number): Promise<string> {
  let text = "";
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.length >= maxLength) break;
  }
  return text.slice(0, maxLength);
}

/** Seconds or a date; see RFC 9110, section 10.2.3. */
function readRetryAfter(value: string | null, now: () => number): number {
  if (value === null) return 0;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now();
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}
