/**
 * `samocode guide`: tells the next iteration something.
 *
 * @module
 */
import { guideSession } from "../../operations/guide_session.ts";
import { SamocodeError } from "../../text/errors.ts";
import type { Command } from "../command.ts";
import { loadSamocode, namedSession } from "../load.ts";

/** The command. */
export const guide: Command = {
  name: "guide",
  summary: "Leave a note for the next iteration, even while an agent works",
  operands: 'SESSION "TEXT"',
  completes: "sessions",
  maxPositionals: 2,
  flags: { session: { value: "NAME", completes: "sessions", help: "Session name" } },
  examples: ['samocode guide add-jwt "use the existing key store"'],
  run(io, args): Promise<number> {
    const text = args.positionals.at(-1);
    const session = namedSession(args, args.positionals.slice(0, -1));
    if (session === undefined || text === undefined) {
      throw new SamocodeError("usage", "Cannot guide: a session and a text are needed", {
        hint: 'samocode guide NAME "what the agent should know"',
      });
    }
    guideSession(loadSamocode(io, args), { session, text, by: "samocode guide" });
    io.write("The next iteration will be told.\n");
    return Promise.resolve(0);
  },
};
