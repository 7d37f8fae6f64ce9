/**
 * A simulated fleet machine: several run on one computer, each with its own home, cable and processes.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { MARKER_VARIABLE } from "../../src/system/processes/end_processes.ts";
import { readTextIfExists } from "../../src/system/files/files.ts";
import type { Cable } from "./cable.ts";
import { childOf, HAS_PID_NAMESPACES, PidNamespace } from "./pid_namespace.ts";
import { programUnderTest } from "./program_under_test.ts";

/** A samocode process of a machine. */
export interface MachineProcess {
  readonly pid: number;
  /** Its output so far, on both streams. */
  output(): string;
  readonly ended: Promise<CommandEnd>;
}

/** How a command ended. */
export interface CommandEnd {
  /** `undefined` if it was killed. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A living process of a machine. */
export interface SeenProcess {
  readonly pid: number;
  readonly machine: string;
  /** The marker of its attempt, if it belongs to one. */
  readonly marker: string | undefined;
  /** Whether it is stopped, as on a sleeping machine. */
  readonly isStopped: boolean;
  /** Its working directory. */
  readonly folder: string;
  readonly command: string;
}

/** Environment variables of every process of a stage: the stage's mark, and the machine's name. */
const STAGE_VARIABLE = "FLEET_STAGE";
const MACHINE_VARIABLE = "FLEET_MACHINE";

/** Longer than any command takes, even on a busy computer: one that takes longer hangs. */
const PATIENCE_MS = 120_000;

const TOLD_LINES = 20;

/** Options of a machine. */
export interface MachineOptions {
  readonly name: string;
  /** The machine's own folder. */
  readonly root: string;
  /** The stage's mark. */
  readonly mark: string;
  readonly cable: Cable;
  /** The engine's address through the cable. */
  readonly fleet: string;
  /** A file that gets a line for each commit made on any machine. */
  readonly ledger: string;
  readonly env: Readonly<Record<string, string>>;
  readonly program?: readonly [string, ...string[]] | undefined;
  /** Whether to hide processes of other machines from it, where the system can do so. */
  readonly isAlone: boolean;
}

/** A simulated machine. */
export class Machine {
  readonly name: string;
  readonly root: string;
  readonly cable: Cable;
  readonly env: Readonly<Record<string, string>>;
  readonly #mark: string;
  readonly #program: readonly [string, ...string[]];
  readonly #isAlone: boolean;
  #space: PidNamespace | undefined;
  #count = 0;

  constructor({ name, root, mark, cable, fleet, ledger, env, program, isAlone }: MachineOptions) {
    this.name = name;
    this.root = root;
    this.cable = cable;
    this.#mark = mark;
    this.#isAlone = isAlone && HAS_PID_NAMESPACES;
    this.#program = program ?? programUnderTest();
    for (const folder of [this.home, join(root, "out"), join(root, "hooks")]) Deno.mkdirSync(folder);
    const hook = `#!/bin/sh\necho "${name} \${${MARKER_VARIABLE}:--} $(git rev-parse HEAD)" >> '${ledger}'\n`;
    Deno.writeTextFileSync(join(root, "hooks", "post-commit"), hook, { mode: 0o755 });
    // The user's git settings apply to both the program and its agents.
    Deno.writeTextFileSync(
      join(this.home, ".gitconfig"),
      `[core]\n\thooksPath = ${join(root, "hooks")}\n[user]\n\tname = ${name}\n\temail = ${name}@localhost\n`,
    );
    this.env = {
      PATH: `${cable.bin}:${Deno.env.get("PATH") ?? ""}`,
      HOME: this.home,
      LANG: "C.UTF-8",
      TERM: "dumb",
      NO_COLOR: "1",
      DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "/", ".cache", "deno"),
      DENO_NO_UPDATE_CHECK: "1",
      SAMOCODE_FLEET: fleet,
      SAMOCODE_GUARD: "off",
      [STAGE_VARIABLE]: mark,
      [MACHINE_VARIABLE]: name,
      ...env,
    };
  }

  get home(): string {
    return join(this.root, "home");
  }

  /** Where the fleet keeps clones and sessions on this machine. */
  get data(): string {
    return join(this.home, ".local", "share", "samocode", "fleet");
  }

  /** Starts samocode as the leader of its own process group. */
  start(
    args: readonly string[],
    { env = {}, cwd = this.home }: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
  ): MachineProcess {
    const [command, ...all] = this.#entering([...this.#program, ...args], cwd);
    const path = join(this.root, "out", `${++this.#count}-${args[0]}`);
    const streams = [openSync(`${path}.out`, "w"), openSync(`${path}.err`, "w")] as const;
    const child = spawn(command, all, {
      cwd,
      env: { ...this.env, ...env },
      stdio: ["ignore", ...streams],
      detached: true,
    });
    for (const stream of streams) closeSync(stream);
    const { pid } = child;
    if (pid === undefined) throw new Error(`cannot start ${command}`);
    // The files are missing if the stage was removed before the process ended.
    const read = (end: string): string => readTextIfExists(`${path}.${end}`) ?? "";
    const ended = new Promise<CommandEnd>((resolve) => {
      child.on("exit", (code) => {
        // Deno 2.4.2 reports SIGKILL as an exit code, which samocode never uses.
        const own = code === null || code === 137 ? undefined : code;
        resolve({ code: own, stdout: read("out"), stderr: read("err") });
      });
    });
    const isAlone = this.#isAlone;
    return {
      get pid() {
        return isAlone ? childOf(pid) ?? pid : pid;
      },
      ended,
      output: () => `${read("err")}${read("out")}`,
    };
  }

