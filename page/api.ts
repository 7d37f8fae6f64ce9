/**
 * Requests to the server.
 *
 * @module
 */
import { KEEPING } from "./keeping.ts";
import type { Act, ActAnswer, Failure, KeyAnswer, SessionFacts } from "../src/view/contract.ts";

/** A refusal or failure, in the server's words. */
export class Refused extends Error {
  /** 0 if there was no answer. */
  readonly status: number;
  readonly hint: string;
  /** How the session stands, where an act came too late. */
  readonly facts: SessionFacts | undefined;

  constructor(status: number, { error, hint, facts }: Failure) {
    super(error);
    this.status = status;
    this.hint = hint;
    this.facts = facts;
  }
}

const ACTING_KEY = "key";

/** Gets the acting key for the code in the address, where the server's redirect put it. It is worth one key. */
export async function keepActingKey(): Promise<void> {
  const code = /^#code=([\w-]+)$/.exec(location.hash)?.[1];
  if (code === undefined) return;
  history.replaceState(null, "", "#/");
  const headers = { "content-type": "application/json", "x-samocode-code": code };
  // A code that was used changes nothing: any page can lead here with one.
  const given = await request<KeyAnswer>("/api/key", { method: "POST", headers }).catch(() => undefined);
  if (given !== undefined) KEEPING.write(ACTING_KEY, given.key);
}

/**
 * Reads an answer.
 *
 * @throws {Refused} If there is none.
 */
export function read<Answer>(path: string, { abort }: { readonly abort?: AbortSignal } = {}): Promise<Answer> {
  return request(path, abort === undefined ? {} : { signal: abort });
}

/**
 * Does what a person decided.
 *
 * @throws {Refused} If it was not done; with status 409 because something else is so now.
 */
export function perform(key: string, act: Act): Promise<ActAnswer> {
  const headers = { "content-type": "application/json" };
  return request(`/api/sessions/${key}/acts`, { method: "POST", headers, body: JSON.stringify(act) });
}

async function request<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const headers = { ...init.headers, "x-samocode-key": KEEPING.read(ACTING_KEY) };
  const answer = await fetch(path, { ...init, headers }).catch((error) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refused(0, { error: "The server does not answer", hint: "Is `samocode view` still running?" });
  });
  const body = await answer.json().catch(() => undefined);
  if (answer.ok && body !== undefined) return body;
  throw new Refused(answer.status, {
    error: body?.error ?? `The server answered ${answer.status}`,
    hint: body?.hint ?? "",
    facts: body?.facts,
  });
}
