/**
 * Watches many folders at once: what is in them, not below.
 *
 * @module
 */
import { lstatIfExists } from "./files.ts";

/** Watches a set of folders that may change. */
export class FolderWatch implements Disposable {
  readonly #changed: (path: string | undefined) => void;
  #watcher: Deno.FsWatcher | undefined;
  #watched = "";

  /** @param changed Receives the path of what changed; `undefined` where changes may have been missed. */
  constructor(changed: (path: string | undefined) => void) {
    this.#changed = changed;
  }

  /** Whether the system had enough watches. */
  get isWatching(): boolean {
    return this.#watcher !== undefined;
  }

  /** Watches these instead of the earlier ones; what is missing is left out. */
  watch(folders: readonly string[]): void {
    const there = folders.filter((folder) => lstatIfExists(folder) !== undefined);
    const wanted = there.join("\0");
    if (wanted === this.#watched) return;
    const isFirst = this.#watched === "";
    this.#watched = wanted;
    // One watcher for all: each takes one of the 128 that Linux lets a user have (fs.inotify.max_user_instances).
    // Closed first: it takes its watches along, also those on folders that the next one has (Deno 2.9.6).
    this.#watcher?.close();
    this.#watcher = watcherOn(there);
    void this.#listen(this.#watcher);
    if (!isFirst) this.#changed(undefined);
  }

  [Symbol.dispose](): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  async #listen(watcher: Deno.FsWatcher | undefined): Promise<void> {
    try {
      for await (const { kind, paths } of watcher ?? []) {
        // Whoever reads what it watches must not wake itself.
        if (kind !== "access") { for (const path of paths) this.#changed(path); }
      }
    } catch {
      // Continue without a watch. An unhandled rejection would end the program.
    }
  }
}

function watcherOn(folders: readonly string[]): Deno.FsWatcher | undefined {
  if (folders.length === 0) return undefined;
  try {
    return Deno.watchFs([...folders], { recursive: false });
  } catch {
    // Linux limits the watches of a user, and a folder may be gone by now.
    return undefined;
  }
}
