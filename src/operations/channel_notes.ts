/**
 * What `samocode status` says of a person's channels: what they were not told, and where they cannot decide.
 *
 * @module
 */
import { livingListener } from "../session/listener_record.ts";
import { isSubscribed } from "../session/subscriptions.ts";
import { localMoment } from "../text/format.ts";
import { plainText } from "../text/terminal_text.ts";
import type { SessionNeed } from "../workflow/snapshot.ts";

/** The notes about one session, of which the listener says something; it reads one small file. */
export function channelNotes(
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
