/**
 * Requests to the server.
 *
 * @module
 */
import { KEEPING, TAB_KEEPING } from "./keeping.ts";
import type { Act, ActAnswer, Failure, SeatAnswer, SessionFacts } from "../src/view/contract.ts";

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

const KEY_HEADER = "x-samocode-key";

const ACTING_KEY = "key";

/** A code with the key that it shall let act, until the server has answered. */
const PENDING = "pending-key";

/**
 * Lets a key of the page's own act, for the code that the server's redirect put into the address. Whoever reloads the
 * page meanwhile loses nothing: the tab remembers both, and asks again.
 */
export async function keepActingKey(): Promise<void> {
  const arrived = /^#code=([\w-]+)$/.exec(location.hash)?.[1];
  if (arrived !== undefined) {
    TAB_KEEPING.write(PENDING, `${arrived} ${makeKey()}`);
    history.replaceState(null, "", "#/");
  }
  const [code = "", key = ""] = TAB_KEEPING.read(PENDING).split(" ");
  if (key === "") return;
  const headers = { "content-type": "application/json", "x-samocode-code": code, [KEY_HEADER]: key };
  try {
    await request<SeatAnswer>("/api/key", { method: "POST", headers });
    KEEPING.write(ACTING_KEY, key);
  } catch (error) {
    // A code that was used changes nothing: any page can lead here with one.
    if (!(error instanceof Refused) || error.status === 0) return;
  }
  TAB_KEEPING.write(PENDING, "");
}

function makeKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(32))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
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
  const headers = { [KEY_HEADER]: KEEPING.read(ACTING_KEY), ...init.headers };
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
