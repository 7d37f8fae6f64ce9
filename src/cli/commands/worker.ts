/**
 * `samocode worker`: drives sessions of the fleet on this machine.
 *
 * @module
 */
import { isAbsolute, resolve } from "node:path";
import { refuseAgents } from "../../operations/people_only.ts";
import { SamocodeError } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import type { CliIo } from "../cli_io.ts";
import { type Command, EXIT } from "../command.ts";

const MOST_SLOTS = 100;

/** Drives sessions of the fleet on this machine. */
export const worker: Command = {
  name: "worker",
  listedWith: "fleet",
  summary: "Run sessions of the fleet on this machine",
  flags: {
    pool: { value: "NAME", help: "Take sessions of this pool (default: default)" },
    slots: { value: "N", help: "How many sessions at a time (default: 1)" },
    label: { value: "A,B", help: "Labels of this machine; it takes a session if it has all of the session's labels" },
    account: { value: "A,B", help: "Take only sessions of these accounts (default: all)" },
    name: { value: "NAME", help: "Name of this worker (default: the host name)" },
    folder: { value: "DIR", completes: "folder", help: "Where to keep clones, worktrees and sessions" },
    "until-idle": { help: "Exit once nothing is left to do" },
  },
  examples: [
    "samocode worker",
    "samocode worker --slots 4 --pool night --label gpu,linux",
    "samocode worker --account team --until-idle",
  ],
  notes: {
    title: "Signals",
    rows: [
      ["SIGTERM, Ctrl-C", "hand over each session after its iteration, then exit; a second signal does so at once"],
    ],
  },
  async run(io, args): Promise<number> {
    const { values, switches } = args;
    const { checkWord } = await import("../../fleet/words.ts");
    const wordsIn = (
      kind: "label" | "account",
    ): readonly string[] => [...new Set(values[kind]?.split(",").map((word) => checkWord(word.trim(), kind)))];
    const request = {
      pool: checkWord(values["pool"] ?? "default", "pool"),
      slots: slotsIn(values["slots"] ?? "1"),
      labels: wordsIn("label"),
      accounts: wordsIn("account"),
      name: values["name"],
      untilIdle: switches.has("until-idle"),
    };
    refuseAgents({ verb: "run a worker", env: io.env, places: [io.workingDirectory] });
    const { work } = await import("../../fleet/work.ts");
    using signals = listenForDrain(io);
    await work({
      ...request,
      ...{ env: io.env, self: io.self, shippedRoot: io.shippedRoot, version: io.version },
      ...{ drain: signals.drain, end: signals.end },
      folder: values["folder"] === undefined ? undefined : folderIn(values["folder"], io),
      log: (line) => io.write(`${new Date().toISOString().slice(11, 19)} ${plainText(line, 2_000)}\n`),
    });
    return EXIT.done;
  },
};

/** The first signal drains the worker, the second ends its agents. */
function listenForDrain(io: CliIo): Disposable & { readonly drain: AbortSignal; readonly end: AbortSignal } {
  const [drain, end] = [new AbortController(), new AbortController()];
  const stop = io.onSignal(() => (drain.signal.aborted ? end : drain).abort());
  return { drain: drain.signal, end: end.signal, [Symbol.dispose]: stop };
}

function folderIn(text: string, { workingDirectory }: CliIo): string {
  if (text.trim() === "") throw unusable(text, "a folder", "Name a folder that you may write in");
  return isAbsolute(text) ? text : resolve(workingDirectory, text);
}

function slotsIn(text: string): number {
  const slots = Number(text);
  if (/^\d{1,3}$/.test(text) && slots >= 1 && slots <= MOST_SLOTS) return slots;
  throw unusable(text, "a number of slots", `Use a whole number from 1 to ${MOST_SLOTS}`);
}

function unusable(text: string, what: string, hint: string): SamocodeError {
  return new SamocodeError("usage", `Cannot use ${JSON.stringify(plainText(text, 80))} as ${what}`, { hint });
}
