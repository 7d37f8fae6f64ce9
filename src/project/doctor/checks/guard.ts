/**
 * What guards the agents here.
 *
 * @module
 */
import { type Finding, ok, problem, warning } from "../../../contract/finding.ts";
import { chooseGuard, holds } from "../../../guard/guard.ts";
import { socketPaths } from "../../../guard/guarded_attempt.ts";
import { describeGuard } from "../../../messages/describe_event.ts";
import { guardSettings } from "../../../settings/guard_settings.ts";
import { cacheFolder } from "../../../system/user_folders.ts";
import { SamocodeError } from "../../../text/errors.ts";
import type { Check } from "../check.ts";

/** The check. */
export const guard: Check = {
  area: "guard",
  async *examine({ settings, env }): AsyncGenerator<Finding> {
    if (settings === undefined) return;
    try {
      const { record } = await chooseGuard(guardSettings(settings, { env, cacheFolder: cacheFolder(env) }));
      const text = `Agents are ${describeGuard(record)}`;
      if (holds(record.kind)) yield ok(text);
      else yield warning(text, settings.guard === "off" ? "Remove SAMOCODE_GUARD=off" : INSTALL);
      for (const name of record.open) yield warning(`Agents can leave the guard through ${name}`, OPENED);
      if (holds(record.kind) && record.network === "open") yield* abstractSockets();
    } catch (error) {
      if (!(error instanceof SamocodeError)) throw error;
      yield problem(error.message, error.hint);
    }
  },
};

const INSTALL = "Install bubblewrap (apt install bubblewrap), then run samocode doctor";
const OPENED = "Remove it from SAMOCODE_GUARD_ALLOW when you no longer need it";

/** Nothing but a network of its own keeps an agent from these. */
function* abstractSockets(): Generator<Finding> {
  const names = socketPaths().filter((path) => path.startsWith("@/"));
  if (names.length === 0) return;
  const shown = names.slice(0, 3).join(", ");
  yield warning(`Agents can reach abstract sockets: ${shown}`, "Stop those programs, or run samocode in a container");
}
