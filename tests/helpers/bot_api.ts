/**
 * A stand-in for Telegram's Bot API as a real server, with both sides: the bot's over HTTP, and the person's as methods
 * (`press`, `say`, `replyTo`). Formats and limits are those of https://core.telegram.org/bots/api.
 *
 * @example A person approves.
 * ```ts ignore
 * await using telegram = new BotApi();
 * const run = start({ env: telegram.env });
 * const button = await telegram.until(() => telegram.button("Approve"));
 * assert.equal(await telegram.press(button), "Approved"); // The text of the toast.
 * ```
 *
 * @module
 */
import { visibleText } from "./telegram_html.ts";

/** A button of a message, as the chat shows it now. */
export interface Button {
  readonly label: string;
  readonly data: string;
  readonly message: BotMessage;
}

/** A message of the bot, as the chat shows it now: edits change it in place. */
export interface BotMessage {
  readonly id: number;
  readonly chat: string;
  /** As it was sent. */
  html: string;
  /** As people see it: without tags, with entities replaced. */
  text: string;
  /** Rows of labels and data. */
  keyboard: readonly (readonly { readonly label: string; readonly data: string }[])[];
  document: { readonly name: string; readonly text: string } | undefined;
  readonly isSilent: boolean;
  /** The id of the message that it answers. */
  readonly replyTo: number | undefined;
  edits: number;
}

/** Who does something, and where. */
export interface Person {
  /** The person's id: that of the private chat by default. */
  readonly from?: number;
  /** The chat's id, negative for groups; the bot's chat by default. */
  readonly chat?: number;
  /** Further fields of the message or the query, such as `forward_origin` or `sender_chat`; they override others. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** How requests fail from now on. */
export interface Failing {
  /** The HTTP status, such as 429 or 502. */
  readonly status: number;
  readonly description?: string;
  /** In seconds: Telegram's `parameters.retry_after`. */
  readonly retryAfter?: number;
  /** Which methods fail; all by default. */
  readonly method?: string;
  /** How many requests fail; 1 by default. */
  readonly times?: number;
}

type Payload = Readonly<Record<string, unknown>>;
type Update = { readonly update_id: number } & Payload;

/** What a method answers if it does not take a request. */
class Refusal extends Error {
  constructor(readonly status: number, description: string, readonly parameters?: Payload) {
    super(description);
  }
}

const MAX_TEXT = 4096;
const MAX_CAPTION = 1024;
const MAX_DATA_BYTES = 64;
const MAX_BUTTONS = 100;
const MAX_TOAST = 200;

/** The server. It has one bot, which is in every chat that is named. */
export class BotApi implements AsyncDisposable {
  /** Secret of the bot; its id is the part before the colon. */
  readonly token: string;
  readonly username: string;
  /** Stays the same when the server comes up again. */
  readonly port: number;
  /** The chat that `env` names. */
  readonly chat: number;
  /** All messages of the bot that nobody has removed, the oldest first. */
  readonly messages: BotMessage[] = [];
  /** What was said to whoever pressed a button, for a moment and to nobody else. */
  readonly toasts: { readonly from: number; readonly text: string }[] = [];
  /** Every request, also those that failed. */
  readonly calls: { readonly method: string; readonly payload: Payload }[] = [];
  /** The address of a webhook of the bot; while there is one, getUpdates is refused. */
  webhook = "";
  /** Updates that the bot has not confirmed. They survive an outage, as Telegram's do for a day. */
  readonly pending: Update[] = [];
  #lastUpdate = 1000;
  #lastMessage = 100;
  readonly #queries = new Map<string, { readonly from: number; readonly answered: (text: string) => void }>();
  #failing: Failing[] = [];
  #poll: ((refusal?: Refusal) => void) | undefined;
  readonly #watchers = new Set<() => void>();
  #server: { readonly cut: AbortController; readonly http: Deno.HttpServer<Deno.NetAddr> };

  /** Listens on a free port of this machine. */
  constructor({ token = "4711:stand-in_Token", username = "samocode_bot", chat = 7 } = {}) {
    this.token = token;
    this.username = username;
    this.chat = chat;
    this.#server = this.#serve(0);
    this.port = this.#server.http.addr.port;
  }

