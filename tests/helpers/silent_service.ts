/**
 * A service that takes every connection and never says a word.
 *
 * @module
 */

/** Takes every connection and says nothing, ever. */
export class SilentService implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections: Deno.Conn[] = [];
  readonly url = `http://127.0.0.1:${this.#listener.addr.port}`;

  /** Listens on a free port of this machine. */
  constructor() {
    void this.#accept();
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) this.#connections.push(connection);
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#connections) connection.close();
  }
}
