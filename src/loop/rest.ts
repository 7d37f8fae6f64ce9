/**
 * Waiting between attempts, so that a wish to stop is heard at once.
 *
 * @module
 */
import type { SessionFolder } from "../session/session_folder.ts";
import { FileWatch } from "../system/file_watch.ts";

/** Rests for so long, or until the run is aborted or somebody asks in the journal for a stop. */
export async function rest(
  folder: SessionFolder,
  { ms, abort }: { readonly ms: number; readonly abort: AbortSignal },
): Promise<void> {
  if (ms <= 0) return;
  using watch = new FileWatch(folder.layout.journal);
  const wake = () => watch.wake();
  abort.addEventListener("abort", wake);
  try {
    const until = Date.now() + ms;
    while (!abort.aborted && folder.history.stopRequestedBy === undefined) {
      const left = until - Date.now();
      if (left <= 0) return;
      await watch.changed(Math.min(left, LONGEST_TIMER_MS));
      folder.journal.refresh();
    }
  } finally {
    abort.removeEventListener("abort", wake);
  }
}

/** Also a safety look, for file systems on which a watch stays silent. */
const LONGEST_TIMER_MS = 60_000;
