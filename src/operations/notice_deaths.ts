/**
 * Notices sessions whose worker died or was ended by the system, and reports each once; and restarts a listener that is
 * missing. Every command of the program checks.
 *
 * @module
 */
import { isListenerMissing } from "../session/listener_record.ts";
import { lockHolder } from "../session/lock.ts";
import { isUntold, readRoster, type RosterEntry, takeTelling } from "../session/roster.ts";
import type { History } from "../workflow/history.ts";
import { isLost, waitsForDay } from "../workflow/supervision.ts";
import { messageOf, unlessFailing } from "../text/errors.ts";
import { stateFolder } from "../system/user_folders.ts";
import { type Host, nameOf, openEntry, strike } from "./roster.ts";

/**
 * Looks at the roster. With nobody to tell of, that is one look at a folder, and one at the lock of each session that
 * is under way. It never rejects.
 *
 * @param log Receives what was told, and why it could not be.
 */
export async function noticeDeaths(
  given: Omit<Host, "stateFolder">,
  log: (line: string) => void,
): Promise<void> {
  const host = { ...given, stateFolder: stateFolder(given.env) };
  // A roster that cannot be read must not keep a command from its work.
  for (const entry of unlessFailing(() => readRoster(host.stateFolder)) ?? []) {
    try {
      if (lockHolder(entry.lock) !== undefined || !isUntold(host.stateFolder, entry)) continue;
      await notice(host, entry, log);
    } catch (error) {
      log(`Cannot look at ${nameOf(entry)}, which is under way: ${messageOf(error)}`);
    }
  }
  await noticeSilence(host, log);
}

/** Restarts a missing listener. It never rejects. */
export async function noticeSilence(host: Host, log: (line: string) => void): Promise<void> {
  try {
    if (!isListenerMissing(host.stateFolder)) return;
    const { hearAgain } = await import("./start_listener.ts");
    await hearAgain(host);
  } catch (error) {
    log(`Cannot restart the listener: ${messageOf(error)}`);
  }
}

async function notice(host: Host, entry: RosterEntry, log: (line: string) => void): Promise<void> {
  const opened = openEntry(host, entry, { readOnly: true });
  if (opened === undefined) return;
  const { samocode } = opened;
  using folder = opened.folder;
  const { history, holder, name } = folder;
  if (holder !== undefined || history.queued !== undefined) return;
  if (waitsForDay(history)) return takeTelling(host.stateFolder, entry)?.(true);
  if (!isLost(history)) return strike(host, { entry, folder });
  const { tellPerson } = await import("./tell_person.ts");
  const title = `${name}: ${howItEnded(history)}`;
  const text = `${whereItWas(history)}. Continue it: samocode run ${name}`;
  await tellPerson(samocode, { entry, title, text, isSeen: true }, log);
}

/** How a lost session ended. */
export function howItEnded({ running, outcome }: History): string {
  if (running) return "its worker died";
  return outcome?.kind === "stopped" ? `it was ended by ${outcome.by}` : "it was ended by the system";
}

/** Where a lost session was. */
export function whereItWas({ attempt, phase, lastAt = "" }: History): string {
  const where = attempt === undefined ? phase : `iteration ${attempt.iteration} (${attempt.phase})`;
  return `It was in ${where}, last heard of at ${lastAt.slice(0, 19)}Z`;
}
