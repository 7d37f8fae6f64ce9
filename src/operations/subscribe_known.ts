/**
 * Subscribes existing sessions of all known projects to a listener that a person starts.
 *
 * @module
 */
import { readSubscriptions, subscribe } from "../session/subscriptions.ts";
import { messageOf } from "../text/errors.ts";
import { isUnderWay } from "../workflow/snapshot.ts";
import { knownProjects } from "./known_projects.ts";
import { listStatuses } from "./list_sessions.ts";
import { setChannels } from "./open_channel.ts";
import type { Samocode } from "./samocode.ts";

/**
 * Subscribes the sessions that are running or need the person, if their project has a channel.
 *
 * @param log Receives what could not be read.
 */
export function subscribeKnown(
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
