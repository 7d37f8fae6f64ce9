/**
 * `samocode view` in a process of its own, and a browser of it that sends exactly what it is told.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import type { ActAnswer, Failure, SessionFacts, StreamEvents } from "../../src/view/contract.ts";
import type { TempProject } from "./temp_project.ts";

/** One message of a stream. */
export type Message = {
  [Name in keyof StreamEvents]: { readonly id: string; readonly event: Name; readonly data: StreamEvents[Name] };
}[keyof StreamEvents];

/** The server's process, which is ended when it is disposed. */
export class ViewServer implements AsyncDisposable {
  readonly origin: string;
  /** What it printed first. */
  readonly url: string;
  readonly #child: Deno.ChildProcess;
  readonly #said: Promise<string>;

  private constructor(child: Deno.ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
    this.origin = new URL(url).origin;
    this.#said = new Response(child.stderr).text();
  }

  static async start(project: Pick<TempProject, "start">, args: readonly string[] = [], env = {}): Promise<ViewServer> {
    const child = project.start(["view", ...args], env);
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`view ended: ${await new Response(child.stderr).text()}`);
      text += value;
    }
    void reader.cancel();
    return new ViewServer(child, text.trim());
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Opens the printed address as a browser does. */
  async open(url = this.url): Promise<Browser> {
    const entered = await fetch(url, { redirect: "manual" });
    await entered.body?.cancel();
    const [cookie = ""] = (entered.headers.get("set-cookie") ?? "").split(";");
    const [, code = ""] = (entered.headers.get("location") ?? "").split("#code=");
    const browser = new Browser(this.origin, cookie, "");
    return new Browser(this.origin, cookie, code === "" ? "" : await browser.keyFor(code));
  }

  /** Ends it by a signal; returns its exit code and what it said. */
  async end(signal: Deno.Signal = "SIGINT"): Promise<{ readonly code: number; readonly said: string }> {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended.
    }
    const { code } = await this.#child.status;
    return { code, said: await this.#said };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
  }
}

/** A browser that was let in. */
export class Browser {
  readonly origin: string;
  readonly cookie: string;
  readonly key: string;

  constructor(origin: string, cookie: string, key: string) {
    this.origin = origin;
    this.cookie = cookie;
    this.key = key;
  }

  /** Asks for a path. */
  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const own = { cookie: this.cookie, "x-samocode-key": this.key, "sec-fetch-site": "same-origin" };
    return await ask(`${this.origin}${path}`, { headers: { ...own, ...headers }, redirect: "manual" });
  }

  /** The same, as JSON. */
  async json<T>(path: string): Promise<T> {
    const response = await this.get(path);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return await response.json();
  }

  /** The only session. */
  async session(): Promise<SessionFacts> {
    const { rows: [row] } = await this.json<StreamEvents["sessions"]>("/api/sessions");
    return await this.json(`/api/sessions/${row?.key}`);
  }

  /** Posts a body. */
  async post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const own = {
      cookie: this.cookie,
      "x-samocode-key": this.key,
      origin: this.origin,
      "sec-fetch-site": "same-origin",
      "content-type": "application/json",
    };
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return await ask(`${this.origin}${path}`, { method: "POST", headers: { ...own, ...headers }, body: text });
  }

  /** Lets a key act for a code; empty if the code is worth none. */
  async keyFor(code: string, key = randomBytes(32).toString("hex")): Promise<string> {
    const answer = await this.post("/api/key", "", { "x-samocode-code": code, "x-samocode-key": key });
    await answer.body?.cancel();
    return answer.ok ? key : "";
  }

  /** Acts on a session. */
  async act(key: string, act: object): Promise<{ readonly status: number; readonly answer: ActAnswer & Failure }> {
    const response = await this.post(`/api/sessions/${key}/acts`, act);
    return { status: response.status, answer: await response.json() };
  }

  /** Hears the stream until the loop over it ends, a minute at most. */
  async *hear(watch = "", headers: Readonly<Record<string, string>> = {}): AsyncGenerator<Message> {
    const response = await this.get(`/api/stream?watch=${watch}`, headers);
    const late = performance.now() + 60_000;
    let text = "";
    // A heartbeat comes at least every 15 s.
    for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      if (performance.now() > late) return;
      const messages = (text + part).split("\n\n");
      text = messages.pop() ?? "";
      for (const message of messages) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(message)?.[1] ?? "";
        if (field("event") === "") continue;
        yield { id: field("id"), event: field("event"), data: JSON.parse(field("data")) } as Message;
      }
    }
  }
}

/** Fetches, and reads the answer unless it is a stream: what nobody reads would hold its connection. */
export async function ask(
  url: string,
  init: RequestInit & { readonly client?: Deno.HttpClient } = {},
): Promise<Response> {
  const { body, status, headers } = await fetch(url, init);
  if (headers.get("content-type") === "text/event-stream") return new Response(body, { status, headers });
  return new Response(await new Response(body).arrayBuffer(), { status, headers });
}
