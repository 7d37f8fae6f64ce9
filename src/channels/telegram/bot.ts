/**
 * Calls Telegram's Bot API, with errors that contain no secret. Loaded on demand because it imports grammY.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Api, GrammyError, HttpError } from "grammy/web";
import { messageOf, unlessFailing } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import { ChannelError } from "../open_channel.ts";
import { isTemporary } from "../service_call.ts";

/** Which bot it is, and where its API is. */
export interface BotOptions {
  /** Secret; it leaves this module only in requests. */
  readonly token: string;
  readonly apiBase: string;
  readonly fetch?: typeof globalThis.fetch;
  /** How long a request may take, in addition to the long-poll time. */
  readonly timeoutMs?: number;
}

/** For one request: a document may take a while on a phone's network. */
const TIMEOUT_MS = 30_000;

/** In bytes. A hundred updates, each with a text and a quoted text, are shorter even if fully escaped. */
const MAX_ANSWER = 8_388_608;

/** Why a request failed. */
export class BotError extends ChannelError {
  /** Telegram's `error_code`, usually an HTTP status; 0 if there was no answer. */
  readonly status: number;
  /** In Telegram's words. */
  readonly description: string;

  constructor(
    message: string,
    { status, description, retryAfterMs }: Pick<BotError, "status" | "description" | "retryAfterMs">,
  ) {
    super(message, { retryAfterMs });
    this.status = status;
    this.description = description;
  }
}

/** How long a request may take. */
export interface CallOptions {
  readonly abort?: AbortSignal;
  /** How long Telegram may hold a long poll, in seconds. */
  readonly pollS?: number;
}

/** One bot. */
export class Bot {
  /** Its Telegram ID, which is not secret. */
  readonly id: number;
  /** Identifies bot, token and API; not secret. */
  readonly identity: string;
  readonly #options: Required<BotOptions>;
  readonly #secrets: readonly string[];

  constructor({ token, apiBase, fetch = globalThis.fetch, timeoutMs = TIMEOUT_MS }: BotOptions) {
    const [id = "", secret = ""] = token.split(":");
    this.id = Number(id);
    this.identity = createHash("sha256").update(`${apiBase} ${token}`).digest("hex");
    this.#options = { token, apiBase: apiBase.replace(/\/+$/, ""), fetch, timeoutMs };
    // A short secret is a placeholder and would match parts of ordinary words.
    this.#secrets = [token, encodeURI(token), ...(secret.length < 8 ? [] : [secret])].filter((text) => text !== "");
  }

  /**
   * Makes a request.
   *
   * @throws {BotError}
   */
  async call<T>(request: (api: Api) => Promise<T>, { abort, pollS = 0 }: CallOptions = {}): Promise<T> {
    const { token, apiBase, fetch, timeoutMs } = this.#options;
    // grammY has its own signal type. A new controller per request leaves no listeners on a long-lived signal.
    const ending = new AbortController();
    const end = (): void => ending.abort();
    const withinS = timeoutMs / 1000 + pollS;
    const timer = setTimeout(() => ending.abort(new Error(`no answer within ${withinS} s`)), withinS * 1000);
    if (abort?.aborted) end();
    abort?.addEventListener("abort", end);
    try {
      return await request(
        new Api(token, {
          apiRoot: apiBase,
          fetch: async (url: string | URL, init?: RequestInit) =>
            answerOf(await fetch(url, { ...init, redirect: "manual", signal: ending.signal })),
        }),
      );
    } catch (error) {
      throw error instanceof GrammyError ? this.#refused(error) : this.#unreachable(error);
    } finally {
      clearTimeout(timer);
      abort?.removeEventListener("abort", end);
    }
  }

  /** Removes the token. */
  withoutToken(text: string): string {
    return this.#secrets.reduce((said, secret) => said.replaceAll(secret, "…"), text);
  }

  /** URLs contain the token, possibly in another encoding. */
  #withoutAddresses(text: string): string {
    return this.withoutToken(text.replaceAll(/https?:\/\/[^\s)]+/g, "…"));
  }

  #refused({ error_code: status, description, parameters }: GrammyError): BotError {
    const said = plainText(this.#withoutAddresses(String(description ?? "")), 300);
    const moved = parameters.migrate_to_chat_id;
    const hint = moved === undefined ? "" : `; set TELEGRAM_CHAT_ID=${Number(moved)}`;
    return new BotError(`Telegram answered ${Number(status)}${said && `: ${said}`}${hint}`, {
      status,
      description: said,
      retryAfterMs: isTemporary(status) ? pauseOf(parameters.retry_after) : undefined,
    });
  }

  #unreachable(error: unknown): BotError {
    const inner = error instanceof HttpError ? error.error : error;
    const reason = inner instanceof Error && inner.cause instanceof Error ? inner.cause : inner;
    const description = plainText(this.#withoutAddresses(messageOf(reason)), 300);
    return new BotError(`Cannot reach Telegram: ${description}`, { status: 0, description, retryAfterMs: 0 });
  }
}

/** @param retryAfter In seconds, from Telegram. */
function pauseOf(retryAfter: unknown): number {
  return typeof retryAfter === "number" && retryAfter > 0 ? retryAfter * 1000 : 0;
}

/** Keeps a proxy's or captive portal's answer from being taken for Telegram's, such as that a token is wrong. */
async function answerOf(response: Response): Promise<Response> {
  const text = await wholeOf(response);
  const body: unknown = unlessFailing(() => JSON.parse(text));
  if (typeof body === "object" && body !== null && "ok" in body) return Response.json(body);
  const { status } = response;
  return Response.json(
    status >= 500
      ? { ok: false, error_code: status, description: "" }
      : { ok: false, error_code: 502, description: `status ${status}, not an answer from Telegram's API` },
  );
}

/** @throws {Error} If it is longer than any answer of Telegram. */
async function wholeOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER) throw new Error("the answer is too long");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
