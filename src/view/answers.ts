/**
 * The forms of the server's answers, and the headers that each of them has.
 *
 * @module
 */
import { hideSecrets } from "../text/known_secrets.ts";
import type { Failure } from "./contract.ts";

/** What browsers are told with every answer: nothing from elsewhere, nothing inline, nothing kept, nothing shared. */
export const HEADERS = {
  "content-security-policy": [
    ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self'"],
    ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
    ...["require-trusted-types-for 'script'", "trusted-types samocode"],
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
} as const;

/** A value as JSON, without the secrets that this process knows. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_, each) => typeof each === "string" ? hideSecrets(each) : each);
}

/** Answers with JSON. */
export function json(value: unknown, status = 200): Response {
  return new Response(jsonOf(value), { status, headers: { ...HEADERS, "content-type": "application/json" } });
}

/** Answers that something cannot be done. */
export function failure(status: number, said: Failure): Response {
  return json(said, status);
}

/** Answers with a line of text. */
export function plain(status: number, text: string): Response {
  return new Response(`${text}\n`, { status, headers: { ...HEADERS, "content-type": "text/plain; charset=utf-8" } });
}

/** A whole number in a query; `undefined` where none is. */
export function wholeIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name) ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
