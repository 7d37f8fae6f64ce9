/**
 * Sends OTLP over HTTP with `fetch`, which respects the machine's proxy and certificates. Redirects are not followed,
 * because they would receive the headers, and only the beginning of a response is read.
 *
 * @module
 */
import { pause } from "../system/pause.ts";
import type { Target } from "./settings.ts";

/** The body of a request; text is sent as UTF-8. */
export type Body = string | Uint8Array<ArrayBuffer>;

/** Options of a request. */
export interface SendOptions {
  readonly fetch?: typeof globalThis.fetch;
  /** Aborts the request and its retries. */
  readonly abort: AbortSignal;
  /** Once it fires, a failed connection is not retried. */
  readonly hurry: AbortSignal;
}

/** The beginning of the response, or why there is none, without the address. */
export type Sent = { readonly ok: true; readonly answer: Uint8Array } | { readonly ok: false; readonly why: string };

/** The delay before the first retry; see https://opentelemetry.io/docs/specs/otlp/#otlphttp-throttling. It doubles with each retry. */
const PAUSE_MS = 500;

const TEMPORARY: readonly number[] = [429, 502, 503, 504];

/** Responses have a few bytes; no more than this is read. */
const MAX_ANSWER_BYTES = 16 * 1024;

/** Sends a request, with retries within the target's time limit. Never throws. */
export async function send(
  target: Target,
  body: Body,
  { fetch = globalThis.fetch, abort, hurry }: SendOptions,
): Promise<Sent> {
  const timeout = AbortSignal.timeout(target.timeoutMs);
  const signal = AbortSignal.any([timeout, abort]);
  for (let pauseMs = PAUSE_MS;; pauseMs *= 2) {
    const tried = await trySend(target, body, { fetch, signal });
    if (tried.kind === "sent") return tried.sent;
    const { why, isConnected, afterMs = pauseMs } = tried;
    if (hurry.aborted && !isConnected) return { ok: false, why };
    await pause(Math.min(afterMs, target.timeoutMs), isConnected ? signal : AbortSignal.any([signal, hurry]));
    if (signal.aborted) return { ok: false, why };
  }
}

type Tried =
  | { readonly kind: "sent"; readonly sent: Sent }
  | {
    readonly kind: "later";
    readonly why: string;
    readonly isConnected: boolean;
    readonly afterMs?: number | undefined;
  };

async function trySend(
  { url, headers, format }: Target,
  body: Body,
  { fetch, signal }: { readonly fetch: typeof globalThis.fetch; readonly signal: AbortSignal },
): Promise<Tried> {
  const type = { "Content-Type": format === "json" ? "application/json" : "application/x-protobuf" };
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "User-Agent": "samocode", ...headers, ...type },
      body,
      redirect: "manual",
      signal,
    });
    const { ok, status } = response;
    const answer = await beginningOf(response);
    if (ok) return { kind: "sent", sent: { ok, answer } };
    const why = `HTTP ${status}`;
    if (!TEMPORARY.includes(status)) return { kind: "sent", sent: { ok, why } };
    return { kind: "later", why, isConnected: true, afterMs: retryAfter(response.headers.get("retry-after")) };
  } catch {
    // The error contains the address.
    if (signal.aborted) return { kind: "sent", sent: { ok: false, why: "no response in time" } };
    return { kind: "later", why: "connection failed", isConnected: false };
  }
}

async function beginningOf({ body }: Response): Promise<Uint8Array> {
  const bytes: number[] = [];
  for await (const chunk of body ?? []) {
    bytes.push(...chunk.subarray(0, MAX_ANSWER_BYTES - bytes.length));
    if (bytes.length === MAX_ANSWER_BYTES) break;
  }
  return new Uint8Array(bytes);
}

/** Seconds or a date; see RFC 9110, section 10.2.3. */
function retryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
