/**
 * ntfy's own server, and a phone that follows a topic on it.
 *
 * @module
 */
import { TempFolder } from "./temp_folder.ts";
import { ntfyProgram } from "../../tools/ntfy.ts";

/**
 * Registers a test that needs the server, or an ignored one whose name says that it is missing. Not every machine can have
 * it, so that is no failure where clients are required.
 */
export function ntfyTest(name: string, run: () => Promise<void>): void {
  if (findNtfy() !== undefined) return Deno.test(name, run);
  Deno.test({ name: `${name} (skipped: ntfy not found; deno task clients, on Debian)`, ignore: true, fn: () => {} });
}

function findNtfy(): string | undefined {
  const program = ntfyProgram(Deno.env.toObject());
  try {
    return program !== undefined && Deno.statSync(program).isFile ? program : undefined;
  } catch {
    return undefined;
  }
}

/** A message as the phone gets it. */
export interface PhoneMessage {
  readonly id: string;
  readonly title?: string;
  readonly message: string;
  readonly priority?: number;
  readonly actions?: readonly {
    readonly label: string;
    readonly url: string;
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string;
    readonly clear: boolean;
  }[];
  readonly attachment?: { readonly name: string; readonly url: string };
}

/** The server, with the topics `work` and `work-reply` and who may use them. */
export class RealNtfy implements AsyncDisposable {
  readonly url: string;
  /** Of the user who may read and write both topics. */
  token = "";
  /** Of the user who may only write `work-reply`. */
  replyToken = "";
  readonly #folder = new TempFolder();
  readonly #program = findNtfy() ?? "ntfy";
  #process: Deno.ChildProcess | undefined;

  private constructor(takesFiles: boolean) {
    using free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const address = `127.0.0.1:${free.addr.port}`;
    this.url = `http://${address}`;
    this.#folder.file(
      "server.yml",
      [
        `base-url: ${this.url}`,
        `listen-http: ${address}`,
        `cache-file: ${this.#folder.at("cache.db")}`,
        `auth-file: ${this.#folder.at("user.db")}`,
        "auth-default-access: deny-all",
        "visitor-request-limit-burst: 1000",
        ...(takesFiles ? [`attachment-cache-dir: ${this.#folder.folder("files")}`] : []),
      ].join("\n"),
    );
  }

  /** Starts it with both topics protected. */
  static async start({ takesFiles = true } = {}): Promise<RealNtfy> {
    const server = new RealNtfy(takesFiles);
    await server.up();
    for (const name of ["ada", "phone"]) server.run("user", "add", name);
    server.run("access", "ada", "work*", "rw");
    server.run("access", "phone", "work-reply", "wo");
    const tokenOf = (name: string): string => /tk_\w+/.exec(server.run("token", "add", name))?.[0] ?? "";
    server.token = tokenOf("ada");
    server.replyToken = tokenOf("phone");
    return server;
  }

  /** Lets it run. */
  async up(): Promise<void> {
    const args = ["serve", "--config", this.#folder.at("server.yml")];
    const process = new Deno.Command(this.#program, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
    this.#process = process;
    let isOver = false;
    process.status.then(() => isOver = true);
    while (!(await this.#answers())) {
      if (isOver) throw new Error("ntfy does not start");
      await new Promise((wake) => setTimeout(wake, 5));
    }
  }

  async #answers(): Promise<boolean> {
    try {
      return (await (await fetch(`${this.url}/v1/health`)).json()).healthy;
    } catch {
      return false;
    }
  }

  /** Ends it, and keeps all that it has on disk. */
  async down(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#process?.status;
    this.#process = undefined;
  }

  /** Runs a command of its administrator. */
  run(command: string, ...args: readonly string[]): string {
    const { code, stdout, stderr } = new Deno.Command(this.#program, {
      args: [command, "--config", this.#folder.at("server.yml"), ...args],
      env: { NTFY_PASSWORD: "a-long-password" },
    }).outputSync();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    if (code !== 0) throw new Error(said);
    return said;
  }

  /** All messages of a topic that the server keeps. */
  async messages(topic = "work"): Promise<readonly PhoneMessage[]> {
    const headers = { authorization: `Bearer ${this.token}` };
    const response = await fetch(`${this.url}/${topic}/json?poll=1`, { headers });
    return (await response.text()).trim().split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  /** Taps a button as the phone's app does. */
  async tap({ actions = [] }: PhoneMessage, label: string): Promise<number> {
    const action = actions.find((each) => each.label === label);
    if (action === undefined) throw new Error(`there is no button ${label}`);
    const { url, method = "POST", headers = {}, body = "" } = action;
    const response = await fetch(url, { method, headers, body });
    await response.body?.cancel();
    return response.status;
  }

  /** Writes to the reply topic, as the person does. */
  async write(text: string, token = this.token): Promise<number> {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${this.url}/work-reply`, { method: "POST", headers, body: text });
    await response.body?.cancel();
    return response.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
    this.#folder[Symbol.dispose]();
  }
}
