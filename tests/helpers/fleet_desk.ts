/**
 * A person's project whose remote a fleet uses, and one worker's machine that works on request.
 *
 * @module
 */
import { join } from "node:path";
import { Engine } from "../../src/fleet/engine.ts";
import type { TestPostgres } from "./postgres.ts";
import { type Finished, TempProject } from "./temp_project.ts";

/** A person's project and a fleet. */
export class FleetDesk implements AsyncDisposable {
  /** The person's project. */
  readonly project: TempProject;
  /** The project's remote. */
  readonly origin: string;
  /** For queries of the test. */
  readonly engine: Engine;
  readonly #machine: TempProject;

  private constructor({ project, machine, engine }: {
    readonly project: TempProject;
    readonly machine: TempProject;
    readonly engine: Engine;
  }) {
    this.project = project;
    this.#machine = machine;
    this.engine = engine;
    this.origin = join(project.root, "shop.git");
    project.git("clone", "--quiet", "--bare", ".", this.origin);
    project.git("remote", "add", "origin", this.origin);
    project.git("fetch", "--quiet", "origin");
    // A worker's machine has no project.
    Deno.removeSync(join(machine.root, ".samocode"));
  }

  /** Sets up a new fleet. */
  static async open(postgres: TestPostgres, more: Readonly<Record<string, string>> = {}): Promise<FleetDesk> {
    const { env } = await postgres.fleet();
    const project = new TempProject({ ...env, ...more });
    const machine = new TempProject({ ...env, SAMOCODE_DEMO_PACE: "0", SAMOCODE_PROVIDER: "demo" });
    return new FleetDesk({ project, machine, engine: await Engine.open(env, { use: "person" }) });
  }

  /** Runs a command as the person. */
  async type(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
    return await this.project.run(args, env);
  }

  /** Runs a command that must succeed. Returns its stdout. */
  async must(args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.type(args);
    if (code !== 0) throw new Error(`samocode ${args.join(" ")} ended with ${code}: ${stderr}`);
    return stdout;
  }

  /** Runs a command with `--json`. Returns the parsed output. */
  async json(args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    return JSON.parse(await this.must([...args, "--json"]));
  }

  /** Submits a session with the demo's task. */
  async submit(name = "top"): Promise<void> {
    await this.must(["submit", "Add JWT login", "--session", name, "--provider", "demo"]);
  }

  /** Runs a worker on the machine until nothing is left to do. */
  async work(): Promise<void> {
    const { code, stdout, stderr } = await this.#machine.run(["worker", "--until-idle", "--name", "big"]);
    if (code !== 0) throw new Error(`the worker ended with ${code}: ${stdout}${stderr}`);
  }

  /** Number of recorded decisions. */
  async decisions(): Promise<number> {
    return (await this.engine.query("select 1 from samocode.act")).count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
    this.project[Symbol.dispose]();
    this.#machine[Symbol.dispose]();
  }
}
