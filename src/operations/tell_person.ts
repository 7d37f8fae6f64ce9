/**
 * Reports on the user's channels what no worker can report any more: that a session's worker died.
 *
 * @module
 */
import { basename } from "node:path";
import type { Post } from "../channels/post.ts";
import { isWanted, quietLeftMs } from "../channels/when_to_tell.ts";
import { isListenerMissing, livingListener } from "../session/listener_record.ts";
import { type RosterEntry, takeTelling } from "../session/roster.ts";
import { isSubscribed } from "../session/subscriptions.ts";
import { messageOf } from "../text/errors.ts";
import { projectName } from "./list_sessions.ts";
import { openChannel, setChannels } from "./open_channel.ts";
import type { Samocode } from "./samocode.ts";

/** What to tell, and about which session. */
export interface News {
  readonly entry: Pick<RosterEntry, "session">;
  /** Plain text. */
  readonly title: string;
  readonly text: string;
  /** Whether to leave the report to a listener that is running or about to start, which can also offer to continue. */
  readonly isSeen?: boolean;
}

/** How long the end of a command waits for a channel. */
const WITHIN_MS = 10_000;

/**
 * Shows a post on every configured channel, once per end of a run, from whichever process comes first.
 *
 * @param log Receives the report for the terminal, and why it could not be sent.
 */
export async function tellPerson(
  samocode: Pick<Samocode, "settings" | "env" | "stateFolder" | "now">,
  { entry, title, text, isSeen = false }: News,
  log: (line: string) => void,
): Promise<void> {
  const { settings, stateFolder } = samocode;
  const isHeard = isSeen && (livingListener(stateFolder) !== undefined || isListenerMissing(stateFolder));
  const isLeft = isHeard && isSubscribed(stateFolder, entry);
  const finish = isLeft ? undefined : takeTelling(stateFolder, entry);
  if (isLeft || finish !== undefined) log(`${title}: ${text}`);
  if (finish === undefined) return;
  let wasTold = true;
  const channels = isWanted(settings, "blocked") ? setChannels(settings) : [];
  await Promise.all(channels.map(async (channel) => {
    const abort = AbortSignal.timeout(WITHIN_MS);
    try {
      const open = await openChannel(samocode, channel, log);
      await open.show(postOf(samocode, { entry, title, text }), { handle: undefined, abort });
    } catch (error) {
      wasTold = false;
      log(`Cannot notify you on ${channel.title}: ${messageOf(error)}`);
    }
  }));
  finish(wasTold);
}

function postOf(
  { settings, now }: Pick<Samocode, "settings" | "now">,
  { entry: { session }, title, text }: News,
): Post {
  return {
    id: `death ${now().toISOString()}`,
    topic: "blocked",
    mark: "💀",
    title,
    facts: [],
    text,
    document: undefined,
    offers: [],
    reply: "",
    isSettled: false,
    isSilent: quietLeftMs(settings, now()) > 0,
    data: { type: "session.crashed", project: projectName({ settings }), session: basename(session) },
  };
}
