/**
 * Records what a terminal shows while somebody types: real programs in a real pseudo-terminal.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { messageOf, SamocodeError } from "../../src/system/errors.ts";

/** What a terminal was sent, and when. */
export interface Recording {
  readonly columns: number;
  readonly rows: number;
  readonly pieces: readonly Piece[];
}

/** What came at once. A piece may end anywhere, also inside an escape sequence. */
export interface Piece {
  /** Since the beginning. */
  readonly atMs: number;
  readonly text: string;
}

/** One thing that the person types. */
export interface Typing {
  /** Typed once the terminal has been sent this text. */
  readonly after: string;
  /** With `\r` for the Enter key. */
  readonly keys: string;
  /** How long the person reads first. */
  readonly pauseMs: number;
}

/** What is recorded. */
export interface RecordOptions {
  readonly columns: number;
  readonly rows: number;
  /** The whole environment of the shell: nothing else is passed on. */
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly typing: readonly Typing[];
  /** The recording ends when this comes after all was typed. */
  readonly until: string;
  /** Between two keys. */
  readonly keyMs: number;
  readonly timeoutMs: number;
}

/** The texts for a shell are constant: what varies reaches it as environment and as typed keys. */
const SHELL = 'stty cols "$COLUMNS" rows "$LINES" && unset COLUMNS LINES && exec sh -i';

/**
 * Opens a shell in a pseudo-terminal of the given size and types. It needs `script` of util-linux, as Linux has it.
 *
 * @throws {SamocodeError} Where a text that is waited for does not come.
 */
export async function recordTerminal(options: RecordOptions): Promise<Recording> {
  const { columns, rows, typing, until, keyMs, timeoutMs } = options;
  const signal = AbortSignal.timeout(timeoutMs);
  const process = openTerminal(options, signal);
  const keyboard = process.stdin.getWriter();
  const press = (key: string): Promise<void> => keyboard.write(new TextEncoder().encode(key));
  const startedAtMs = performance.now();
  const pieces: Piece[] = [];
  let unread = "";
  let next = 0;
  let end: "asked for" | "too early" | undefined;
  // Typed beside the reading, so that each echo is recorded when it comes.
  let typed = Promise.resolve();
  const afterwards = (act: () => Promise<void>): void => {
    typed = typed.then(act);
    // Told below; here it only must not count as an error that nobody looks at.
    typed.catch(() => {});
  };
  for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
    if (end !== undefined) continue;
    pieces.push({ atMs: performance.now() - startedAtMs, text });
    unread += text;
    const step = typing[next];
    const awaited = step?.after ?? until;
    const found = unread.indexOf(awaited);
    if (found < 0 && !unread.includes(until)) continue;
    if (found >= 0 && step !== undefined) {
      unread = unread.slice(found + awaited.length);
      next += 1;
      afterwards(() => type(press, { ...step, keyMs, signal }));
      continue;
    }
    end = found < 0 ? "too early" : "asked for";
    afterwards(() => keyboard.close());
  }
  await process.status;
  if (end === "asked for") return { columns, rows, pieces };
  const failure = await typed.then(() => undefined, (error: unknown) => error);
  // The reader has gone by itself, so there may be nothing left to let go of.
  if (end === undefined) await keyboard.abort().catch(() => {});
  const awaited = JSON.stringify(typing[next]?.after ?? until);
  throw new SamocodeError(
    "system",
    `Cannot record the terminal: ${awaited} did not come${end === "too early" ? " before the end" : ""}${
      failure === undefined ? "" : ` (${messageOf(failure)})`
    }, the last was ${JSON.stringify(unread.slice(-300))}`,
    { hint: "Run the same by hand in a terminal and see what it says", cause: failure },
  );
}

function openTerminal(
  { columns, rows, env, workingDirectory }: RecordOptions,
  signal: AbortSignal,
): Deno.ChildProcess {
  try {
    return new Deno.Command("script", {
      args: ["--quiet", "--echo", "always", "--command", SHELL, "/dev/null"],
      clearEnv: true,
      env: { ...env, SHELL: "/bin/sh", COLUMNS: String(columns), LINES: String(rows) },
      cwd: workingDirectory,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
      signal,
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new SamocodeError("system", "Cannot open a terminal: the program script is not there", {
      hint: "Install util-linux, version 2.35 or newer",
      cause: error,
    });
  }
}

async function type(
  press: (key: string) => Promise<void>,
  { keys, pauseMs, keyMs, signal }: Typing & { readonly keyMs: number; readonly signal: AbortSignal },
): Promise<void> {
  await pause(pauseMs, undefined, { signal });
  for (const key of keys) {
    await press(key);
    await pause(keyMs, undefined, { signal });
  }
}
