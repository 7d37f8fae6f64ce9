/**
 * Starts a program that speaks with this one over its standard streams, in its own session and process group: a Ctrl-C
 * in the terminal is for this program to hear.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { statIfExists } from "../files/files.ts";
import { type ChildCommand, type Exit, SpawnError } from "./spawn_child.ts";

/** A running program. */
export interface Partner {
  readonly pid: number;
  /** Resolves when the process is gone and all that it wrote was read. */
  readonly exited: Promise<Exit>;
  /** Writes to its stdin. What it no longer reads is lost. */
  readonly say: (text: string) => void;
  /** Ends its stdin. */
  readonly close: () => void;
  /** The end of what it wrote to stderr so far. */
  readonly complaint: () => string;
}

const MAX_COMPLAINT = 8 * 1024;

/**
 * Starts it.
 *
 * @param hear Receives what it writes to stdout.
 * @throws {SpawnError} If it cannot be started.
 */
export async function spawnPartner(
  { binary, args, cwd, env }: ChildCommand,
  hear: (text: string) => void,
): Promise<Partner> {
  // The system reports a missing folder like a missing program.
  if (!statIfExists(cwd)?.isDirectory) {
    throw new SpawnError(binary, { cause: new Error(`no such working directory ${cwd}`), notFound: false });
  }
  const child = spawn(binary, [...args], {
    cwd,
    env: { ...env },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    windowsHide: true,
  });
  const { stdin, stdout, stderr } = child;
  const exited = new Promise<Exit>((resolve) => {
    child.once("close", (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
  });
  let complaint = "";
  stdout.setEncoding("utf8").on("data", (text) => hear(String(text)));
  stderr.setEncoding("utf8").on("data", (text) => complaint = (complaint + text).slice(-MAX_COMPLAINT));
  // It may end at any time.
  for (const stream of [stdin, stdout, stderr]) stream.on("error", () => {});
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", () => resolve());
    child.once(
      "error",
      (cause) => reject(new SpawnError(binary, { cause, notFound: "code" in cause && cause.code === "ENOENT" })),
    );
  });
  if (child.pid === undefined) throw new SpawnError(binary, { cause: new Error("no process id"), notFound: false });
  return {
    pid: child.pid,
    exited,
    say: (text) => void (stdin.writable && stdin.write(text)),
    close: () => void stdin.end(),
    complaint: () => complaint,
  };
}
