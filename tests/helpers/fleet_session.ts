/**
 * Fleet sessions without workers: rows as a claim leaves them, and folders as a run does.
 *
 * @module
 */
import { basename } from "node:path";
import type { Lease } from "../../src/fleet/contract.ts";
import { Engine } from "../../src/fleet/engine.ts";
import { initFleet } from "../../src/fleet/init_fleet.ts";
import { Shipper } from "../../src/fleet/shipper.ts";
import { SessionFolder } from "../../src/session/session_folder.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import type { TestPostgres } from "./postgres.ts";
import { TempFolder } from "./temp_folder.ts";

/** A fleet in its own database, with its owner's engine. */
export class TestFleet implements AsyncDisposable {
  readonly engine: Engine;
  readonly env: Readonly<Record<string, string>>;
  readonly database: string;
  readonly #postgres: TestPostgres;

  private constructor(
    { engine, env, database, postgres }: {
      readonly engine: Engine;
      readonly env: Readonly<Record<string, string>>;
      readonly database: string;
      readonly postgres: TestPostgres;
    },
  ) {
    this.engine = engine;
    this.env = env;
    this.database = database;
    this.#postgres = postgres;
  }

  /** Creates the database and its schema. */
  static async make(postgres: TestPostgres): Promise<TestFleet> {
    const { name: database, url } = await postgres.database();
    const env = { SAMOCODE_FLEET: url };
    await initFleet(env);
    const engine = await Engine.open(env, { use: "person" });
    return new TestFleet({ engine, env, database, postgres });
  }

  /** Runs statements as the superuser. */
  sql(text: string): Promise<string> {
    return this.#postgres.sql(text, { database: this.database });
  }

  /** Adds a session that a worker has just claimed. */
  async add(name: string, { project = "shop" }: { readonly project?: string } = {}): Promise<Lease> {
    const id = await this.sql(
      `with p as (insert into samocode.project (name, repository) values ('${project}', '/repo')
          on conflict (name) do update set repository = excluded.repository returning id)
        insert into samocode.session (project, name, request, wanted, by)
        select id, '${name}', '{}', false, 'ada' from p returning id`,
    );
    return await this.take({ id, project, session: name });
  }

  /** Claims a session as another worker does after its predecessor was lost. */
  async take({ id, project, session }: Pick<Lease, "id" | "project" | "session">): Promise<Lease> {
    const epoch = Number(
      await this.sql(
        `update samocode.session set epoch = epoch + 1, holder = 'worker-' || epoch + 1, state = 'running',
          changed_at = clock_timestamp() where id = '${id}' returning epoch`,
      ),
    );
    return { id, project, session, epoch, queue: "q", job: { id, retryCount: epoch - 1 } };
  }

  /** Number, epoch and type of each event in the engine. */
  async events({ id }: Pick<Lease, "id">): Promise<readonly string[]> {
    const rows = await this.sql(
      `select seq, epoch, type from samocode.journal where session = '${id}' order by seq`,
    );
    return rows === "" ? [] : rows.split("\n");
  }

  /** The files in the engine, each with its number of parts and bytes. */
  async files({ id }: Pick<Lease, "id">): Promise<readonly string[]> {
    const rows = await this.sql(
      `select path, count(*), sum(length(body)) from samocode.file where session = '${id}' group by path order by path`,
    );
    return rows === "" ? [] : rows.split("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
  }
}

/** A machine: a folder with sessions, and its own state folder. */
export class TestMachine {
  readonly #temp: TempFolder;
  readonly #name: string;

  constructor(temp: TempFolder, name: string) {
    this.#temp = temp;
    this.#name = name;
    temp.folder(name, "sessions");
  }

  get stateFolder(): string {
    return this.#temp.at(this.#name, "state");
  }

  /** The folder of a session. */
  at(session: string): string {
    return this.#temp.at(this.#name, "sessions", session);
  }

  /** Creates a session as a person does, and appends these events. */
  begin(session: string, ...events: readonly SessionEvent[]): SessionFolder {
    const folder = SessionFolder.create(this.at(session), { stateFolder: this.stateFolder });
    const name = basename(session).replace(/^\d\d-\d\d-\d\d-/, "");
    folder.journal.append({ type: "session.created", name, task: `Build ${name}`, dive: "" });
    for (const event of events) folder.journal.append(event);
    return folder;
  }

  /** Opens a session. */
  open(session: string): SessionFolder {
    return SessionFolder.open(this.at(session), { stateFolder: this.stateFolder });
  }

  /** Creates a shipper for one of its sessions. */
  shipper(
    { engine }: TestFleet,
    lease: Lease,
    { session, after = 0, files = new Map() }: {
      readonly session: string;
      readonly after?: number;
      readonly files?: ReadonlyMap<string, readonly string[]>;
    },
  ): Shipper {
    return new Shipper(engine, lease, { folder: this.at(session), stateFolder: this.stateFolder, after, files });
  }
}

/** The name of a {@linkcode TakenSession}'s folder. */
export const NAME = "26-11-20-top";

/** A session that a worker has just taken, with what ships it. */
export class TakenSession implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;

  private constructor(
    stack: AsyncDisposableStack,
    readonly fleet: TestFleet,
    readonly temp: TempFolder,
    readonly machine: TestMachine,
    readonly lease: Lease,
    readonly folder: SessionFolder,
    readonly shipper: Shipper,
  ) {
    this.#stack = stack;
  }

  /** Makes a fleet, a machine and the session, with these events after its first. */
  static async begin(postgres: TestPostgres, ...events: readonly SessionEvent[]): Promise<TakenSession> {
    await using stack = new AsyncDisposableStack();
    const fleet = stack.use(await TestFleet.make(postgres));
    const temp = stack.use(new TempFolder());
    const machine = new TestMachine(temp, "a");
    const lease = await fleet.add("top");
    const folder = stack.use(machine.begin(NAME, ...events));
    const shipper = stack.use(machine.shipper(fleet, lease, { session: NAME }));
    return new TakenSession(stack.move(), fleet, temp, machine, lease, folder, shipper);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** A person's note, as an event. */
export function guidance(text: string): SessionEvent {
  return { type: "guidance.given", text, by: "ada" };
}

/** Random bytes. */
export function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}
