/**
 * A fleet on one computer: a real PostgreSQL over TLS, a bare repository as the remote, simulated machines with their
 * own homes, cables and processes, and a person on another machine who only submits and decides.
 *
 * @module
 */
import { join } from "node:path";
import type { Act } from "../../src/fleet/contract.ts";
import { skippedForClient } from "../../tools/skipped_test.ts";
import { isRecord, parse } from "../../tools/storm/records.ts";
import { viewTrust } from "../../src/operations/trust_project.ts";
import { Cable } from "./cable.ts";
import { Machine, type MachineProcess, seenProcesses, send } from "./fleet_machine.ts";
import { POSTGRES, TestPostgres } from "./postgres.ts";
import { ROOT } from "./program_under_test.ts";
import { makeTempFolder } from "./temp_folder.ts";

/** The project of all sessions of a stage. */
export const PROJECT = "tally";

const TASK = "Add a --top N option to tally, so that it prints only the N most frequent words";

/** Longer than any session takes to come to rest, however often it is taken over. */
const PATIENCE_MS = 180_000;
const LOOK_MS = 250;

/** A session, from its row. */
export interface FleetSession {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly detail: string;
  readonly epoch: number;
  /** The name of the worker that drives it. */
  readonly holder: string | undefined;
  readonly lines: number;
  /** The last gate that it reached, with the hash of what was shown. */
  readonly gate: { readonly name: string; readonly sha256: string | undefined; readonly seq: number } | undefined;
}

/** Options of a stage. */
export interface StageOptions {
  /** The names of the machines with workers. */
  readonly machines: readonly string[];
  /** Environment variables for all machines. */
  readonly env?: Readonly<Record<string, string>>;
  readonly program?: readonly [string, ...string[]] | undefined;
  /** How many sessions each account may run at once. */
  readonly limits?: Readonly<Record<string, number>>;
}

/** Defines a test that needs Linux and PostgreSQL, or an ignored one whose name says what is missing. */
export function fleetTestDefinition(name: string, fn: () => Promise<void>): Deno.TestDefinition {
  if (Deno.build.os !== "linux") return { name: `${name} (skipped: not Linux)`, ignore: true, fn: () => {} };
  if (POSTGRES === undefined) return { name: skippedForClient(name, "PostgreSQL"), ignore: true, fn: () => {} };
  return { name, fn };
}

interface Parts {
  readonly root: string;
  readonly mark: string;
  readonly postgres: TestPostgres;
  readonly database: string;
  readonly limits: ReadonlyMap<string, number>;
  readonly env: Readonly<Record<string, string>>;
  readonly program: readonly [string, ...string[]] | undefined;
}

/** A fleet on one computer. */
export class FleetStage implements AsyncDisposable {
  readonly root: string;
  readonly postgres: TestPostgres;
  readonly machines: readonly Machine[];
  /** The machine of the person who submits and decides; it has no worker. */
  readonly person: Machine;
  /** How many sessions each account may run at once. */
  readonly limits: ReadonlyMap<string, number>;
  readonly #parts: Parts;
  readonly #cables: Cable[] = [];

