/**
 * Reads a line that a person types at the terminal.
 *
 * A program of its own reads the terminal (`cat`): a read of this process could not be cancelled, and would take the
 * first key from the pager, editor or prompt that comes next.
 *
 * @module
 */
import { createInterface, type Interface } from "node:readline";
import { Readable, Writable } from "node:stream";

/** What came of a prompt. */
export type LineRead =
  | { readonly kind: "line"; readonly text: string }
  /** Ctrl-D, or the terminal is gone. */
  | { readonly kind: "end" }
  | { readonly kind: "interrupted"; readonly signal: Deno.Signal }
  | { readonly kind: "aborted" };

/** Where and how to prompt. */
export interface LineOptions {
  readonly write: (text: string) => void;
  readonly columns: () => number;
  /** Whether the line can be edited with the arrow keys; else the terminal's own editing must do. */
  readonly isRich: boolean;
  /** Calls back on signals that end a program, until the returned function is called. */
  readonly onSignal: (listener: (name: Deno.Signal) => void) => () => void;
  /** Ends the prompt. */
  readonly abort: AbortSignal | undefined;
}

/** What was typed before the prompt is no answer to it. It arrives within a few milliseconds. */
const STALE_MS = 60;

const CTRL_C = 3;

/** Lines that come this fast after one another were pasted, and are one answer. */
const PASTE_MS = 40;

/** Prompts on a terminal, and reads one line, or several that were pasted. The terminal's mode is restored. */
export async function readTerminalLine(question: string, options: LineOptions): Promise<LineRead> {
  const { write, isRich, onSignal, abort } = options;
  const reader = startReader();
  if (reader === undefined) {
    const text = prompt(question);
    return text === null ? { kind: "end" } : { kind: "line", text };
  }
  const { promise, resolve } = Promise.withResolvers<LineRead>();
  const stopListening = onSignal((signal) => resolve({ kind: "interrupted", signal }));
  const onAbort = () => resolve({ kind: "aborted" });
  abort?.addEventListener("abort", onAbort);
  if (abort?.aborted) onAbort();
  if (isRich) Deno.stdin.setRaw(true);
  let lines: Interface | undefined;
  try {
    lines = createInterface({
      input: Readable.from(
        await fresh(reader.stdout, { onCtrlC: () => resolve({ kind: "interrupted", signal: "SIGINT" }) }),
      ),
      output: outputFor(options),
      terminal: isRich,
      historySize: 0,
    });
    // The line editor redraws the last line only.
    const last = question.lastIndexOf("\n") + 1;
    write(question.slice(0, last));
    lines.setPrompt(`${question.slice(last)} `);
    hear(lines, { resolve, isRich, reader });
    lines.prompt();
    const read = await promise;
    if (read.kind !== "line") write("\n");
    return read;
  } finally {
    lines?.close();
    if (isRich) restore();
    abort?.removeEventListener("abort", onAbort);
    stopListening();
    end(reader);
    await reader.status;
  }
}

/** `undefined` where there is no such program, as on Windows. */
function startReader(): Deno.ChildProcess | undefined {
  try {
    return new Deno.Command("cat", { stdin: "inherit", stdout: "piped", stderr: "null" }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

interface Hearing extends Pick<LineOptions, "isRich"> {
  readonly resolve: (read: LineRead) => void;
  readonly reader: Deno.ChildProcess;
}

function hear(lines: Interface, { resolve, isRich, reader }: Hearing): void {
  const typed: string[] = [];
  let pause: ReturnType<typeof setTimeout> | undefined;
  lines.on("line", (line: string) => {
    typed.push(line);
    clearTimeout(pause);
    // The end of what was pasted may still be in the line.
    pause = setTimeout(() => {
      if (lines.line === "" || !isRich) resolve({ kind: "line", text: typed.join("\n") });
    }, PASTE_MS);
  });
  if (!isRich) {
    // Ctrl-C ends the reader, too, perhaps before it is heard of here.
    lines.on(
      "close",
      () =>
        void reader.status.then(({ signal }) =>
          resolve(signal === "SIGINT" ? { kind: "interrupted", signal } : { kind: "end" })
        ),
    );
    return;
  }
  lines.on("close", () => resolve({ kind: "end" }));
  lines.on("SIGINT", () => resolve({ kind: "interrupted", signal: "SIGINT" }));
  lines.on("SIGTSTP", () => {
    Deno.stdin.setRaw(false);
    const onContinue = () => {
      Deno.removeSignalListener("SIGCONT", onContinue);
      Deno.stdin.setRaw(true);
      lines.prompt(true);
    };
    Deno.addSignalListener("SIGCONT", onContinue);
    // The whole group: a reader that is left running would take what is typed to the shell.
    Deno.kill(0, "SIGTSTP");
  });
}

/** Drops what was typed before the prompt. */
async function fresh(
  stream: ReadableStream<Uint8Array>,
  { onCtrlC }: { readonly onCtrlC: () => void },
): Promise<AsyncIterable<Uint8Array>> {
  const reader = stream.getReader();
  const isOver = new Promise<"over">((resolve) => setTimeout(() => resolve("over"), STALE_MS));
  let next = reader.read();
  for (let won = await Promise.race([isOver, next]); won !== "over" && !won.done;) {
    if (won.value.includes(CTRL_C)) onCtrlC();
    next = reader.read();
    won = await Promise.race([isOver, next]);
  }
  return (async function* (): AsyncGenerator<Uint8Array> {
    for (let read = await next; !read.done; read = await reader.read()) yield read.value;
  })();
}

/** A stream for the line editor, which asks it for its width. */
function outputFor({ write, columns }: LineOptions): Writable {
  const output = new Writable({
    write(chunk: Uint8Array | string, _encoding, done): void {
      write(typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk));
      done();
    },
  });
  return Object.defineProperty(output, "columns", { get: columns });
}

function restore(): void {
  try {
    Deno.stdin.setRaw(false);
  } catch {
    // The terminal is gone.
  }
}

function end(reader: Deno.ChildProcess): void {
  try {
    reader.kill("SIGKILL");
  } catch {
    // It has ended.
  }
}
