/**
 * What a status says about the user's channels: what was not delivered, and where nobody can decide.
 *
 * @module
 */
import { livingListener } from "../session/listener_record.ts";
import { isSubscribed } from "../session/subscriptions.ts";
import { localMoment } from "../text/format.ts";
import { plainText } from "../text/terminal_text.ts";
import type { SessionNeed } from "../workflow/snapshot.ts";
import type { Status } from "./status.ts";

/** Adds to a status's note what the listener's record says about the session. */
export function withChannelNotes(stateFolder: string, status: Status): Status {
  const note = [status.note, ...channelNotes(stateFolder, status)].filter((text) => text !== "").join("; ");
  return { ...status, note };
}

function channelNotes(
  stateFolder: string,
  { folder, needs }: { readonly folder: string; readonly needs: SessionNeed },
): readonly string[] {
  const living = livingListener(stateFolder);
  if (living === undefined) {
    const isLeft = needs !== "none" && isSubscribed(stateFolder, { session: folder });
    return isLeft ? ["no listener is running, so your channels do not show what it needs: samocode listen"] : [];
  }
  const { channels = [], undelivered = [] } = living.said ?? {};
  const late = undelivered.filter(({ session }) => session === folder);
  const deaf = needs === "none"
    ? []
    : channels.filter(({ refusal, sessions }) => refusal !== "" && sessions.includes(folder));
  return [
    ...late.map(({ title, channel, since, because }) =>
      `not delivered on ${channel} since ${localMoment(since)}: ${plainText(title, 100)} (${plainText(because, 200)})`
    ),
    ...deaf.map(({ title, refusal }) => `${title}: ${plainText(refusal, 300)}`),
  ];
}