  /** Runs samocode to its end. */
  async run(args: readonly string[], options: Parameters<Machine["start"]>[1] = {}): Promise<CommandEnd> {
    const running = this.start(args, options);
    const timer = setTimeout(() => send(running.pid, "SIGKILL"), PATIENCE_MS);
    const end = await running.ended;
    clearTimeout(timer);
    return end;
  }

  /** Runs samocode to its end; it must succeed. Returns its stdout. */
  async must(args: readonly string[], options: Parameters<Machine["start"]>[1] = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, options);
    if (code === 0) return stdout;
    throw new Error(`samocode ${args.join(" ")} on ${this.name}: ${code ?? "killed"}: ${stdout}${stderr}`);
  }

  /** The last lines of output of every process that was started here. */
  told(): string {
    const folder = join(this.root, "out");
    const files = [...Deno.readDirSync(folder)].map(({ name }) => name).sort((a, b) => parseInt(a) - parseInt(b));
    return files.flatMap((name) => {
      const lines = Deno.readTextFileSync(join(folder, name)).trimEnd().split("\n").slice(-TOLD_LINES);
      return lines.join("") === "" ? [] : [`-- ${name}`, ...lines];
    }).join("\n");
  }

  /** The machine's living processes. */
  processes(): readonly SeenProcess[] {
    return seenProcesses(this.#mark).filter(({ machine }) => machine === this.name);
  }

  /** Kills all processes, as a power failure does. */
  async killAll(): Promise<void> {
    for (let living = this.processes(); living.length > 0; living = this.processes()) {
      for (const { pid } of living) send(pid, "SIGKILL");
      await new Promise((wake) => setTimeout(wake, 10));
    }
  }

  /** Stops all processes, as closing a laptop's lid does. */
  freeze(): void {
    // The second pass finds processes that were started during the first.
    for (let count = 0; count < 2; count++) for (const { pid } of this.processes()) send(pid, "SIGSTOP");
  }

  /** Lets all processes continue. */
  thaw(): void {
    for (const { pid } of this.processes()) send(pid, "SIGCONT");
  }

  /** The command that runs another one in this machine's PID namespace, if it has one. */
  #entering(command: readonly [string, ...string[]], cwd: string): readonly [string, ...string[]] {
    if (!this.#isAlone) return command;
    if (this.#space?.isAlive !== true) this.#space = new PidNamespace(this.env);
    return this.#space.enter(command, cwd);
  }

  /** Paths of all journals below the data folder. */
  journals(): readonly string[] {
    return filesBelow(this.data, "_journal.jsonl");
  }
}

/** The living processes on all machines of a stage. */
export function seenProcesses(mark: string): readonly SeenProcess[] {
  return [...Deno.readDirSync("/proc")].flatMap(({ name }) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const environment = Deno.readTextFileSync(`/proc/${name}/environ`);
      if (!environment.includes(mark)) return [];
      const value = (variable: string): string | undefined =>
        environment.split("\0").find((pair) => pair.startsWith(`${variable}=`))?.slice(variable.length + 1);
      if (value(STAGE_VARIABLE) !== mark) return [];
      const state = /\) (\S)/.exec(Deno.readTextFileSync(`/proc/${name}/stat`))?.[1];
      if (state === "Z" || state === "X") return [];
      return [{
        pid: Number(name),
        machine: value(MACHINE_VARIABLE) ?? "",
        marker: value(MARKER_VARIABLE),
        isStopped: state === "T",
        folder: Deno.readLinkSync(`/proc/${name}/cwd`),
        command: Deno.readTextFileSync(`/proc/${name}/cmdline`).replaceAll("\0", " ").trim().slice(0, 300),
      }];
    } catch {
      // The process has exited.
      return [];
    }
  });
}

/** Sends a signal. Returns whether the process existed. */
export function send(pid: number, signal: "SIGKILL" | "SIGSTOP" | "SIGCONT" | "SIGTERM"): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Paths of all files of this name below a folder. */
function filesBelow(folder: string, wanted: string): readonly string[] {
  try {
    return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory, isFile }) =>
      isDirectory ? filesBelow(join(folder, name), wanted) : isFile && name === wanted ? [join(folder, name)] : []
    );
  } catch {
    // The folder was moved, or does not exist yet.
    return [];
  }
}
