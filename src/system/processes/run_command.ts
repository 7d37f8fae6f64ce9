/**
 * Runs a short program, such as git, and keeps its output. For agents see `spawn_agent.ts`.
 *
 * @module
 */

import { killTree } from "./end_processes.ts";

/** The result of a program. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run a program. */
export interface CommandOptions {
  readonly cwd: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Then the program is killed; its code is 124, as with `timeout`. */
  readonly timeoutMs?: number;
  /** What it reads from stdin; empty by default. */
  readonly input?: string;
  /** Kills the program when it fires; its code is then 124 as well. */
  readonly abort?: AbortSignal | undefined;
}

/**
 * Runs a program without a shell.
 *
 * @throws {Deno.errors.NotFound} If there is no such program.
 */
export async function runCommand(
  binary: string,
  args: readonly string[],
  { cwd, env = {}, timeoutMs = 120_000, input = "", abort }: CommandOptions,
): Promise<CommandResult> {
  const child = new Deno.Command(binary, {
    args: [...args],
    cwd,
    env: { ...env },
    stdin: input === "" ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timeout = new AbortController();
  const end = () => {
    killTree(child.pid);
    // An escaped process may hold the output open forever.
    timeout.abort();
  };
  const timer = setTimeout(end, timeoutMs);
  abort?.addEventListener("abort", end, { once: true });
  if (abort?.aborted) end();
  const [{ code }, stdout, stderr] = await Promise.all([
    child.status,
    readText(child.stdout, timeout.signal),
    readText(child.stderr, timeout.signal),
    input === "" ? undefined : writeText(child.stdin, input),
  ]);
  clearTimeout(timer);
  abort?.removeEventListener("abort", end);
  return { code: timeout.signal.aborted ? 124 : code, stdout, stderr };
}

/** Writes all of a text. A program that ends before it has read it says why itself. */
async function writeText(stream: WritableStream<Uint8Array>, text: string): Promise<void> {
  await new Blob([text]).stream().pipeTo(stream).catch(() => {});
}

/** Reads to the end, or until `stop`. */
async function readText(stream: ReadableStream<Uint8Array>, stop: AbortSignal): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  const sink = new WritableStream<Uint8Array>({
    write: (chunk) => void (text += decoder.decode(chunk, { stream: true })),
  });
  try {
    await stream.pipeTo(sink, { signal: stop });
  } catch (error) {
    if (!stop.aborted) throw error;
  }
  return text + decoder.decode();
}
