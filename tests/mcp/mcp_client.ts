/**
 * A client of the real server in a process of its own, written against the wire: it sees every byte of standard output.
 *
 * @module
 */
import { join } from "node:path";
import { readEventLine } from "../../src/workflow/event_line.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";
import { ownEnvironment } from "../helpers/own_environment.ts";
import { programUnderTest } from "../helpers/program_under_test.ts";
import { markedProcesses, TempProject } from "../helpers/temp_project.ts";

const MODERN = "2026-07-28";
const LEGACY = "2025-06-18";

/** A value that came over the wire. */
// deno-lint-ignore no-explicit-any -- tests look into whatever a server sends, and fail where it is not there
export type Wire = any;

/** What kind of client it is. */
export interface ClientOptions {
  readonly era?: "modern" | "legacy";
  /** The protocol of a client of the legacy era. */
  readonly version?: string;
  readonly name?: string;
  readonly clientVersion?: string;
  readonly capabilities?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** What starts the program: a command and its first arguments. */
  readonly through?: readonly string[];
  readonly workingDirectory?: string;
  /** A module that Deno loads before the program. */
  readonly preload?: string;
  /** Answers what the server asks, as a person in a form does. */
  readonly onRequest?: (method: string, params: Wire) => unknown;
}

/** The client, its server, and the server's process. */
export class McpClient implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #options: ClientOptions;
  readonly #waiting = new Map<number, (message: Wire) => void>();
  readonly #reading: Promise<void>;
  #id = 0;
  #closed = false;
  #gone = false;
  /** Every line of standard output. */
  readonly lines: string[] = [];
  readonly notifications: Wire[] = [];
  readonly stderr: Promise<string>;

  private constructor(project: TempProject, options: ClientOptions) {
    this.#options = options;
    const preload = options.preload === undefined ? [] : ["--preload", options.preload];
    const program = programUnderTest(preload);
    const [command = program[0], ...args] = [...(options.through ?? []), ...program];
    this.#child = new Deno.Command(command, {
      args: [...args, "mcp", ...(options.args ?? [])],
      cwd: options.workingDirectory ?? project.root,
      clearEnv: true,
      env: { ...environmentOf(project), ...options.env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#reading = this.#read();
    this.stderr = new Response(this.#child.stderr).text();
  }

  /** Starts a server and shakes hands with it, where its era does. */
  static async connect(project: TempProject, options: ClientOptions = {}): Promise<McpClient> {
    const client = new McpClient(project, options);
    if (options.era === "legacy") {
      await client.request("initialize", {
        protocolVersion: options.version ?? LEGACY,
        capabilities: options.capabilities ?? {},
        clientInfo: { name: options.name ?? "tester", version: options.clientVersion ?? "1.0" },
      });
      await client.send({ jsonrpc: "2.0", method: "notifications/initialized" });
    }
    return client;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Sends a request and resolves to the whole response, result or error. */
  async request(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<Wire> {
    const id = ++this.#id;
    const response = new Promise<Wire>((resolve) => this.#waiting.set(id, resolve));
    if (this.#gone) throw new Error(`the server is gone: ${await this.stderr}`);
    await this.send({ jsonrpc: "2.0", id, method, params: this.#withEnvelope(params) });
    return await response;
  }

  /** The result of a request that must not fail. */
  async result(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<Wire> {
    const { result, error } = await this.request(method, params);
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  /** Calls a tool; as a client does, it answers what the server asks first and calls again. */
  async call(name: string, args: Readonly<Record<string, unknown>> = {}, meta: object = {}): Promise<Wire> {
    const result = await this.result("tools/call", { name, arguments: args, _meta: meta });
    if (result.resultType !== "input_required") return result;
    const inputResponses = Object.fromEntries(
      Object.entries<Wire>(result.inputRequests).map(([key, { method, params }]) => [
        key,
        this.#options.onRequest?.(method, params),
      ]),
    );
    return await this.result("tools/call", { name, arguments: args, _meta: meta, inputResponses });
  }

  /** Calls a tool that must answer with a status. */
  async status(name: string, args: Readonly<Record<string, unknown>> = {}): Promise<Wire> {
    const result = await this.call(name, args);
    if (result.isError || result.structuredContent === undefined) throw new Error(JSON.stringify(result));
    return result.structuredContent;
  }

  /** Calls a tool that must refuse, and gives its words. */
  async refusal(name: string, args: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const result = await this.call(name, args);
    if (!result.isError || result.structuredContent !== undefined) throw new Error(JSON.stringify(result));
    return result.content[0].text;
  }

  /** Sends a message as it is. */
  async send(message: object): Promise<void> {
    await this.sendText(JSON.stringify(message) + "\n");
  }

  /** Sends whatever it is. */
  async sendText(text: string): Promise<void> {
    await this.sendBytes(new TextEncoder().encode(text));
  }

  /** Sends bytes, which may end in the middle of a line. */
  async sendBytes(bytes: Uint8Array): Promise<void> {
    await this.#input.write(bytes);
  }

  /** Waits until something has come. */
  async until(hasCome: () => boolean): Promise<void> {
    while (!hasCome() && !this.#gone) await new Promise((wake) => setTimeout(wake, 10));
  }

  /** The id of the last request, to cancel it. */
  get lastId(): number {
    return this.#id;
  }

  /** Ends the server from outside, its standard input still open. */
  async kill(signal: Deno.Signal): Promise<Deno.CommandStatus> {
    this.#child.kill(signal);
    const status = await this.#child.status;
    await this.close();
    return status;
  }

  /** Goes away as clients do, by closing the server's standard input. */
  async close(): Promise<Deno.CommandStatus> {
    if (!this.#closed) await this.#input.close().catch(() => {});
    this.#closed = true;
    await this.#reading;
    return await this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await this.stderr;
  }

  #withEnvelope(params: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    if (this.#options.era === "legacy") return params;
    const { _meta: meta } = params;
    return {
      ...params,
      _meta: {
        ...(typeof meta === "object" ? meta : {}),
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": {
          name: this.#options.name ?? "tester",
          version: this.#options.clientVersion ?? "1.0",
        },
        "io.modelcontextprotocol/clientCapabilities": this.#options.capabilities ?? {},
      },
    };
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#take(line);
    }
    if (rest !== "") this.lines.push(rest);
    this.#gone = true;
    for (const resolve of this.#waiting.values()) resolve({ error: { message: "the server is gone" } });
  }

  #take(line: string): void {
    this.lines.push(line);
    let message: Wire;
    try {
      message = JSON.parse(line);
    } catch {
      return;
    }
    if (message.id !== undefined && message.method !== undefined) {
      const result = this.#options.onRequest?.(message.method, message.params);
      void this.send({ jsonrpc: "2.0", id: message.id, result });
    } else if (message.id !== undefined) {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    } else {
      this.notifications.push(message);
    }
  }
}

/** A project whose sessions run on their own, and are ended with it. */
export class McpProject extends TempProject {
  override [Symbol.dispose](): void {
    for (const pid of this.workers()) kill(pid);
    for (const pid of markedProcesses(this.allEvents())) kill(pid);
    super[Symbol.dispose]();
  }

  /** The living workers of all sessions. */
  workers(): readonly number[] {
    const isWorker = (pid: number): boolean => commandOf(pid).includes(`--config\0${join(this.root, ".samocode")}`);
    const found = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) =>
      Number.isInteger(pid) && isWorker(pid)
    );
    // A child that is only just becoming another program still looks like its parent, or did a moment ago.
    return found.filter((pid) => !found.includes(parentOf(pid)) && isWorker(pid));
  }

  /** The events of all sessions. */
  allEvents(): readonly RecordedEvent[] {
    return [...Deno.readDirSync(join(this.root, "sessions"))].flatMap(({ name }) => {
      const journal = join(this.root, "sessions", name, "_journal.jsonl");
      try {
        return Deno.readTextFileSync(journal).split("\n").flatMap((line) => readEventLine(line) ?? []);
      } catch {
        return [];
      }
    });
  }

  /** An agent that works until it is ended, in place of Claude Code. */
  endlessAgent(): Readonly<Record<string, string>> {
    const path = join(this.root, "endless.sh");
    Deno.writeTextFileSync(path, "#!/bin/sh\nexec sleep 300\n", { mode: 0o755 });
    return { SAMOCODE_PROVIDER: "claude", CLAUDE_PATH: path };
  }

  /** Resolves when an iteration of the newest run is under way. */
  async untilAtWork(): Promise<void> {
    await this.until((events) => {
      const last = (wanted: string) => events.findLastIndex(({ type }) => type === wanted);
      return last("iteration.started") > last("session.started");
    });
  }
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]);
  } catch {
    return 0;
  }
}

function commandOf(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`);
  } catch {
    return "";
  }
}

/** The environment of a server. */
export function environmentOf(project: TempProject): Readonly<Record<string, string>> {
  return {
    ...ownEnvironment(project.root),
    HOME: join(project.root, "home"),
    SAMOCODE_PROVIDER: "demo",
    SAMOCODE_DEMO_PACE: "0",
  };
}
