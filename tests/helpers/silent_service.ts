/**
 * A service that takes every connection and never says a word, or cuts it.
 *
 * @module
 */

/** Takes every connection and says nothing, ever; or cuts each at once. */
export class SilentService implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections: Deno.Conn[] = [];
  readonly url = `http://127.0.0.1:${this.#listener.addr.port}`;

  /** Listens on a free port of this machine. */
  constructor({ cuts = false } = {}) {
    void this.#accept(cuts);
  }

  async #accept(cuts: boolean): Promise<void> {
    for await (const connection of this.#listener) {
      if (cuts) connection.close();
      else this.#connections.push(connection);
    }
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#connections) connection.close();
  }
}
