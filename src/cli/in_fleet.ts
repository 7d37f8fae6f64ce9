/**
 * `--fleet`: runs commands on copies of the fleet's sessions as if they were sessions on this machine.
 *
 * @module
 */
import { plainText } from "../text/terminal_text.ts";
import type { CliIo } from "./cli_io.ts";
import type { Arguments, Command, Flags } from "./command.ts";

/** The flag of every command that works on the fleet. */
export const FLEET_FLAG: Flags = {
  fleet: { help: "A session of the fleet (SAMOCODE_FLEET): NAME or PROJECT/NAME" },
};

/** Flags that make a command keep running and show changes. */
const STAYING: readonly string[] = ["follow", "watch"];

/** Runs a command on the fleet's sessions as if they were a project's on this machine. */
export async function runInFleet(
  io: CliIo,
  { command, args }: { readonly command: Command; readonly args: Arguments },
): Promise<number> {
  const { loadFleet } = await import("../fleet/load_fleet.ts");
  const use = command.fleet ?? {};
  const isOfAll = use.ofAll === true || args.switches.has("all");
  const follows = use.stays === true || STAYING.some((flag) => args.switches.has(flag));
  const [first] = args.positionals;
  const isTask = use.takesTask === true && first !== undefined &&
    (await import("./session_request.ts")).isProse(first);
  // A new session has no copy yet.
  const { given, rest } = isTask ? { given: undefined, rest: args.positionals } : sessionIn(command, args);
  if (use.withoutSession !== undefined && given === undefined && !follows) return await use.withoutSession(io, args);
  await using fleet = await loadFleet({ ...io, config: args.values["config"] }, {
    session: given,
    project: args.values["project"],
    all: isOfAll,
    follows,
    log: (line) => io.writeError(`${plainText(line)}\n`),
  });
  const { projectFile, session, gates } = fleet;
  const config = isOfAll ? args.values["config"] : projectFile;
  const values = { ...args.values, ...(config !== undefined && { config }), ...(session !== undefined && { session }) };
  const serveMcp = async ({ config }: Parameters<CliIo["serveMcp"]>[0]): Promise<void> =>
    await io.serveMcp({ project: undefined, config, gates });
  const there = { ...io, serveMcp, env: { ...io.env, ...gates } };
  return await command.run(there, { ...args, values, positionals: rest });
}

/** Splits the operands into the named session and the rest. */
function sessionIn(
  { completes, fleet }: Command,
  { values, positionals }: Arguments,
): { readonly given: string | undefined; readonly rest: readonly string[] } {
  const { session } = values;
  // A new session has no copy yet.
  if (GIVEN.some((flag) => flag in values)) return { given: undefined, rest: positionals };
  const [first, ...rest] = positionals;
  if (session !== undefined || completes !== "sessions" || first === undefined) {
    return { given: session, rest: positionals };
  }
  // A text, an answer, or a phase instead of a session.
  const isOther = first.includes("=") || /\s/.test(first) || (fleet?.endsWithText === true && rest.length === 0);
  return isOther ? { given: undefined, rest: positionals } : { given: first, rest };
}

/** Flags that say what a new session should do. */
const GIVEN: readonly string[] = ["task", "dive", "plan"];