  private constructor(parts: Parts, machines: readonly string[]) {
    this.#parts = parts;
    ({ root: this.root, postgres: this.postgres, limits: this.limits } = parts);
    this.machines = machines.map((name) => this.#machine(name, "machine"));
    this.person = this.#machine("person", "person");
  }

  /** Opens a stage without starting any worker. */
  static async open({ machines, env = {}, program, limits = {} }: StageOptions): Promise<FleetStage> {
    const root = makeTempFolder();
    const postgres = await TestPostgres.start();
    const { name: database } = await postgres.database();
    const allowed = new Map(Object.entries(limits));
    const mark = crypto.randomUUID();
    const stage = new FleetStage({ root, mark, postgres, database, limits: allowed, env, program }, machines);
    await stage.#set();
    return stage;
  }

  /** The remote's path on this disk. */
  get origin(): string {
    return join(this.root, `${PROJECT}.git`);
  }

  /** The remote's address for machines, which leads through their cables. */
  get repository(): string {
    return `ssh://git@origin.test${this.origin}`;
  }

  /**
   * Creates a project of the person, with a clone of the remote.
   *
   * @returns Its folder.
   */
  personsProject(settings: Readonly<Record<string, string>> = {}): string {
    const folder = join(this.person.home, "project");
    for (const name of ["worktrees", "sessions"]) Deno.mkdirSync(join(folder, name), { recursive: true });
    const lines = Object.entries({ MAIN_REPO: "tally", WORKTREES: "worktrees", SESSIONS: "sessions", ...settings });
    const text = lines.map(([name, value]) => `${name}=${value}\n`).join("");
    Deno.writeTextFileSync(join(folder, ".samocode"), text);
    const repo = join(folder, PROJECT);
    git(folder, "clone", "--quiet", "--template=", this.origin, repo);
    git(repo, "remote", "set-url", "origin", this.repository);
    viewTrust({ env: this.person.env, workingDirectory: folder, config: undefined }).trust();
    return folder;
  }

  /** A machine by its name. */
  machine(name: string): Machine {
    const found = this.machines.find((machine) => machine.name === name);
    if (found === undefined) throw new Error(`there is no machine ${name}`);
    return found;
  }

  /** Starts the worker of a machine. */
  work(
    name: string,
    { slots = 4, more = [] }: { readonly slots?: number; readonly more?: readonly string[] } = {},
  ): MachineProcess {
    return this.machine(name).start(["worker", "--name", name, "--slots", String(slots), ...more]);
  }

  /** Submits a session with the demo's task. */
  async submit(session: string, more: readonly string[] = []): Promise<void> {
    const where = ["--project", PROJECT, "--repo", this.repository];
    await this.person.must(["submit", "--session", session, ...where, "--task", TASK, "--provider", "demo", ...more]);
  }

  /** Decides what the session waits for, with the commands on the person's machine. */
  async decide(session: FleetSession): Promise<void> {
    if (session.gate?.name === "qa_answers") {
      await this.person.must(["answer", session.name, "--accept-suggestions", "--fleet"]);
      return;
    }
    await this.person.must(["approve", session.name, "--sha256", session.gate?.sha256 ?? "", "--fleet"]);
  }

  /** Decides by inserting rows, so that a storm need not start a program for each decision. */
  async decideByRow({ id, gate }: FleetSession): Promise<void> {
    const act: Act = gate?.name === "qa_answers"
      ? { verb: "answer", answers: {}, acceptSuggestions: true, sha256: gate.sha256 }
      : { verb: "approve", sha256: gate?.sha256 ?? "", label: undefined };
    await this.sql(`insert into samocode.act (session, act, by) values ('${id}', '${JSON.stringify(act)}', 'a storm');
      update samocode.session set wanted = true where id = '${id}'`);
  }

  /** All sessions, oldest first. Waits while the engine is down. */
  async sessions(): Promise<readonly FleetSession[]> {
    const rows = await this.rows(`select s.id, s.name, s.state, s.detail, s.epoch, s.holder, s.lines, (
      select line::json from samocode.journal j where j.session = s.id and j.type = 'gate.reached' order by seq desc limit 1
    ) as gate from samocode.session s order by s.created_at, s.name`);
    return rows.map(({ id, name, state, detail, epoch, holder, lines, gate }) => ({
      ...{ id: String(id), name: String(name), state: String(state), detail: String(detail) },
      ...{ epoch: Number(epoch), lines: Number(lines), holder: typeof holder === "string" ? holder : undefined },
      gate: isRecord(gate)
        ? {
          ...{ name: String(gate["gate"]), seq: Number(gate["seq"]) },
          sha256: typeof gate["sha256"] === "string" ? gate["sha256"] : undefined,
        }
        : undefined,
    }));
  }

  /** One session, by its name. */
  async session(name: string): Promise<FleetSession> {
    const found = (await this.sessions()).find((session) => session.name === name);
    if (found === undefined) throw new Error(`there is no session ${name}`);
    return found;
  }

  /** Resolves once a session meets the condition. */
  async until(name: string, isWanted: (session: FleetSession) => boolean): Promise<FleetSession> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const session = await this.session(name);
      if (isWanted(session)) return session;
      if (performance.now() > deadline) {
        throw new Error(`${name} is ${session.state}: ${session.detail}\n${this.told()}`);
      }
      await pause(LOOK_MS);
    }
  }

  /** Output of all workers and commands on all machines, for failure messages. */
  told(): string {
    return [...this.machines, this.person].map((machine) => `== ${machine.name}\n${machine.told()}`).join("\n");
  }

  /** Runs a query with psql rather than samocode's own code. Waits while the engine is down. */
  async rows(query: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        const text = await this.sql(`select row_to_json(found) from (${query}) as found`);
        return text === "" ? [] : text.split("\n").map((line) => parse(line) ?? {});
      } catch (error) {
        if (!isOutage(error) || performance.now() > deadline) throw error;
        await pause(LOOK_MS);
      }
    }
  }

  /** Runs statements as the engine's owner. */
  async sql(text: string): Promise<string> {
    return await this.postgres.sql(text, { database: this.#parts.database });
  }

  /** Runs git in the remote. */
  git(...args: readonly string[]): string {
    return git(this.origin, ...args);
  }

  /** The file of commits made on all machines, one per line: machine, marker, commit. */
  get ledger(): string {
    return join(this.root, "commits");
  }

  /** All living processes on all machines. */
  processes(): ReturnType<typeof seenProcesses> {
    return seenProcesses(this.#parts.mark);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let living = this.processes(); living.length > 0; living = this.processes()) {
      for (const { pid } of living) send(pid, "SIGKILL");
      await pause(10);
    }
    for (const cable of this.#cables) await cable[Symbol.asyncDispose]();
    await this.postgres[Symbol.asyncDispose]();
    Deno.removeSync(this.root, { recursive: true });
  }

  #machine(name: string, user: string): Machine {
    const { root, mark, postgres, database, env, program } = this.#parts;
    const own = join(root, name);
    Deno.mkdirSync(own);
    const cable = new Cable(own, postgres.port);
    this.#cables.push(cable);
    const fleet = postgres.urlFor({ database, user: `${user}_${database}`, password: PASSWORD, port: cable.port });
    return new Machine({
      name,
      root: own,
      mark,
      cable,
      fleet,
      ledger: this.ledger,
      env,
      program,
      isAlone: user === "machine",
    });
  }

  async #set(): Promise<void> {
    makeOrigin(this.origin, join(this.root, "first"));
    Deno.writeTextFileSync(this.ledger, "");
    const { database, postgres } = this.#parts;
    const owner = { env: { SAMOCODE_FLEET: postgres.urlFor({ database }) } };
    await this.person.must(["fleet", "init"], owner);
    await this.sql(`
      create role machine_${database} login password '${PASSWORD}';
      create role person_${database} login password '${PASSWORD}';
      insert into samocode.project (name, repository) values ('${PROJECT}', '${this.repository}');
      ${WATCH}`);
    for (const [role, as] of [["machine", "worker"], ["person", "submitter"]] as const) {
      await this.person.must(["fleet", "grant", `${role}_${database}`, PROJECT, "--as", as], owner);
    }
    for (const [account, limit] of this.limits) {
      await this.person.must(["fleet", "limit", account, String(limit)], owner);
    }
  }
}

