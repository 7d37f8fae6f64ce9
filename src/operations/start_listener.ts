/**
 * Has the listener follow a session, and starts it where none runs: this same program, detached, one for each user.
 *
 * @module
 */
import { join } from "node:path";
import { livingListener } from "../session/listener_record.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { listenerFolder, readSubscriptions, subscribe, subscriptionsFolder } from "../session/subscriptions.ts";
import { listenerEnvironment } from "../settings/agent_environment.ts";
import { lockFolder } from "../system/files/folder_lock.ts";
import { MARKER_VARIABLE } from "../system/processes/end_processes.ts";
import { notTakenForDeno, spawnDetached } from "../system/processes/spawn_child.ts";
import { messageOf, unlessFailing } from "../text/errors.ts";
import { setChannels } from "./open_channel.ts";
import { type Host, loadEntry, settingsToKeep } from "./roster.ts";
import type { Samocode } from "./samocode.ts";

/** The end of a run waits no longer for a listener to be started. */
const WITHIN_MS = 2_000;

/**
 * Has the listener follow a session, if any channel is set up. Nothing of it delays a run or makes it fail.
 *
 * @param note Receives why the person will hear nothing.
 * @returns To be disposed at the end of the run.
 */
export function haveHeard(samocode: Samocode, folder: SessionFolder, note: (text: string) => void): AsyncDisposable {
  if (setChannels(samocode.settings).length === 0) return { [Symbol.asyncDispose]: () => Promise.resolve() };
  const starting = follow(samocode, folder).catch((error) =>
    note(`Warning: nothing is sent to your channels: cannot start the listener: ${messageOf(error)}`)
  );
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      let timer: ReturnType<typeof setTimeout> | undefined;
      await Promise.race([starting, new Promise<void>((resolve) => timer = setTimeout(resolve, WITHIN_MS))]);
      clearTimeout(timer);
    },
  };
}

/** Starts a missing listener again, where it would have a channel: while all sessions wait, no worker does. */
export async function hearAgain(host: Host): Promise<void> {
  const { env, stateFolder } = host;
  // An agent in its guard sees neither the listener's process nor the person's channels.
  if (MARKER_VARIABLE in env) return;
  const isHeard = readSubscriptions(stateFolder).some((each) =>
    unlessFailing(() => setChannels(loadEntry(host, each).settings).length > 0)
  );
  if (isHeard) await startListener(host);
}

/** Has glibc keep memory for one thread, not for each, and hand back what is free: 4 MB less. See mallopt(3). */
const LEAN = {
  MALLOC_ARENA_MAX: "1",
  MALLOC_TRIM_THRESHOLD_: "65536",
  MALLOC_TOP_PAD_: "0",
  MALLOC_MMAP_THRESHOLD_: "65536",
};

/** The environment of a listener, without what only it needs: workers that it starts pass theirs on. */
export function withoutLean(env: Samocode["env"]): Samocode["env"] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !Object.hasOwn(LEAN, name)));
}

async function follow(samocode: Samocode, folder: SessionFolder): Promise<void> {
  const { settings, env, stateFolder } = samocode;
  subscribe(stateFolder, {
    session: folder.layout.folder,
    projectFile: settings.projectFile,
    settings: settingsToKeep(env, settings),
    after: folder.history.lastSeq,
  });
  await startListener(samocode);
}

async function startListener({ env, self, version, stateFolder }: Host): Promise<void> {
  // A listener that finds nothing to follow ends under this lock, after a last look.
  using _turn = await lockFolder(subscriptionsFolder(stateFolder));
  const living = livingListener(stateFolder);
  // One of another version gives way to the one that is started.
  if (living !== undefined && (living.said?.version ?? version) === version) return;
  const [program = "", ...before] = self;
  await spawnDetached({
    binary: notTakenForDeno(program),
    args: [...before, "listener"],
    // A project may be moved while it runs.
    cwd: listenerFolder(stateFolder),
    env: { ...listenerEnvironment(env), ...LEAN },
    logPath: join(listenerFolder(stateFolder), "listener.log"),
  });
}
