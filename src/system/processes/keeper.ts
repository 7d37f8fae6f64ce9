/**
 * Ends an agent whose worker was killed: a small shell that waits for the end of its input, which the system closes
 * together with the worker.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { platform } from "../platform.ts";
import { programPath } from "./program_path.ts";
import { MARKER_VARIABLE } from "./end_processes.ts";

/** Keeps watch over a worker until it is disposed. */
export interface Keeper extends AsyncDisposable {
  /** Names the attempt whose processes end with the worker. Call it before the agent is started. */
  cover(marker: string): Promise<void>;
}

/**
 * Reads the marker of the newest attempt, line by line, until the worker is gone; then ends what carries it, over and
 * over, since a dying process may start another. SIGTERM first lets git remove its lock files. Of an environment, a
 * whole variable must match; without `-z`, busybox reads only the first one. `ps` is for systems without /proc. At the
 * end it touches the file that a supervisor watches.
 */
const SCRIPT = `while read -r line; do marker=$line; done
trap '' HUP INT QUIT TERM
calm=0
for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  [ -n "$marker" ] && [ "$calm" -lt 2 ] || break
  if [ -e /proc/self/environ ]; then found=$(grep -zlxF -e "$1=$marker" /proc/[0-9]*/environ 2>/dev/null)
  else found=$(ps -axwwE -o pid=,command= | while read -r pid rest; do
    case $rest in *"$1=$marker"*) echo "$pid" ;; esac
  done)
  fi
  if [ -n "$found" ]; then calm=0; else calm=$((calm + 1)); fi
  [ "$round" -lt 8 ] && signal=TERM || signal=KILL
  for each in $found; do each=\${each#/proc/}; kill -$signal "\${each%/environ}" 2>/dev/null; done
  sleep 0.02 2>/dev/null || sleep 1
done
touch -c -- "$2"`;

/** Tells whether a keeper works here; a Windows has no shell for it. */
export function canKeep(env: Readonly<Record<string, string>>): boolean {
  const isThere = (name: string): boolean => programPath(name, { env }).program !== undefined;
  return platform().hasGroups && ["sh", "grep", "sleep", "touch"].every(isThere);
}

/**
 * Starts a keeper for this process. Where that is impossible, nothing watches: the next run ends what is left.
 *
 * @param touched The file to touch when the worker has died.
 */
export function startKeeper(touched: string, { env }: { readonly env: Readonly<Record<string, string>> }): Keeper {
  if (!canKeep(env)) return { cover: () => Promise.resolve(), [Symbol.asyncDispose]: () => Promise.resolve() };
  // In a session of its own: what ends a group of processes or a terminal does not end it.
  const child = spawn("sh", ["-c", SCRIPT, "sh", MARKER_VARIABLE, touched], {
    cwd: "/",
    env: { PATH: env["PATH"] ?? "" },
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  child.on("error", () => {});
  child.stdin?.on("error", () => {});
  child.unref();
  return {
    cover: (marker) => new Promise((resolve) => child.stdin?.write(`${marker}\n`, () => resolve()) ?? resolve()),
    async [Symbol.asyncDispose](): Promise<void> {
      child.stdin?.destroy();
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      child.ref();
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}