  /** The settings that lead here. */
  get env(): Readonly<Record<string, string>> {
    return { TELEGRAM_BOT_TOKEN: this.token, TELEGRAM_CHAT_ID: String(this.chat), TELEGRAM_API_BASE: this.base };
  }

  /** The value of TELEGRAM_API_BASE. */
  get base(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.goDown();
  }

  // What people do.

  /** A person presses a button, or sends any data as if there were one. Resolves with the toast that they see. */
  press(
    button: Button | string,
    { from = Math.abs(this.chat), chat = this.chat, more = {} }: Person = {},
  ): Promise<string> {
    const data = typeof button === "string" ? button : button.data;
    const message = typeof button === "string" ? this.messages.at(-1) : button.message;
    const id = `query-${this.#lastUpdate + 1}`;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#queries.set(id, { from, answered: resolve });
    this.push({
      callback_query: {
        id,
        from: userOf(from),
        chat_instance: "1",
        data,
        message: { ...this.#shown(message), message_id: message?.id ?? 1, chat: chatOf(chat) },
        ...more,
      },
    });
    return promise;
  }

  /** A person writes. */
  say(text: string, { from = Math.abs(this.chat), chat = this.chat, more = {} }: Person = {}): void {
    this.push({
      message: { message_id: ++this.#lastMessage, date: now(), from: userOf(from), chat: chatOf(chat), text, ...more },
    });
  }

  /** A person replies to a message of the bot. */
  replyTo(message: BotMessage, text: string, { more = {}, ...person }: Person = {}): void {
    this.say(text, { ...person, more: { reply_to_message: this.#shown(message), ...more } });
  }

  /** A person removes a message: it can no longer be edited. */
  remove(message: BotMessage): void {
    this.messages.splice(this.messages.indexOf(message), 1);
  }

  /** Any update, without its id. */
  push(update: Payload): void {
    this.pending.push({ update_id: ++this.#lastUpdate, ...update });
    this.#poll?.();
  }

  // What happens to the service.

  /** The next requests fail. */
  fail(failing: Failing): void {
    this.#failing.push(failing);
  }

  /** No button that was pressed until now can be answered any more. */
  expireQueries(): void {
    this.#queries.clear();
  }

  /** Cuts all connections and takes no more. */
  async goDown(): Promise<void> {
    this.#server.cut.abort();
    this.#poll?.();
    await this.#server.http.finished;
  }

  /** Takes connections again, on the same port. */
  comeUp(): void {
    this.#server = this.#serve(this.port);
  }

  // What is to be seen.

  /** The newest button whose label has such a text; `undefined` if there is none. */
  button(label: string): Button | undefined {
    return this.buttons().findLast((button) => button.label.includes(label));
  }

  /** All buttons of all messages, or of one. */
  buttons(messages: readonly BotMessage[] = this.messages): readonly Button[] {
    return messages.flatMap((message) => message.keyboard.flat().map((button) => ({ ...button, message })));
  }

  /** Whether the bot waits for updates. One that went away counts until its time is over or another one comes. */
  get isPolled(): boolean {
    return this.#poll !== undefined;
  }

  /** Resolves with what `look` finds, as soon as it finds anything. Looks again after each request. */
  async until<T>(look: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  #wake(): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const wake of watchers) wake();
  }

  #serve(port: number): { readonly cut: AbortController; readonly http: Deno.HttpServer<Deno.NetAddr> } {
    const cut = new AbortController();
    const options = { hostname: "127.0.0.1", port, signal: cut.signal, onListen: () => {} };
    return { cut, http: Deno.serve(options, (request) => this.#answer(request)) };
  }

  async #answer(request: Request): Promise<Response> {
    const [, token, method = ""] = /^\/bot([^/]+)\/(\w+)$/.exec(new URL(request.url).pathname) ?? [];
    try {
      const payload = await payloadOf(request);
      this.calls.push({ method, payload });
      if (token !== this.token) throw new Refusal(401, "Unauthorized");
      this.#failIfTold(method);
      const result = method === "getUpdates" ? await this.#getUpdates(payload) : this.#call(method, payload);
      return Response.json({ ok: true, result });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, message: description, parameters } = error;
      return Response.json({ ok: false, error_code: status, description, parameters }, { status });
    } finally {
      this.#wake();
    }
  }

  #failIfTold(method: string): void {
    const failing = this.#failing.find((each) => each.method === undefined || each.method === method);
    if (failing === undefined) return;
    const { times = 1, status, retryAfter, description = `Failing as told: ${status}` } = failing;
    const rest = times > 1 ? [{ ...failing, times: times - 1 }] : [];
    this.#failing = this.#failing.flatMap((each) => each === failing ? rest : [each]);
    if (retryAfter === undefined) throw new Refusal(status, description);
    throw new Refusal(status, `Too Many Requests: retry after ${retryAfter}`, { retry_after: retryAfter });
  }

  #call(method: string, payload: Payload): unknown {
    switch (method) {
      case "getMe":
        return { ...userOf(Number.parseInt(this.token)), is_bot: true, username: this.username };
      case "getWebhookInfo":
        return { url: this.webhook, has_custom_certificate: false, pending_update_count: this.pending.length };
      case "sendMessage":
      case "sendDocument":
        return this.#send(payload, method);
      case "editMessageText":
      case "editMessageCaption":
      case "editMessageMedia":
        return this.#edit(payload, method);
      case "answerCallbackQuery":
        return this.#toast(payload);
      default:
        throw new Refusal(404, "Not Found: method not found");
    }
  }

  #send(payload: Payload, method: string): unknown {
    const chat = String(payload["chat_id"]);
    const document = method === "sendDocument" ? fileIn(payload, payload["document"]) : undefined;
    const html = (document === undefined ? payload["text"] : payload["caption"]) ?? "";
    const message: BotMessage = {
      id: ++this.#lastMessage,
      chat,
      ...checked(html, payload, document === undefined),
      document,
      isSilent: bool(payload["disable_notification"]),
      replyTo: numberIn(payload["reply_parameters"], "message_id"),
      edits: 0,
    };
    this.messages.push(message);
    return this.#shown(message);
  }

  #edit(payload: Payload, method: string): unknown {
    const chat = String(payload["chat_id"]);
    const message = this.messages.find((each) => each.id === Number(payload["message_id"]) && each.chat === chat);
    if (message === undefined) throw new Refusal(400, "Bad Request: message to edit not found");
    const hasDocument = message.document !== undefined;
    if (method === "editMessageText" && hasDocument) {
      throw new Refusal(400, "Bad Request: there is no text in the message to edit");
    }
    if (method === "editMessageCaption" && !hasDocument) {
      throw new Refusal(400, "Bad Request: there is no caption in the message to edit");
    }
    const media = method === "editMessageMedia" ? payload["media"] : undefined;
    const words = record(media) ?? payload;
    const next = checked(words[method === "editMessageText" ? "text" : "caption"] ?? "", {
      ...words,
      reply_markup: payload["reply_markup"],
    }, method === "editMessageText");
    const document = media === undefined ? message.document : fileIn(payload, record(media)?.["media"]);
    const isSame = media === undefined && next.html === message.html &&
      JSON.stringify(next.keyboard) === JSON.stringify(message.keyboard);
    if (isSame) throw new Refusal(400, "Bad Request: message is not modified");
    Object.assign(message, next, { document, edits: message.edits + 1 });
    return this.#shown(message);
  }

  #toast({ callback_query_id: id, text = "" }: Payload): true {
    const query = this.#queries.get(String(id));
    if (query === undefined) {
      throw new Refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid");
    }
    if (String(text).length > MAX_TOAST) throw new Refusal(400, "Bad Request: MESSAGE_TOO_LONG");
    this.#queries.delete(String(id));
    this.toasts.push({ from: query.from, text: String(text) });
    query.answered(String(text));
    return true;
  }

  /**
   * As Telegram's own server does it: an offset confirms all updates before it; one from the future counts as none; a
   * second poll ends the first one.
   */
  async #getUpdates({ offset = 0, timeout = 0 }: Payload): Promise<readonly Update[]> {
    if (this.webhook !== "") {
      throw new Refusal(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      );
    }
    this.#poll?.(
      new Refusal(
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
      ),
    );
    if (Number(offset) <= this.#lastUpdate + 10) {
      while ((this.pending[0]?.update_id ?? Infinity) < Number(offset)) this.pending.shift();
    }
    if (this.pending.length === 0 && Number(timeout) > 0) await this.#wait(Number(timeout));
    return this.pending.slice(0, 100);
  }

