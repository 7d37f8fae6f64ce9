/**
 * A real PostgreSQL for the fleet's tests, with its own CA for TLS, a password, a free port and a temporary folder.
 * Without PostgreSQL on the machine, tests that need it are listed as skipped.
 *
 * @module
 */
import { join } from "node:path";
import { initFleet } from "../../src/fleet/init_fleet.ts";
import { skippedForClient } from "../../tools/skipped_test.ts";
import { slow } from "./slow.ts";
import { makeTempFolder } from "./temp_folder.ts";

/** Where packages of Debian and of PostgreSQL itself install the server's programs, which are not on PATH. */
const VERSIONS = "/usr/lib/postgresql";

/** Where PostgreSQL's programs are, and which user runs them. */
export interface PostgresPrograms {
  readonly bin: string;
  /** The user that runs it for root: PostgreSQL refuses to run as root. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
}

/** Finds PostgreSQL, openssl, and under root a user `postgres` to run it. */
export function findPostgres(): PostgresPrograms | undefined {
  const bin = postgresFolder();
  if (bin === undefined || !runs(["openssl", "version"])) return undefined;
  if (Deno.uid() !== 0) return { bin, user: undefined };
  const [uid, gid] = [output(["id", "-u", "postgres"]), output(["id", "-g", "postgres"])];
  if (uid === undefined || gid === undefined || !runs(["setpriv", "--version"])) return undefined;
  return { bin, user: { uid: Number(uid), gid: Number(gid) } };
}

/** PostgreSQL on this machine, if any. */
export const POSTGRES: PostgresPrograms | undefined = findPostgres();

/** Registers a test that needs PostgreSQL, or an ignored one whose name says that it is missing. */
export function postgresTest(
  name: string,
  run: (postgres: TestPostgres, test: Deno.TestContext) => Promise<void>,
): void {
  Deno.test(postgresTestDefinition(name, run));
}

/** Registers a slow test that needs PostgreSQL. */
export function slowPostgresTest(
  name: string,
  run: (postgres: TestPostgres, test: Deno.TestContext) => Promise<void>,
): void {
  Deno.test(slow(postgresTestDefinition(name, run)));
}

/** The definition that {@linkcode postgresTest} registers. */
function postgresTestDefinition(
  name: string,
  run: (postgres: TestPostgres, test: Deno.TestContext) => Promise<void>,
): Deno.TestDefinition {
  if (POSTGRES === undefined) return { name: skippedForClient(name, "PostgreSQL"), ignore: true, fn: () => {} };
  return { name, fn: async (test) => run(await sharedPostgres(), test) };
}

/** Ends a server and removes its folder once this process is gone: a killed process cannot do so itself. */
async function endWithThis(folder: string): Promise<void> {
  const program = `(while [ -d "$0" ] && kill -0 ${Deno.pid}; do sleep 2; done
    [ -d "$0" ] && kill -QUIT "$(head -n 1 "$0/server/data/postmaster.pid")"
    rm -rf "$0") &`;
  const streams = { stdin: "null", stdout: "null", stderr: "null" } as const;
  await new Deno.Command("sh", { args: ["-c", program, folder], ...streams }).output();
}

let shared: Promise<TestPostgres> | undefined;

/** The server that all tests of a file share. It ends with the file. */
export function sharedPostgres(): Promise<TestPostgres> {
  return shared ??= TestPostgres.start().then((postgres) => {
    globalThis.addEventListener("unload", () => postgres.kill());
    return postgres;
  });
}

/** A running server. */
export class TestPostgres implements AsyncDisposable {
  /** The superuser's address of the empty database `fleet`. */
  readonly url: string;
  readonly port: number;
  /** The CA's certificate, for `sslrootcert`. */
  readonly ca: string;
  readonly #folder: string;
  readonly #programs: PostgresPrograms;
  readonly #password: string;
  #databases = 0;
  #template: Promise<void> | undefined;

