/**
 * Tells the person, on their own channel, of what no worker can tell them any more: that nobody works on a session.
 *
 * @module
 */
import type { Message, Notifier } from "../notifiers/notifier.ts";
import { NOTIFIER_NAMES, NOTIFIERS } from "../notifiers/notifiers.ts";
import { type RosterEntry, takeTelling } from "../session/roster.ts";
import { messageOf } from "../text/errors.ts";
import type { Samocode } from "./samocode.ts";

/** What to tell, and about which session. */
export interface News extends Message {
  readonly entry: Pick<RosterEntry, "session">;
}

/**
 * Sends a message over every notifier that is set up, once for each end of a run, whichever process comes first.
 *
 * @param log Receives the message for whoever looks here, and why it could not be sent.
 */
export async function tellPerson(
  { settings, stateFolder }: Pick<Samocode, "settings" | "stateFolder">,
  { entry, title, text }: News,
  log: (line: string) => void,
): Promise<void> {
  const finish = takeTelling(stateFolder, entry);
  if (finish === undefined) return;
  log(`${title}: ${text}`);
  let wasTold = true;
  for (const name of NOTIFIER_NAMES) {
    const notifier: Notifier = NOTIFIERS[name];
    const set = settings.notifiers[name];
    if (set === undefined) continue;
    try {
      await (await notifier.message())(set, { title, text });
    } catch (error) {
      wasTold = false;
      log(`Cannot tell you over ${notifier.title}: ${messageOf(error)}`);
    }
  }
  finish(wasTold);
}