const PASSWORD = "told-to-nobody";

/** The state of a recorded change that ends a lease. */
export const GIVEN_BACK = "given back";

/**
 * Triggers that record each change of a session's state and each end of a lease, in the transaction that makes it. A
 * lease that expired frees its account's room before another worker takes the session.
 */
const WATCH = `
  create schema stage;
  create table stage.change (
    n bigint generated always as identity, at timestamptz not null default clock_timestamp(),
    session uuid not null, account text not null, state text not null, epoch int not null, holder text);
  create function stage.note() returns trigger language plpgsql security definer as $$ begin
    insert into stage.change (session, account, state, epoch, holder)
      values (new.id, new.account, new.state, new.epoch, new.holder);
    return null;
  end $$;
  create trigger stage_note after insert or update of state, epoch, holder on samocode.session
    for each row execute function stage.note();
  create function stage.note_end() returns trigger language plpgsql security definer as $$ begin
    insert into stage.change (session, account, state, epoch, holder)
      select id, account, '${GIVEN_BACK}', epoch, holder from samocode.session where id = (new.data->>'session')::uuid;
    return null;
  end $$;
  create trigger stage_note_end after update of state on samocode_queue.job
    for each row when (old.state = 'active' and new.state <> 'active') execute function stage.note_end();`;

/** Creates a bare repository with the demo's sample. */
function makeOrigin(origin: string, first: string): void {
  Deno.mkdirSync(first);
  for (const { name } of Deno.readDirSync(join(ROOT, "demo", "sample"))) {
    Deno.copyFileSync(join(ROOT, "demo", "sample", name), join(first, name));
  }
  git(first, "init", "--quiet", "--initial-branch=main", "--template=");
  git(first, "add", "--all");
  git(first, "-c", "user.name=me", "-c", "user.email=me@localhost", "commit", "--quiet", "--message=Count words");
  git(first, "clone", "--quiet", "--bare", "--template=", ".", origin);
}

function git(folder: string, ...args: readonly string[]): string {
  const { success, stdout, stderr } = new Deno.Command("git", { args: ["-C", folder, ...args] }).outputSync();
  if (!success) throw new Error(`git ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim();
}

/** Whether a query failed because the server is down. */
function isOutage(error: unknown): boolean {
  return /could not connect|connection to server|server closed|shutting down|starting up|terminating connection/i.test(
    String(error),
  );
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms));
}