  private constructor(
    { folder, port, password, programs }: {
      readonly folder: string;
      readonly port: number;
      readonly password: string;
      readonly programs: PostgresPrograms;
    },
  ) {
    this.#folder = folder;
    this.#programs = programs;
    this.#password = password;
    this.port = port;
    this.ca = join(folder, "ca.crt");
    this.url = this.urlFor({ database: "fleet" });
  }

  /** Creates a server and starts it. */
  static async start(programs: PostgresPrograms | undefined = POSTGRES): Promise<TestPostgres> {
    if (programs === undefined) throw new Error("this machine has no PostgreSQL: see postgresTest()");
    const folder = makeTempFolder();
    const password = `p-${crypto.randomUUID()}`;
    const postgres = new TestPostgres({ folder, port: freePort(), password, programs });
    await makeCertificates(folder);
    await endWithThis(folder);
    await postgres.#initialize();
    await postgres.start();
    await postgres.sql("create database fleet", { database: "postgres" });
    return postgres;
  }

  /** The address of a database for a role; the superuser's by default. */
  urlFor(
    { database = "fleet", user = "samocode", password = this.#password, port = this.port }: {
      readonly database?: string;
      readonly user?: string;
      readonly password?: string;
      /** The port of a proxy in front of the server. */
      readonly port?: number;
    } = {},
  ): string {
    return `postgres://${user}:${password}@localhost:${port}/${database}?sslmode=verify-full&sslrootcert=${this.ca}`;
  }

  /** Creates an empty database. Returns its name, for {@linkcode urlFor}, and its address for the superuser. */
  async database(): Promise<{ readonly name: string; readonly url: string }> {
    const name = `fleet_${++this.#databases}`;
    await this.sql(`create database ${name}`, { database: "postgres" });
    return { name, url: this.urlFor({ database: name }) };
  }

  /** Sets up a fleet in a new database. Returns the environment of its owner. */
  async fleet(): Promise<
    { readonly name: string; readonly url: string; readonly env: { readonly SAMOCODE_FLEET: string } }
  > {
    await (this.#template ??= this.#makeTemplate());
    const name = `fleet_${++this.#databases}`;
    await this.sql(`create database ${name} template fleet_template`, { database: "postgres" });
    const url = this.urlFor({ database: name });
    return { name, url, env: { SAMOCODE_FLEET: url } };
  }

  async #makeTemplate(): Promise<void> {
    await this.sql("create database fleet_template", { database: "postgres" });
    await initFleet({ SAMOCODE_FLEET: this.urlFor({ database: "fleet_template" }) });
  }

  /** Runs statements as the superuser, in one transaction per call. Returns their output, one row per line. */
  async sql(text: string, { database = "fleet" }: { readonly database?: string } = {}): Promise<string> {
    const command = new Deno.Command(join(this.#programs.bin, "psql"), {
      args: ["-qAtX", "-v", "ON_ERROR_STOP=1", "-c", text, "-d", this.urlFor({ database })],
      clearEnv: true,
      env: { LC_ALL: "C.UTF-8", PGCONNECT_TIMEOUT: "10" },
    });
    const { success, stdout, stderr } = await command.output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).trim();
  }

  /** Starts the server again after {@linkcode stop}, with the same port and data. */
  async start(): Promise<void> {
    await this.#pgCtl(["-l", this.#at("log"), "-w", "-t", "60", "start"]);
  }

  /** Stops the server: `fast` closes connections cleanly, `immediate` is like a crash. */
  async stop(mode: "fast" | "immediate" = "fast"): Promise<void> {
    await this.#pgCtl(["-m", mode, "-w", "stop"]);
  }

