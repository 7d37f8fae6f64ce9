/**
 * A stand-in for Slack as a real server: the web API and Socket Mode towards the app, and the people in the workspace as
 * methods (`press`, `say`). Formats, limits and errors are those of https://docs.slack.dev/reference and
 * https://docs.slack.dev/apis/events-api/using-socket-mode.
 *
 * @module
 */
import assert from "node:assert/strict";

/** The app's own user. */
export const BOT = "U0SAMOCODE";
/** A member who may decide. */
export const ANNA = "U0ANNA";
/** A member who may not. */
export const EVE = "U0EVE";
/** The channel that the app is in, and the direct messages between the app and Anna. */
export const CHANNEL = "C0TEAM";
export const DIRECT = "D0ANNA";

const TOKENS = { SLACK_BOT_TOKEN: "xoxb-1-bot", SLACK_APP_TOKEN: "xapp-1-app" };

/** A button, as a person sees it. */
export interface SlackButton {
  readonly label: string;
  readonly value: string;
  readonly actionId: string;
  readonly style: string | undefined;
  readonly message: SlackPosted;
}

/** A message of the app, as the channel shows it now. */
export interface SlackPosted {
  readonly channel: string;
  readonly ts: string;
  readonly thread: string | undefined;
  /** Who alone sees it. */
  readonly onlyFor: string | undefined;
  /** What a notification says. */
  notification: string;
  /** What people read in the message itself. */
  text: string;
  buttons: readonly SlackButton[];
  edits: number;
}

/** A file in a thread. */
export interface SlackFile {
  readonly name: string;
  readonly text: string;
  readonly channel: string;
  readonly thread: string;
}

