/**
 * A fleet for the tests of its workers: a database of its own, a bare repository, machines that are folders with a home,
 * and sessions of the demo that are submitted and decided on by rows.
 *
 * @module
 */
import { join } from "node:path";
import type { Act, ActOutcome, FleetRequest } from "../../src/fleet/contract.ts";
import { Engine } from "../../src/fleet/engine.ts";
import { initFleet } from "../../src/fleet/init_fleet.ts";
import { readEventLine } from "../../src/workflow/event_line.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";
import type { TestPostgres } from "./postgres.ts";
import { ownEnvironment } from "./own_environment.ts";
import { programUnderTest } from "./program_under_test.ts";
import { makeTempFolder } from "./temp_folder.ts";

/** A session's row. */
export interface StageRow {
  readonly state: string;
  readonly detail: string;
  readonly epoch: number;
  readonly holder: string | null;
}

const LOOK_MS = 50;
const PATIENCE_MS = 90_000;

/** A fleet, until it is disposed. */
export class WorkerStage implements AsyncDisposable {
  readonly root: string;
  readonly engine: Engine;
  readonly #env: Readonly<Record<string, string>>;
  readonly #workers: StageWorker[] = [];

  private constructor(root: string, { engine, env }: {
    readonly engine: Engine;
    readonly env: Readonly<Record<string, string>>;
  }) {
    this.root = root;
    this.engine = engine;
    this.#env = env;
  }

  /** Sets it up. */
  static async open(postgres: TestPostgres): Promise<WorkerStage> {
    const root = makeTempFolder();
    const { url } = await postgres.database();
    const env = {
      ...ownEnvironment(root),
      LANG: "C.UTF-8",
      TERM: "dumb",
      SAMOCODE_PROVIDER: "demo",
      SAMOCODE_DEMO_PACE: "0",
      SAMOCODE_GUARD: "off",
      SAMOCODE_FLEET: url,
    };
    await initFleet(env);
    const stage = new WorkerStage(root, { engine: await Engine.open(env, { use: "person" }), env });
    stage.#makeOrigin();
    await stage.engine.query("insert into samocode.account (name, max_sessions) values ('default', 20)");
    await stage.engine.query("insert into samocode.project (name, repository) values ('tally', $1)", [stage.origin]);
    return stage;
  }

  get origin(): string {
    return join(this.root, "origin.git");
  }