  /** What the server logged. */
  log(): string {
    return Deno.readTextFileSync(this.#at("log"));
  }

  /** Kills the server and removes its folder. */
  kill(): void {
    try {
      const pid = Number(Deno.readTextFileSync(this.#at("data", "postmaster.pid")).split("\n")[0]);
      if (pid > 1) Deno.kill(pid, "SIGQUIT");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // It is not running.
    }
    removeFolder(this.#folder);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    return Promise.resolve();
  }

  #at(...names: readonly string[]): string {
    return join(this.#folder, "server", ...names);
  }

  async #initialize(): Promise<void> {
    const { user } = this.#programs;
    Deno.mkdirSync(this.#at(), { mode: 0o700 });
    Deno.writeTextFileSync(this.#at("password"), this.#password, { mode: 0o600 });
    for (const file of ["server.crt", "server.key"]) Deno.renameSync(join(this.#folder, file), this.#at(file));
    Deno.chmodSync(this.#at("server.key"), 0o600);
    if (user !== undefined) {
      Deno.chmodSync(this.#folder, 0o755);
      for (const name of [".", "password", "server.crt", "server.key"]) {
        Deno.chownSync(this.#at(name), user.uid, user.gid);
      }
    }
    await this.#run("initdb", [
      ...["-D", this.#at("data"), "-U", "samocode", `--pwfile=${this.#at("password")}`, "-A", "scram-sha-256"],
      ...["--locale=C.UTF-8", "--no-sync", "--no-instructions"],
    ]);
    await this.#write("postgresql.auto.conf", [
      `port = ${this.port}`,
      "listen_addresses = '127.0.0.1'",
      `unix_socket_directories = '${this.#at()}'`,
      "ssl = on",
      `ssl_cert_file = '${this.#at("server.crt")}'`,
      `ssl_key_file = '${this.#at("server.key")}'`,
      // Safe for tests, which only end processes: committed data survives that without fsync.
      ...["fsync = off", "full_page_writes = off"],
      ...["shared_buffers = 32MB", "max_connections = 400"],
    ]);
    await this.#write("pg_hba.conf", ["hostssl all all 127.0.0.1/32 scram-sha-256", "local all all scram-sha-256"]);
  }

  async #write(file: string, lines: readonly string[]): Promise<void> {
    await Deno.writeTextFile(this.#at("data", file), `${lines.join("\n")}\n`);
  }

  async #pgCtl(args: readonly string[]): Promise<void> {
    await this.#run("pg_ctl", ["-D", this.#at("data"), "-s", ...args]);
  }

  async #run(program: string, args: readonly string[]): Promise<void> {
    const { bin, user } = this.#programs;
    const command = [join(bin, program), ...args];
    if (user !== undefined) {
      command.unshift("setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups", "--");
    }
    await run(command, { cwd: this.#at() });
  }
}

/** Creates a CA, and a certificate for `localhost` signed by it. */
async function makeCertificates(cwd: string): Promise<void> {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const ca = ["req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.crt", "-days", "30", "-subj", "/CN=Test CA"];
  await run(["openssl", ...ca], { cwd });
  const asked = ["req", ...key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost"];
  await run(["openssl", ...asked], { cwd });
  Deno.writeTextFileSync(join(cwd, "names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-extfile", "names"];
  await run(["openssl", "x509", "-req", "-in", "server.csr", "-out", "server.crt", ...signed], { cwd });
}

async function run([program = "", ...args]: readonly string[], { cwd }: { readonly cwd: string }): Promise<void> {
  const env = { LC_ALL: "C.UTF-8", PATH: Deno.env.get("PATH") ?? "" };
  // PostgreSQL outlives pg_ctl and would keep its pipes open.
  const child = new Deno.Command(program, { args, cwd, clearEnv: true, env, stdin: "null", stdout: "null" });
  const { success, stderr } = await child.output();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

function postgresFolder(): string | undefined {
  try {
    const versions = [...Deno.readDirSync(VERSIONS)].map(({ name }) => Number(name)).filter((name) => name >= 13);
    const folders = versions.sort((a, b) => b - a).map((version) => join(VERSIONS, String(version), "bin"));
    return folders.find((folder) => runs([join(folder, "initdb"), "--version"]));
  } catch {
    return undefined;
  }
}

function runs(command: readonly string[]): boolean {
  return output(command) !== undefined;
}

function output([program = "", ...args]: readonly string[]): string | undefined {
  try {
    const { success, stdout } = new Deno.Command(program, { args, stderr: "null" }).outputSync();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** The server may still write while it ends. */
function removeFolder(folder: string): void {
  for (let tries = 0; tries < 20; tries++) {
    try {
      return Deno.removeSync(folder, { recursive: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
    }
  }
}
