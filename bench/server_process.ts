/**
 * An MCP server in a process of its own, and the least of a client: one request at a time, one line each.
 *
 * @module
 */

/** How a server is started. */
export interface ServerProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The answer to a request, and how long it took. */
export interface Answer {
  /** The whole line, as it came. */
  readonly line: string;
  readonly ms: number;
}

/** A server that runs until it is disposed. */
export class ServerProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  readonly #stderr: Promise<string>;
  #rest = "";
  #id = 0;

  constructor({ command, args, cwd, env }: ServerProcessOptions) {
    this.#child = new Deno.Command(command, {
      args: [...args],
      cwd,
      clearEnv: true,
      env: { ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#output = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#stderr = new Response(this.#child.stderr).text();
  }

  /** Sends a request and waits for its answer. */
  async request(method: string, params: Readonly<Record<string, unknown>>): Promise<Answer> {
    const begun = performance.now();
    const id = ++this.#id;
    await this.#send({ id, method, params });
    const line = await this.#line();
    const ms = performance.now() - begun;
    const { id: answered, result } = JSON.parse(line);
    if (answered === id && result !== undefined && result.isError !== true) return { line, ms };
    throw new Error(`${method} was answered with ${line}`);
  }

  /** Shakes hands, as the protocol was until 2025. */
  async initialize(): Promise<void> {
    const clientInfo = { name: "bench", version: "1.0" };
    await this.request("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
    await this.#send({ method: "notifications/initialized" });
  }

  /** Goes away as a client does, and waits until the server has gone, too. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {});
    while (!(await this.#output.read()).done);
    await this.#child.status;
    await this.#stderr;
  }

  async #send(message: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`));
  }

  async #line(): Promise<string> {
    while (!this.#rest.includes("\n")) {
      const { value, done } = await this.#output.read();
      if (done) throw new Error(`the server is gone: ${await this.#stderr}`);
      this.#rest += value;
    }
    const end = this.#rest.indexOf("\n");
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return line;
  }
}