  /** The environment of a machine. */
  env(machine: string, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
    const home = join(this.root, machine);
    Deno.mkdirSync(home, { recursive: true });
    return { ...this.#env, HOME: home, ...more };
  }

  /** Starts a worker. */
  work(
    machine: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): StageWorker {
    const worker = new StageWorker(
      ["worker", ...(args.includes("--name") ? [] : ["--name", machine]), ...args],
      this.env(machine, env),
    );
    this.#workers.push(worker);
    return worker;
  }

  /** Submits a session; returns its row's id. */
  async submit(name: string, request: Partial<FleetRequest> = {}): Promise<string> {
    const { rows: [row] } = await this.engine.query(
      `insert into samocode.session (project, name, request, by)
       select id, $1, $2, 'me' from samocode.project returning id::text`,
      [name, JSON.stringify({ task: "Add a --top N option", settings: {}, ...request })],
    );
    return String(row?.["id"]);
  }

  /** Decides something, as a door does; resolves with what came of it. */
  async act(id: string, act: Act): Promise<ActOutcome> {
    const { rows: [row] } = await this.engine.query(
      "insert into samocode.act (session, act, by) values ($1, $2, 'me') returning id::text",
      [id, JSON.stringify(act)],
    );
    await this.engine.query(
      "update samocode.session set wanted = wanted or state <> 'running', not_before = null where id = $1",
      [id],
    );
    await this.engine.query("select pg_notify('samocode_wanted', $1)", [id]);
    return await this.#until(async () => {
      const { rows: [found] } = await this.engine.query("select outcome from samocode.act where id = $1", [
        row?.["id"],
      ]);
      const outcome = found?.["outcome"];
      return isOutcome(outcome) ? outcome : undefined;
    }, `what comes of ${act.verb}`);
  }

  async row(id: string): Promise<StageRow> {
    const { rows: [row = {}] } = await this.engine.query(
      "select state, detail, epoch, holder from samocode.session where id = $1",
      [id],
    );
    const { state, detail, epoch, holder } = row;
    return {
      state: String(state),
      detail: String(detail),
      epoch: Number(epoch),
      holder: holder === null ? null : String(holder),
    };
  }

  /** Resolves when the session rests so. */
  async untilState(id: string, ...states: readonly string[]): Promise<StageRow> {
    return await this.#until(async () => {
      const row = await this.row(id);
      return states.includes(row.state) ? row : undefined;
    }, `${states.join(" or ")}`);
  }

  /** Resolves when the session's row says so. */
  async untilDetail(id: string, detail: RegExp): Promise<StageRow> {
    return await this.#until(async () => {
      const row = await this.row(id);
      return detail.test(row.detail) ? row : undefined;
    }, String(detail));
  }

  /** Runs another command of the program on a machine. */
  async type(machine: string, args: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
    const program = new StageWorker(args, this.env(machine));
    const code = await program.ended();
    return { code, said: program.said() };
  }

  /** The events that the engine has, and whether there is a gap or a double. */
  async events(id: string): Promise<readonly RecordedEvent[]> {
    const { rows } = await this.engine.query("select line from samocode.journal where session = $1 order by seq", [id]);
    return rows.flatMap(({ line }) => readEventLine(String(line)) ?? []);
  }

  /** Resolves once the engine has such an event. */
  async untilEvent(id: string, isIt: (event: RecordedEvent) => boolean): Promise<RecordedEvent> {
    return await this.#until(async () => (await this.events(id)).find(isIt), "an event");
  }

  /** What the session waits for: the hash that was shown. */
  async shown(id: string): Promise<string> {
    const reached = (await this.events(id)).findLast((event) => event.type === "gate.reached");
    return reached?.type === "gate.reached" ? reached.sha256 ?? "" : "";
  }

  git(...args: readonly string[]): string {
    const { success, stdout, stderr } = new Deno.Command("git", { args: [...args], cwd: this.root, env: this.#env })
      .outputSync();
    if (!success) throw new Error(`git ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout).trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.kill()));
    await this.engine[Symbol.asyncDispose]();
    for (let tries = 0; tries < 20; tries++) {
      try {
        return Deno.removeSync(this.root, { recursive: true });
      } catch {
        // A process that ends may still write.
      }
    }
  }

  /** Waits until a worker has said something. */
  async untilSaid(worker: { readonly said: () => string }, text: string): Promise<void> {
    await this.#until(() => Promise.resolve(worker.said().includes(text) || undefined), `"${text}"`);
  }

  #makeOrigin(): void {
    this.git("init", "--quiet", "--initial-branch=main", "first");
    Deno.writeTextFileSync(join(this.root, "first", "README.md"), "# tally\n");
    this.git("-C", "first", "add", "--all");
    this.git("-C", "first", "commit", "--quiet", "--message=Begin");
    this.git("clone", "--quiet", "--bare", "first", "origin.git");
  }

  async #until<Found>(look: () => Promise<Found | undefined>, what: string): Promise<Found> {
    const deadline = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline) {
      const found = await look();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    throw new Error(
      `Waited in vain for ${what}; the workers said:\n${this.#workers.map(({ said }) => said()).join("\n")}`,
    );
  }
}

function isOutcome(value: unknown): value is ActOutcome {
  return typeof value === "object" && value !== null && "ok" in value;
}

/** A worker of the real program. */
export class StageWorker {
  readonly process: Deno.ChildProcess;
  readonly said: () => string;
  readonly #read: Promise<unknown>;

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    const [command, ...before] = programUnderTest();
    this.process = new Deno.Command(command, {
      args: [...before, ...args],
      cwd: env["HOME"] ?? "/",
      clearEnv: true,
      env: { ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let said = "";
    const read = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) said += text;
    };
    this.#read = Promise.all([read(this.process.stdout), read(this.process.stderr)]);
    this.said = () => said;
  }

  /** Asks it to drain and waits for its end. */
  async drain(): Promise<number> {
    this.process.kill("SIGTERM");
    return await this.ended();
  }

  /** Waits for its end. */
  async ended(): Promise<number> {
    const { code } = await this.process.status;
    await this.#read;
    return code;
  }

  /** Kills it, unless it has ended. */
  async kill(): Promise<void> {
    try {
      this.process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.ended();
  }
}
