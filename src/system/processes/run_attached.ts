/**
 * Runs a program in the person's terminal: a pager, an editor, git.
 *
 * @module
 */
import { plainColored } from "../../text/terminal_text.ts";

/** What to run, and what it reads. */
export interface AttachedCommand {
  readonly command: readonly string[];
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from stdin; by default what the person types. */
  readonly input?: string;
  /** Whether what it prints is made safe for the terminal, and is no terminal for the program. */
  readonly isCleaned?: boolean;
}

/**
 * Runs it until it ends. Keys such as Ctrl-C are its own meanwhile.
 *
 * @returns Its exit code; 127 if there is no such program.
 */
export async function runAttached(
  { command, cwd, env = {}, input, isCleaned = false }: AttachedCommand,
  { stdout = Deno.stdout }: { readonly stdout?: { readonly writable: WritableStream<Uint8Array> } } = {},
): Promise<number> {
  const [binary = "", ...args] = command;
  const ignore = () => {};
  Deno.addSignalListener("SIGINT", ignore);
  try {
    const child = new Deno.Command(binary, {
      args,
      ...(cwd !== undefined && { cwd }),
      env: { ...env },
      stdin: input === undefined ? "inherit" : "piped",
      stdout: isCleaned ? "piped" : "inherit",
      stderr: "inherit",
    }).spawn();
    // A pager that is left early reads no more.
    if (input !== undefined) await new Blob([input]).stream().pipeTo(child.stdin).catch(() => {});
    // A terminal that is gone reads no more.
    if (isCleaned) await cleaned(child.stdout).pipeTo(stdout.writable, { preventClose: true }).catch(() => {});
    return (await child.status).code;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 127;
    throw error;
  } finally {
    Deno.removeSignalListener("SIGINT", ignore);
  }
}

/** No line of a text that anybody reads is longer. */
const MAX_LINE = 1024 * 1024;

/** Line by line: a sequence that a terminal obeys may come in two pieces. */
function cleaned(output: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array> {
  let rest = "";
  const lines = new TransformStream<string, string>({
    transform(chunk, controller): void {
      const text = rest + chunk;
      const end = text.length > MAX_LINE ? text.length : text.lastIndexOf("\n") + 1;
      controller.enqueue(plainColored(text.slice(0, end)));
      rest = text.slice(end);
    },
    flush: (controller) => controller.enqueue(plainColored(rest)),
  });
  return output.pipeThrough(new TextDecoderStream()).pipeThrough(lines).pipeThrough(new TextEncoderStream());
}
