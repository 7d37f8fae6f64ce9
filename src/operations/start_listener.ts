/**
 * Subscribes a session to the listener, and starts the listener if none is running: this program, detached, one per
 * user.
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

/** How long the end of a run waits for the listener to start. */
const WITHIN_MS = 2_000;

/**
 * Subscribes a session to the listener if any channel is configured. Never delays a run or makes it fail.
 *
 * @param note Receives why no notifications will be sent.
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

/** Restarts a missing listener if any of its sessions has a channel: while all sessions wait, no worker would. */
export async function hearAgain(host: Host): Promise<void> {
  const { env, stateFolder } = host;
  // A guarded agent sees neither the listener's process nor the user's channels.
  if (MARKER_VARIABLE in env) return;
  const isHeard = readSubscriptions(stateFolder).some((each) =>
    unlessFailing(() => setChannels(loadEntry(host, each).settings).length > 0)
  );
  if (isHeard) await startListener(host);
}

/** Makes glibc use one memory arena and return free memory, which saves 4 MB. See mallopt(3). */
const LEAN = {
  MALLOC_ARENA_MAX: "1",
  MALLOC_TRIM_THRESHOLD_: "65536",
  MALLOC_TOP_PAD_: "0",
  MALLOC_MMAP_THRESHOLD_: "65536",
};

/** A listener's environment without what only it needs, since the workers that it starts inherit theirs. */
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
  // A listener with nothing to follow exits under this lock, after a last look.
  using _turn = await lockFolder(subscriptionsFolder(stateFolder));
  const living = livingListener(stateFolder);
  // A listener of another version gives way to the new one.
  if (living !== undefined && (living.said?.version ?? version) === version) return;
  const [program = "", ...before] = self;
  await spawnDetached({
    binary: notTakenForDeno(program),
    args: [...before, "listener"],
    // The project may be moved while the listener runs.
    cwd: listenerFolder(stateFolder),
    env: { ...listenerEnvironment(env), ...LEAN },
    logPath: join(listenerFolder(stateFolder), "listener.log"),
  });
}
