/**
 * Ending a process and all below it on Windows, which knows no groups and no signals. Untested there.
 *
 * @module
 */
import { windowsTool } from "./windows_tool.ts";

/** Runs a program to its end; what it says is of no use: who is gone already is an error to it. */
export type RunToEnd = (binary: string, args: readonly string[]) => void;

/**
 * Ends a process and its children, and theirs, with `taskkill /T /F` (learn.microsoft.com, Windows commands, taskkill).
 * The process itself is ended also where that program is missing.
 */
export function endTreeByForce(
  pid: number,
  { run = runQuietly, kill = killIfThere }: { readonly run?: RunToEnd; readonly kill?: (pid: number) => void } = {},
): void {
  try {
    run(windowsTool("taskkill"), ["/PID", String(pid), "/T", "/F"]);
  } finally {
    kill(pid);
  }
}

function runQuietly(binary: string, args: readonly string[]): void {
  try {
    new Deno.Command(binary, { args: [...args], stdin: "null", stdout: "null", stderr: "null" }).outputSync();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Every version of Deno ends a process of Windows for this signal; only some know others (denoland/deno#32689). */
function killIfThere(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    const isGone = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied;
    // Windows refuses access to a process that is ending; Deno throws a TypeError where it is gone.
    if (!isGone && !(error instanceof TypeError)) throw error;
  }
}
