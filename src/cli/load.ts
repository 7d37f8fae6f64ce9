/**
 * Loads the project and finds the session that a command line names.
 *
 * @module
 */
import { listSessions } from "../operations/list_sessions.ts";
import type { Status } from "../operations/status.ts";
import { placesOf, refuseAgents } from "../operations/people_only.ts";
import { loadSamocode as load, type Samocode } from "../operations/samocode.ts";
import { SamocodeError } from "../text/errors.ts";
import type { CliIo } from "./cli_io.ts";
import type { Arguments } from "./command.ts";

/** How a command takes a session: as its operand or as a flag. */
export const SESSION = {
  operand: { operands: "[SESSION]", completes: "sessions", maxPositionals: 1 },
  flag: { value: "NAME", completes: "sessions", help: "Session name" },
} as const;

/** Loads the project's settings. Flags take precedence over all other sources. */
export function loadSamocode(io: CliIo, { values }: Arguments): Samocode {
  const flags = Object.fromEntries(Object.entries(values).filter(([name]) => /^(provider|timeout)$/.test(name)));
  return load({ ...io, config: values["config"], flags });
}

/**
 * Loads the project for something that only a person may do.
 *
 * @throws {SamocodeError} If an agent started the command.
 */
export function loadForPerson(io: CliIo, args: Arguments, verb: string): Samocode {
  const samocode = loadSamocode(io, args);
  refuseAgents({ verb, env: io.env, places: placesOf(samocode) });
  return { ...samocode, isPersons: true };
}

/**
 * The session named by `--session` or an operand.
 *
 * @param words The operands that may be a session's name.
 * @throws {SamocodeError} If there is more than one, usually because text was not quoted.
 */
export function namedSession({ values }: Arguments, words: readonly string[]): string | undefined {
  const flag = values["session"];
  const [first, ...more] = flag === undefined ? words : [flag, ...words];
  const [extra] = more;
  if (extra === undefined) return first;
  throw new SamocodeError("usage", `Unexpected argument ${JSON.stringify(extra)}: the session is already ${first}`, {
    hint: "Quote text that has spaces",
  });
}

/**
 * The named session, or else the only one in a state.
 *
 * @throws {SamocodeError} If none is named and not exactly one is in that state.
 */
export function chooseSession(
  samocode: Samocode,
  { args, words = args.positionals, state }: {
    readonly args: Arguments;
    readonly words?: readonly string[];
    readonly state: Status["state"];
  },
): string {
  const named = namedSession(args, words);
  if (named !== undefined) return named;
  const fitting = listSessions(samocode).filter((status) => status.state === state).map(({ session }) => session);
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  const count = fitting.length === 0 ? "none is" : `${fitting.length} are`;
  throw new SamocodeError("usage", `Cannot tell which session is meant: ${count} ${state}`, {
    hint: fitting.length === 0
      ? "Name one; samocode list shows them all"
      : `Name one of ${fitting.slice(0, 8).join(", ")}`,
  });
}