/** A workspace with one app. */
export class SlackApi implements AsyncDisposable {
  readonly messages: SlackPosted[] = [];
  readonly files: SlackFile[] = [];
  /** The methods that were called, those that failed included. */
  readonly calls: string[] = [];
  /** Errors to answer with, by method, until they are removed. */
  readonly errors = new Map<string, string>();
  /** How long to refuse a method with 429, in seconds, once each. */
  readonly limits = new Map<string, number>();
  /** Addresses of sockets that were handed out and not used. */
  readonly #tickets = new Set<string>();
  readonly #uploads = new Map<string, { readonly name: string; text: string }>();
  readonly #sockets: WebSocket[] = [];
  readonly #acknowledged = new Map<string, () => void>();
  #helloWith = "hello";
  #clock = 1_700_000_000;
  #serial = 0;
  #wake = (): void => {};
  #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = this.#serve(0);
  }

  #serve(port: number): Deno.HttpServer<Deno.NetAddr> {
    return Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, (request) => this.#answer(request));
  }

  get base(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** The settings of somebody who has set up everything. */
  get env(): Readonly<Record<string, string>> {
    return { ...TOKENS, SLACK_CHANNEL_ID: CHANNEL, SLACK_USER_IDS: ANNA, SLACK_API_BASE: `${this.base}/api` };
  }

  /** How many sockets are open. */
  get connections(): number {
    return this.#sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length;
  }

  /** Waits until something is there. */
  async until<T>(look: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** The button of that label that is shown now. */
  button(label: string): SlackButton | undefined {
    return this.messages.flatMap(({ buttons }) => buttons).find((each) => each.label === label);
  }

  /**
   * Presses a button. Slack does not repeat it: if it is not acknowledged, the person sees a warning beside the button.
   *
   * @returns Whether it was acknowledged.
   */
  async press(
    { actionId, value, message: { channel, ts } }: SlackButton,
    { user = ANNA, withinMs = 3000, actionTs = this.#now() }: {
      readonly user?: string;
      readonly withinMs?: number;
      readonly actionTs?: string;
    } = {},
  ): Promise<boolean> {
    const payload = {
      type: "block_actions",
      user: { id: user, username: "x", team_id: "T0" },
      container: { type: "message", message_ts: ts, channel_id: channel, is_ephemeral: false },
      channel: { id: channel, name: "x" },
      message: { type: "message", user: BOT, ts, text: "x" },
      response_url: `${this.base}/response`,
      actions: [{ action_id: actionId, block_id: "b", type: "button", value, action_ts: actionTs }],
    };
    return await this.#deliver("interactive", payload, withinMs);
  }

  /**
   * Says something. Slack repeats an event that is not acknowledged: at once, then after a minute and five; here without
   * these pauses, each time with another envelope.
   *
   * @returns How often it was delivered; negative if it never was acknowledged.
   */
  async say(
    text: string,
    { user = ANNA, channel = CHANNEL, thread, parent = BOT, withinMs = 3000, ...more }: {
      readonly user?: string;
      readonly channel?: string;
      readonly thread?: string;
      /** Who began the thread. */
      readonly parent?: string;
      readonly withinMs?: number;
      readonly subtype?: string;
      readonly bot_id?: string;
    } = {},
  ): Promise<number> {
    const ts = this.#now();
    const payload = {
      type: "event_callback",
      event_id: `Ev${++this.#serial}`,
      authorizations: [{ enterprise_id: null, team_id: "T0", user_id: BOT, is_bot: true }],
      event: {
        type: "message",
        channel,
        user,
        text: text.replaceAll("&", "&amp;").replace(/<(?!@)/g, "&lt;").replace(/(?<!<@\w+)>/g, "&gt;"),
        ts,
        ...(thread !== undefined && { thread_ts: thread, parent_user_id: parent }),
        ...more,
        channel_type: channel.startsWith("D") ? "im" : "channel",
      },
    };
    for (let attempt = 0; attempt < 4; attempt++) {
      const retry = { retry_attempt: attempt, retry_reason: attempt === 0 ? "" : "timeout" };
      if (await this.#deliver("events_api", payload, withinMs, retry)) return attempt + 1;
    }
    return -4;
  }

  /** Asks for other connections and closes these, as Slack does about once an hour; without a reason it only closes. */
  disconnect(reason?: "warning" | "refresh_requested" | "link_disabled"): void {
    for (const socket of this.#sockets.splice(0)) {
      if (reason !== undefined) socket.send(JSON.stringify({ type: "disconnect", reason, debug_info: { host: "x" } }));
      else socket.close();
      // Slack keeps it for about ten seconds.
      this.#retired.push(socket);
    }
  }

  readonly #retired: WebSocket[] = [];

  /** Refuses new sockets from now on, for this reason, or takes them again. */
  refuseSockets(reason: "too_many_websockets" | "link_disabled" | undefined): void {
    this.#helloWith = reason ?? "hello";
  }

  /** Sends a frame as it stands. */
  sendRaw(text: string): void {
    for (const socket of this.#sockets) socket.send(text);
  }

  /** Goes away, with all connections. */
  async goAway(): Promise<void> {
    const { port } = this.#server.addr;
    for (const socket of [...this.#sockets.splice(0), ...this.#retired.splice(0)]) socket.close();
    await this.#server.shutdown();
    this.comeBack = () => void (this.#server = this.#serve(port));
  }

  /** Is there again, at the same address. */
  comeBack: () => void = () => assert.fail("it is there");

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of [...this.#sockets, ...this.#retired]) socket.close();
    await this.#server.shutdown();
  }

  #now(): string {
    return `${++this.#clock}.000${100 + this.#serial}`;
  }

  async #deliver(type: string, payload: unknown, withinMs: number, more: object = {}): Promise<boolean> {
    const envelope_id = crypto.randomUUID();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#acknowledged.set(envelope_id, () => resolve(true));
    const timer = setTimeout(() => resolve(false), withinMs);
    const accepts_response_payload = type === "interactive";
    // To one of the connections, whichever.
    this.#sockets.at(-1)?.send(JSON.stringify({ envelope_id, type, payload, accepts_response_payload, ...more }));
    const isTaken = await promise;
    clearTimeout(timer);
    this.#acknowledged.delete(envelope_id);
    return isTaken;
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    try {
      if (pathname === "/socket") return this.#connect(request, searchParams.get("ticket") ?? "");
      if (pathname.startsWith("/upload/")) return await this.#upload(request, pathname.slice("/upload/".length));
      const method = pathname.replace(/^\/api\//, "");
      this.calls.push(method);
      const seconds = this.limits.get(method);
      if (seconds !== undefined) {
        this.limits.delete(method);
        return Response.json({ ok: false, error: "ratelimited" }, {
          status: 429,
          headers: { "retry-after": String(seconds) },
        });
      }
      const args = Object.fromEntries(new URLSearchParams(await request.text()));
      const token = /^Bearer (.*)$/.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
      return Response.json(this.#call(method, { args, token }));
    } finally {
      this.#wake();
    }
  }

  #call(method: string, { args, token }: { readonly args: Record<string, string>; readonly token: string }): object {
    const refused = (error: string, more = {}) => ({ ok: false, error, ...more });
    const error = this.errors.get(method);
    if (error === "missing_scope") return refused(error, { needed: "files:write", provided: "chat:write" });
    if (error !== undefined) return refused(error);
    const isForApp = method === "apps.connections.open";
    if (token !== TOKENS[isForApp ? "SLACK_APP_TOKEN" : "SLACK_BOT_TOKEN"]) {
      return refused(Object.values(TOKENS).includes(token) ? "not_allowed_token_type" : "invalid_auth");
    }
    const { channel = "", ts, text = "", blocks, thread_ts: thread, user } = args;
    switch (method) {
      case "auth.test":
        return { ok: true, user: "samocode", user_id: BOT, team: "Team", team_id: "T0", url: "https://t.slack.com/" };
      case "apps.connections.open": {
        const ticket = crypto.randomUUID();
        this.#tickets.add(ticket);
        return { ok: true, url: `${this.base.replace("http", "ws")}/socket?ticket=${ticket}&app_id=A0` };
      }
      case "chat.postMessage":
      case "chat.postEphemeral": {
        const where = channel === ANNA ? DIRECT : channel;
        if (where !== CHANNEL && where !== DIRECT) return refused("channel_not_found");
        const isEphemeral = method === "chat.postEphemeral";
        if (isEphemeral && where === DIRECT) return refused("channel_not_found");
        const onlyFor = isEphemeral ? user ?? "" : undefined;
        const made = {
          channel: where,
          ts: this.#now(),
          thread,
          onlyFor,
          notification: "",
          text: "",
          buttons: [],
          edits: 0,
        };
        const wrong = fill(made, { text, blocks });
        if (wrong !== undefined) return refused("invalid_blocks", { response_metadata: { messages: [wrong] } });
        this.messages.push(made);
        return isEphemeral ? { ok: true, message_ts: made.ts } : { ok: true, channel: where, ts: made.ts, message: {} };
      }
      case "chat.update": {
        const found = this.messages.find((each) => each.channel === channel && each.ts === ts);
        if (found === undefined) return refused("message_not_found");
        const wrong = fill(found, { text, blocks });
        if (wrong !== undefined) return refused("invalid_blocks", { response_metadata: { messages: [wrong] } });
        found.edits++;
        return { ok: true, channel, ts, text };
      }
      case "files.getUploadURLExternal": {
        const { filename: name = "", length = "0" } = args;
        if (!(Number(length) > 0)) return refused("invalid_arguments");
        const id = `F${++this.#serial}`;
        this.#uploads.set(id, { name, text: "" });
        return { ok: true, upload_url: `${this.base}/upload/${id}`, file_id: id };
      }
      case "files.completeUploadExternal": {
        const files: unknown = JSON.parse(args["files"] ?? "[]");
        assert.ok(Array.isArray(files));
        for (const { id } of files) {
          const found = this.#uploads.get(id);
          if (found === undefined || found.text === "") return refused("file_not_found");
          this.files.push({ ...found, channel: args["channel_id"] ?? "", thread: thread ?? "" });
        }
        return { ok: true, files };
      }
      default:
        return refused("unknown_method");
    }
  }

  async #upload(request: Request, id: string): Promise<Response> {
    const found = this.#uploads.get(id);
    if (found === undefined) return new Response("no such file", { status: 404 });
    found.text = await request.text();
    return new Response(`OK - ${found.text.length}`);
  }

  #connect(request: Request, ticket: string): Response {
    if (!this.#tickets.delete(ticket)) return new Response("used", { status: 403 });
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onopen = () => {
      if (this.#helloWith !== "hello") {
        socket.send(JSON.stringify({ type: "disconnect", reason: this.#helloWith }));
        return socket.close();
      }
      const info = {
        connection_info: { app_id: "A0" },
        num_connections: 1,
        debug_info: { approximate_connection_time: 3600 },
      };
      socket.send(JSON.stringify({ type: "hello", ...info }));
      this.#sockets.push(socket);
      this.#wake();
    };
    socket.onmessage = ({ data }) => {
      const { envelope_id: id } = JSON.parse(data);
      // One that comes too late counts for nothing.
      this.#acknowledged.get(id)?.();
    };
    socket.onclose = () => {
      for (const list of [this.#sockets, this.#retired]) {
        if (list.includes(socket)) list.splice(list.indexOf(socket), 1);
      }
      this.#wake();
    };
    socket.onerror = () => {};
    return response;
  }
}

/** Fills a message with what people see; says what Slack would not take. */
function fill(
  message: SlackPosted,
  { text, blocks = "[]" }: { readonly text: string; readonly blocks: string | undefined },
): string | undefined {
  const list: unknown = JSON.parse(blocks);
  if (!Array.isArray(list) || list.length > 50) return "no more than 50 items allowed [json-pointer:/blocks]";
  const lines: string[] = [];
  const buttons: SlackButton[] = [];
  for (const block of list) {
    if (block.type === "section" || block.type === "context") {
      const texts = block.type === "section" ? [block.text] : block.elements;
      if (texts.length > 10) return "no more than 10 items allowed";
      for (const { type, text } of texts) {
        if (type !== "mrkdwn" || text.length < 1) return "must be more than 0 characters";
        if (text.length > 3000) return "must be less than 3001 characters [json-pointer:/blocks/text/text]";
        lines.push(visible(text));
      }
    } else if (block.type === "actions") {
      if (block.elements.length < 1 || block.elements.length > 25) return "no more than 25 items allowed";
      for (const { type, text, value, action_id: actionId, style } of block.elements) {
        if (type !== "button" || text.type !== "plain_text" || text.text.length > 75) return "no such button";
        if (value.length > 2000 || actionId.length > 255) return "value or action_id too long";
        if (buttons.some((each) => each.actionId === actionId)) return "`action_id` already exists";
        buttons.push({ label: text.text, value, actionId, style, message });
      }
    } else return `unsupported type: ${block.type}`;
  }
  if (lines.join("").length > 13_200) return "msg_blocks_too_long";
  message.notification = visible(text);
  message.text = blocks === "[]" ? visible(text) : lines.join("\n");
  message.buttons = buttons;
  return undefined;
}

/** What people read of escaped text. */
function visible(text: string): string {
  // Links, and calls of people: what samocode shows has none.
  assert.doesNotMatch(text, /[<>]|&(?!(?:amp|lt|gt);)/, `not escaped: ${text}`);
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
