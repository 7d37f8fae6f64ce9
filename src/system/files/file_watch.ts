/**
 * Waiting for a file to change.
 *
 * @module
 */

/** Watches a file. Remembers a change until the next wait. */
export class FileWatch implements Disposable {
  readonly #watcher: Deno.FsWatcher | undefined;
  #changed = false;
  #wake: (() => void) | undefined;

  /**
   * Watches a file or folder. If the system has no watches left, every wait lasts its full time.
   *
   * @throws {Deno.errors.NotFound} If there is no such file.
   */
  constructor(path: string) {
    this.#watcher = watchIfPossible(path);
    void this.#listen();
  }

  async #listen(): Promise<void> {
    try {
      // Whoever reads what it watches must not wake itself.
      for await (const { kind } of this.#watcher ?? []) if (kind !== "access") this.wake();
    } catch {
      // Continue without a watch. An unhandled rejection would end the program.
    }
  }

  /** Ends the current or the next wait. */
  wake(): void {
    this.#changed = true;
    this.#wake?.();
  }

  /** Resolves at the next change, at once if there was one since the last wait, or after `atMostMs`. */
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

/** Linux limits the watches of a user, and editors use many. */
function watchIfPossible(path: string): Deno.FsWatcher | undefined {
  try {
    // Not recursive: closing such a watch silences the others below it (Deno 2.9.6).
    return Deno.watchFs(path, { recursive: false });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw error;
    return undefined;
  }
}
