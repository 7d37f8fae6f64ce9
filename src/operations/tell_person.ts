/**
 * Tells the person, on their own channel, of what no worker can tell them any more: that nobody works on a session.
 *
 * @module
 */
import type { Channel, Message } from "../channels/channel.ts";
import { CHANNEL_NAMES, CHANNELS } from "../channels/channels.ts";
import { type RosterEntry, takeTelling } from "../session/roster.ts";
import { messageOf } from "../text/errors.ts";
import type { Samocode } from "./samocode.ts";

/** What to tell, and about which session. */
export interface News extends Message {
  readonly entry: Pick<RosterEntry, "session">;
}

/**
 * Sends a message over every channel that is set up, once for each end of a run, whichever process comes first.
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
  for (const name of CHANNEL_NAMES) {
    const channel: Channel = CHANNELS[name];
    const set = settings.channels[name];
    if (set === undefined || channel.message === undefined) continue;
    try {
      await (await channel.message())(set, { title, text });
    } catch (error) {
      wasTold = false;
      log(`Cannot tell you over ${channel.title}: ${messageOf(error)}`);
    }
  }
  finish(wasTold);
}
