/**
 * Runs the listener: shows on a user's channels what their sessions need and performs what they decide, until no
 * session runs or waits.
 *
 * @module
 */
import type { Host } from "../operations/roster.ts";
import { onAbort } from "../operations/samocode.ts";
import { listenerFolder, subscriptionsFolder } from "../session/subscriptions.ts";
import { SYSTEM_CLOCK } from "../system/clock.ts";
import { FileWatch } from "../system/files/file_watch.ts";
import { removeAbandoned } from "../system/files/files.ts";
import { lockFolder } from "../system/files/folder_lock.ts";
import { stateFolder } from "../system/user_folders.ts";
import { SamocodeError, unlessFailing } from "../text/errors.ts";
import { plainText } from "../text/terminal_text.ts";
import { type Channels, Listener, type Listening } from "./listener.ts";
import { lockListener } from "./listener_lock.ts";

/** How often to look in case the system reports no changes, and while a worker is about to exit. */
const LOOK_MS = { resting: 60_000, ending: 2_000 };

/** Whether this listener did its work or another one is running. */
export type ListenEnd = { readonly kind: "ended" } | { readonly kind: "elsewhere"; readonly error: SamocodeError };

/**
 * Listens until no session runs or waits, or until it is aborted.
 *
 * @throws {SamocodeError} If the state folder cannot be used.
 */
export async function listen(
  given: Omit<Host, "stateFolder">,
  { abort, log, keeps }: Listening,
  channels: Channels = {},
): Promise<ListenEnd> {
  const host: Host = { ...given, stateFolder: stateFolder(given.env) };
  const folder = subscriptionsFolder(host.stateFolder);
  const lock = await lockListener(host, keeps);
  if (lock instanceof SamocodeError) return { kind: "elsewhere", error: lock };
  for (const each of [folder, listenerFolder(host.stateFolder)]) unlessFailing(() => removeAbandoned(each));
  using turn = new DisposableStack();
  using _lock = lock;
  using watch = new FileWatch(folder);
  using _waking = onAbort(abort, () => watch.wake());
  const over = new AbortController();
  await using listener = new Listener(host, {
    keeps,
    abort: over.signal,
    changed: () => watch.wake(),
    log: (line) => log(plainText(line, 600)),
    channels,
  });
  using _end = { [Symbol.dispose]: () => over.abort() };
  log(`Listening for ${folder}`);
  const { clock = SYSTEM_CLOCK } = host;
  while (!abort.aborted) {
    await listener.goThrough();
    if (!keeps && listener.isIdle) {
      const held = await unlessMissing(() => lockFolder(folder));
      // Subscribers look for a listener under this lock, so it is released last.
      if (listener.isNewsless()) {
        turn.use(held);
        break;
      }
      held?.[Symbol.dispose]();
      continue;
    }
    await watch.changed(clock.timer(listener.isEnding ? LOOK_MS.ending : LOOK_MS.resting));
  }
  return { kind: "ended" };
}

async function unlessMissing(lock: () => Promise<Disposable>): Promise<Disposable | undefined> {
  try {
    return await lock();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
