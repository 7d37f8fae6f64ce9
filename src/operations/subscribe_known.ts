/**
 * Subscribes existing sessions of all known projects to a listener that a person starts.
 *
 * @module
 */
import { hearCopies } from "../session/elsewhere.ts";
import { readSubscriptions, subscribe } from "../session/subscriptions.ts";
import { messageOf } from "../text/errors.ts";
import { isUnderWay } from "../workflow/snapshot.ts";
import { knownProjects } from "./known_projects.ts";
import { listStatuses } from "./list_sessions.ts";
import { setChannels } from "./open_channel.ts";
import type { Samocode } from "./samocode.ts";

/**
 * Subscribes the sessions that are running or need the person, if their project has a channel; those of the fleet again
 * whenever one changes, until it is disposed.
 *
 * @param log Receives what could not be read.
 */
export function keepSubscribed(host: Parameters<typeof subscribeKnown>[0], log: (line: string) => void): Disposable {
  subscribeKnown(host, log);
  return hearCopies(() => subscribeKnown(host, log));
}

function subscribeKnown(
  { env, workingDirectory }: Pick<Samocode, "env"> & { readonly workingDirectory: string },
  log: (line: string) => void,
): void {
  const { projects, leftOut, stateFolder } = knownProjects({ env, workingDirectory, config: undefined });
  const subscribed = readSubscriptions(stateFolder);
  for (const line of leftOut) log(`Skipped: ${line}`);
  for (const project of projects) {
    const { settings } = project;
    if (setChannels(settings).length === 0) continue;
    try {
      for (const { folder: session, state, needs, cursor: after } of listStatuses(project)) {
        const isKnown = subscribed.some((each) => each.session === session);
        if (isKnown || (!isUnderWay(state) && needs === "none")) continue;
        subscribe(stateFolder, { session, projectFile: settings.projectFile, settings: {}, after });
      }
    } catch (error) {
      log(`Skipped: ${settings.projectFile}: ${messageOf(error)}`);
    }
  }
}
