/**
 * Waiting for a file to change.
 *
 * @module
 */

/** Wakes whoever waits when the file changed. Remembers a change that came while nobody waited. */
export class FileWatch implements Disposable {
  readonly #watcher: Deno.FsWatcher;
  #changed = false;
  #wake: (() => void) | undefined;

  /** Watches one file or folder. */
  constructor(path: string) {
    this.#watcher = Deno.watchFs(path);
    this.#listen();
  }

  async #listen(): Promise<void> {
    for await (const _ of this.#watcher) this.wake();
  }

  /** Wakes the one who waits, for a reason of one's own. */
  wake(): void {
    this.#changed = true;
    this.#wake?.();
  }

  /** Resolves at the next change, one since the last wait included, or after `atMostMs`. */
  async changed(atMostMs: number): Promise<void> {
    if (!this.#changed) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, atMostMs);
      });
      clearTimeout(timer);
      this.#wake = undefined;
    }
    this.#changed = false;
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
  }
}
