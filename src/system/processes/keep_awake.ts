/**
 * Keeps the machine awake while an agent works, by a program of the system's that holds a lock for as long as it runs.
 *
 * @module
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { platform } from "../platform.ts";
import { programPath } from "./program_path.ts";

type Environment = Readonly<Record<string, string>>;

/** What keeps a machine awake: systemd-inhibit(1), caffeinate(8). */
export const AWAKE_PROGRAMS = {
  "systemd-inhibit": {
    // It ends with `cat`, which ends when its input is closed: by this process, or by the system if this process dies.
    argumentsFor: () => [...inhibit("sleep:idle"), "cat"],
    trial: [...inhibit("sleep:idle"), "true"],
  },
  "caffeinate": {
    argumentsFor: (pid: number) => ["-i", "-m", "-s", "-w", String(pid)],
    trial: ["-i", "true"],
  },
} as const;

function inhibit(what: string): readonly string[] {
  return [`--what=${what}`, "--who=samocode", "--why=An agent is working", "--mode=block"];
}

/** No machine falls asleep sooner, and the agent's start has all of the machine. */
const AFTER_MS = 1_000;

/**
 * Keeps the machine awake from a second on, until it is disposed, this process dies or, on macOS, the process `pid` ends.
 * Where that is not possible, nothing happens; the doctor says so.
 */
export function keepAwake(pid: number, { env }: { readonly env: Environment }): Disposable {
  let held: Disposable | undefined;
  const timer = setTimeout(() => held = hold(pid, env), AFTER_MS);
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      held?.[Symbol.dispose]();
    },
  };
}

function hold(pid: number, env: Environment): Disposable | undefined {
  const { keepsAwake } = platform();
  const program = keepsAwake && programPath(keepsAwake, { env }).program;
  if (keepsAwake === undefined || program === undefined) return undefined;
  const args = [...AWAKE_PROGRAMS[keepsAwake].argumentsFor(pid)];
  // In a group without a terminal, where nothing can ask for a password.
  const child = spawn(program, args, { env: { ...env }, stdio: ["pipe", "ignore", "ignore"], detached: true });
  for (const part of [child, child.stdin]) part?.on("error", () => {});
  child.unref();
  return {
    [Symbol.dispose]: () => {
      child.stdin?.end();
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      try {
        process.kill(-child.pid, "SIGTERM");
      } catch {
        // It is gone.
      }
    },
  };
}
