/**
 * A project in a scratch folder, with the scripted agent, and samocode's own processes in it.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { viewTrust } from "../../src/operations/trust_project.ts";
import { lstatIfExists } from "../../src/system/files/files.ts";

/** How samocode is called. */
export type Program = readonly [command: string, ...args: string[]];

/** The name of the one session in a project. */
export const SESSION = "storm";

/** What a project is made with. */
export interface ProjectOptions {
  readonly program: Program;
  readonly guard: boolean;
  /** The steps of the plan; with more than one the session also visits quality. */
  readonly steps: number;
  /** Seconds of each of the agent's pauses. */
  readonly pace: number;
}

/** A samocode process that ended. */
export interface Ended {
  readonly args: readonly string[];
  /** `undefined` if it was killed. */
  readonly code: number | undefined;
  readonly output: string;
}

/** A samocode process; it leads its own group. */
export interface Running {
  readonly pid: number;
  readonly ended: Promise<Ended>;
}

/** Longer than any command of the storm takes, even on a busy machine; what takes longer hangs. */
const PATIENCE_MS = 120_000;

/** The project; its folder stays until it is removed. */
export class StormProject {
  readonly root: string;
  readonly #program: Program;
  readonly #env: Readonly<Record<string, string>>;
  /** In the environment of all processes of this project. */
  readonly #mark: string;
  #outputs = 0;

  constructor(root: string, { program, guard, steps, pace }: ProjectOptions) {
    this.root = root;
    this.#program = program;
    this.#mark = crypto.randomUUID();
    for (const name of ["home", "repo", "worktrees", "sessions", "ledger", "out"]) {
      Deno.mkdirSync(join(root, name), { recursive: true });
    }
    Deno.writeTextFileSync(join(root, ".samocode"), "MAIN_REPO=repo\nWORKTREES=worktrees\nSESSIONS=sessions\n");
    this.#env = {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: join(root, "home"),
      TMPDIR: root,
      LANG: "C.UTF-8",
      TERM: "dumb",
      DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "/", ".cache", "deno"),
      DENO_NO_UPDATE_CHECK: "1",
      ...Object.fromEntries(
        ["AUTHOR", "COMMITTER"].flatMap((
          who,
        ) => [[`GIT_${who}_NAME`, "storm"], [`GIT_${who}_EMAIL`, "storm@localhost"]]),
      ),
      SAMOCODE_GUARD: guard ? "require" : "off",
      SAMOCODE_GUARD_WRITABLE: join(root, "ledger"),
      // An attempt that was killed is tried again at once, as often as the storm likes.
      SAMOCODE_MAX_RETRIES: "30",
      SAMOCODE_RETRY_DELAY: "0",
      CLAUDE_PATH: join(import.meta.dirname ?? ".", "agent.sh"),
      STORM_SESSION: this.#mark,
      STORM_LEDGER: this.ledger,
      STORM_STEPS: String(steps),
      STORM_PACE: String(pace),
    };
    this.git("init", "--quiet", "--initial-branch=main", "--template=");
    Deno.writeTextFileSync(join(root, "repo", "README.md"), "# storm\n");
    this.git("add", "--all");
    this.git("commit", "--quiet", "--message=Begin");
    viewTrust({ env: this.#env, workingDirectory: root, config: undefined }).trust();
  }

  /** What agents and the storm itself did, one line each. */
  get ledger(): string {
    return join(this.root, "ledger", "acts");
  }

  /** The session's folder; `undefined` if it was not made yet. */
  get session(): string | undefined {
    const folder = join(this.root, "sessions");
    const [found] = [...Deno.readDirSync(folder)].filter(({ isDirectory }) => isDirectory);
    return found === undefined ? undefined : join(folder, found.name);
  }

  /** Runs git in the repository, or in another folder of the project. */
  git(...args: readonly string[]): string {
    const { code, stdout, stderr } = new Deno.Command("git", {
      args: [...args],
      cwd: join(this.root, "repo"),
      env: this.#env,
    })
      .outputSync();
    if (code !== 0) throw new Error(`git ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout).trim();
  }

  /** Starts samocode with these arguments. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    const [command, ...before] = this.#program;
    const path = join(this.root, "out", String(this.#outputs++));
    const output = openSync(path, "w");
    const child = spawn(command, [...before, ...args], {
      cwd: this.root,
      env: { ...this.#env, ...env },
      stdio: ["ignore", output, output],
      detached: true,
    });
    closeSync(output);
    const { pid } = child;
    if (pid === undefined) throw new Error(`cannot start ${command}`);
    const ended = new Promise<Ended>((resolve) => {
      let hangs = false;
      const timer = setTimeout(() => {
        hangs = true;
        kill(pid);
      }, PATIENCE_MS);
      child.on("exit", (code) => {
        clearTimeout(timer);
        const text = Deno.readTextFileSync(path) + (hangs ? `\nSTORM: killed after ${PATIENCE_MS} ms` : "");
        Deno.removeSync(path);
        // Deno 2.4.2 makes a code of SIGKILL, which samocode has not.
        resolve({ args, code: code === null || code === 137 ? undefined : code, output: text });
      });
    });
    return { pid, ended };
  }

  /** Tells the ledger what the storm itself does. */
  tell(act: string, detail = ""): void {
    Deno.writeTextFileSync(this.ledger, `${act} storm ${detail}\n`, { append: true });
  }

  /** The living processes of this project. */
  processes(): readonly StormProcess[] {
    return [...Deno.readDirSync("/proc")].flatMap(({ name }) => {
      const pid = Number(name);
      if (!Number.isInteger(pid)) return [];
      try {
        const variables = Deno.readTextFileSync(`/proc/${name}/environ`).split("\0");
        if (!variables.includes(`STORM_SESSION=${this.#mark}`)) return [];
        const role = variables.find((text) => text.startsWith("STORM_ROLE="))?.slice("STORM_ROLE=".length);
        const isAgent = Deno.readTextFileSync(`/proc/${name}/cmdline`).split("\0")[1]?.endsWith("agent.sh") ?? false;
        return [{ pid, role: role ?? (isAgent ? "agent" : "other") }];
      } catch {
        // It is gone.
        return [];
      }
    });
  }

  /** Removes the folder and whatever still lives. */
  remove(): void {
    for (const { pid } of this.processes()) kill(pid);
    if (lstatIfExists(this.root) !== undefined) Deno.removeSync(this.root, { recursive: true });
  }
}

/** A living process of a project. */
export interface StormProcess {
  readonly pid: number;
  /** `agent`, `command` or `escaped`; `other` for the rest, such as the worker and its git. */
  readonly role: string;
}

/** Kills a process, or with a negative id its group. Returns whether it was still there. */
export function kill(pid: number): boolean {
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}
