/**
 * Waiting for a file to change.
 *
 * @module
 */

/** Wakes whoever waits when the file changed. Remembers a change that came while nobody waited. */
export class FileWatch implements Disposable {
  readonly #watcher: Deno.FsWatcher | undefined;
  #changed = false;
  #wake: (() => void) | undefined;

  /**
   * Watches one file or folder. Where the system gives no more watches, there are no changes to be seen, and every wait
   * takes its whole time.
   *
   * @throws {Deno.errors.NotFound} Where there is no such file.
   */
  constructor(path: string) {
    this.#watcher = watchIfPossible(path);
    void this.#listen();
  }

  async #listen(): Promise<void> {
    try {
      for await (const _ of this.#watcher ?? []) this.wake();
    } catch {
      // As good as no watch. Unhandled it would end the program.
    }
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
    this.#watcher?.close();
  }
}

/** Linux gives a user a limited number of watches, and editors take many. */
function watchIfPossible(path: string): Deno.FsWatcher | undefined {
  try {
    // Not recursive: closing such a watch silences the others below it (Deno 2.9.6).
    return Deno.watchFs(path, { recursive: false });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw error;
    return undefined;
  }
}