  async #wait(seconds: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const end = (refusal?: Refusal): void => refusal === undefined ? resolve() : reject(refusal);
    const timer = setTimeout(end, seconds * 1000);
    this.#poll = end;
    this.#wake();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      if (this.#poll === end) this.#poll = undefined;
    }
  }

  /** A message of the bot, as the API describes it. */
  #shown(message: BotMessage | undefined): Payload {
    if (message === undefined) return {};
    const { id, chat, text, document } = message;
    const bot = { ...userOf(Number.parseInt(this.token)), is_bot: true, username: this.username };
    const content = document === undefined
      ? { text }
      : { caption: text, document: { file_id: `file-${id}`, file_unique_id: `${id}`, file_name: document.name } };
    return { message_id: id, date: now(), from: bot, chat: chatOf(Number(chat)), ...content };
  }
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

function userOf(id: number): Payload {
  return { id, is_bot: false, first_name: `User ${id}` };
}

function chatOf(id: number): Payload {
  return id > 0 ? { id, type: "private", first_name: `User ${id}` } : { id, type: "supergroup", title: "A group" };
}

/** Reads JSON and forms, whose fields are JSON where they are no text, and puts files in. */
async function payloadOf(request: Request): Promise<Payload> {
  const type = request.headers.get("content-type") ?? "";
  if (type.startsWith("application/json")) return await request.json();
  if (!type.startsWith("multipart/form-data")) return {};
  const fields: [string, unknown][] = [];
  for (const [name, value] of await request.formData()) {
    const isJson = typeof value === "string" && /^[[{]/.test(value);
    const file = typeof value === "string" ? undefined : { name: value.name, text: await value.text() };
    fields.push([name, file ?? (isJson ? JSON.parse(String(value)) : value)]);
  }
  return Object.fromEntries(fields);
}

/** The file that a field names as `attach://NAME`. */
function fileIn(payload: Payload, field: unknown): { readonly name: string; readonly text: string } {
  const file = record(payload[String(field).replace("attach://", "")]);
  if (file === undefined) throw new Refusal(400, "Bad Request: there is no document in the request");
  if (file["text"] === "") throw new Refusal(400, "Bad Request: file must be non-empty");
  return { name: String(file["name"]), text: String(file["text"]) };
}

/** A text and its buttons, if Telegram would take them. Unlike Telegram, it takes no `&` that begins no entity. */
function checked(html: unknown, payload: Payload, isText: boolean): Pick<BotMessage, "html" | "text" | "keyboard"> {
  const isHtml = payload["parse_mode"] === "HTML";
  const text = isHtml ? visibleText(String(html)) : String(html);
  if (text === undefined) throw new Refusal(400, "Bad Request: can't parse entities");
  if (isText && text.trim() === "") throw new Refusal(400, "Bad Request: message text is empty");
  if (text.length > (isText ? MAX_TEXT : MAX_CAPTION)) {
    throw new Refusal(400, `Bad Request: message ${isText ? "" : "caption "}is too long`);
  }
  const rows = record(payload["reply_markup"])?.["inline_keyboard"] ?? [];
  const keyboard = list(rows).map((row) =>
    list(row).map((button) => ({
      label: String(record(button)?.["text"] ?? ""),
      data: String(record(button)?.["callback_data"] ?? ""),
    }))
  );
  const buttons = keyboard.flat();
  if (buttons.length > MAX_BUTTONS) throw new Refusal(400, "Bad Request: REPLY_MARKUP_TOO_LONG");
  if (buttons.some(({ label }) => label === "")) throw new Refusal(400, "Bad Request: button text is empty");
  const bytes = buttons.map(({ data }) => new TextEncoder().encode(data).length);
  if (bytes.some((length) => length < 1 || length > MAX_DATA_BYTES)) {
    throw new Refusal(400, "Bad Request: BUTTON_DATA_INVALID");
  }
  return { html: String(html), text, keyboard };
}

function record(value: unknown): Payload | undefined {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function numberIn(value: unknown, name: string): number | undefined {
  const found = record(value)?.[name];
  return typeof found === "number" ? found : undefined;
}

function bool(value: unknown): boolean {
  return value === true || value === "true";
}
