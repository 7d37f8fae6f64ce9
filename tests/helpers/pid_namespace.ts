/**
 * A namespace of processes, so that what runs on one "machine" cannot see, and so cannot end, what runs on another.
 *
 * @module
 */
import { spawn } from "node:child_process";

/** A program with its first arguments. */
type Command = readonly [string, ...string[]];

/** As root, or as a user who may map himself to it. */
const WAYS: readonly (readonly string[])[] = [[], ["--user", "--map-root-user"]];

/** The flags of `unshare` that work here; `undefined` if none do. */
const WAY = WAYS.find((way) => {
  try {
    const args = [...way, "--pid", "--fork", "--mount-proc", "true"];
    return new Deno.Command("unshare", { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
});

/** Whether there can be any. */
export const HAS_PID_NAMESPACES: boolean = WAY !== undefined;

/** As every machine's first process: takes in what loses its parent, and ends with the namespace alone. */
const INIT = ["sh", "-c", "while :; do sleep 3600; done"] as const;

/** A namespace, until its first process is killed. */
export class PidNamespace {
  readonly #outer: number;
  #init: number | undefined;

  /** @param env Of its first process. */
  constructor(env: Readonly<Record<string, string>>) {
    const args = [...WAY ?? [], "--pid", "--fork", "--mount-proc", ...INIT];
    const child = spawn("unshare", args, { env, stdio: "ignore", detached: true });
    if (child.pid === undefined) throw new Error("cannot start unshare");
    this.#outer = child.pid;
  }

  /** Whether its first process lives. */
  get isAlive(): boolean {
    return childOf(this.#outer) !== undefined;
  }

  /** The command that runs another one in it. Its process is the only child of the command's own. */
  enter(command: Command, cwd: string): Command {
    this.#init ??= untilChildOf(this.#outer);
    const user = WAY?.length === 0 ? [] : ["--user", "--preserve-credentials"];
    const target = ["--target", String(this.#init), ...user, "--pid", "--mount"];
    // Whoever enters stands at the root.
    return ["nsenter", ...target, "sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", cwd, ...command];
  }
}

/** The first child of a process, if it has one. */
export function childOf(pid: number): number | undefined {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const [, state, parent] = /\) (\S) (\d+) /.exec(Deno.readTextFileSync(`/proc/${name}/stat`)) ?? [];
      if (Number(parent) === pid && state !== "Z") return Number(name);
    } catch {
      // It is gone.
    }
  }
  return undefined;
}

function untilChildOf(pid: number): number {
  for (let tries = 0; tries < 500; tries++) {
    const child = childOf(pid);
    if (child !== undefined) return child;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
  throw new Error(`process ${pid} has no child`);
}
