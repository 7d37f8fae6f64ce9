/**
 * Connections that are accepted in limited number, and passed on.
 *
 * @module
 */

/** What connections have in common, over TCP or a socket in a folder. */
export type Connection = Deno.Conn<Deno.Addr>;

/** Both ends of each take a file descriptor, and a process often has no more than 1024. */
const MAX_OPEN = 200;
const CHUNK_BYTES = 16 * 1024;
/** After this the system may have descriptors again. */
const PAUSE_MS = 100;

/** Accepts connections until it is disposed, no more at once than a process can hold; the others wait in the system's queue. */
export class Acceptor implements Disposable {
  readonly #listener: Deno.Listener<Connection>;
  readonly #open = new Set<Connection>();
  #wake: (() => void) | undefined;
  #isClosed = false;

  /** @param handle Its connection is closed when it returns or throws. */
  constructor(listener: Deno.Listener<Connection>, handle: (connection: Connection) => Promise<void>) {
    this.#listener = listener;
    void this.#accept(handle);
  }

  async #accept(handle: (connection: Connection) => Promise<void>): Promise<void> {
    while (!this.#isClosed) {
      if (this.#open.size >= MAX_OPEN) {
        await new Promise<void>((resolve) => this.#wake = resolve);
        continue;
      }
      try {
        const connection = await this.#listener.accept();
        this.#open.add(connection);
        // What a hostile peer does to its connection concerns nobody else.
        void handle(connection).catch(() => {}).finally(() => this.#release(connection));
      } catch {
        if (!this.#isClosed) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  #release(connection: Connection): void {
    this.#open.delete(connection);
    closeQuietly(connection);
    this.#wake?.();
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#listener.close();
    for (const connection of this.#open) closeQuietly(connection);
    this.#wake?.();
  }
}

/** Passes on what each of two connections says to the other, until both have ended or one fails; closes `other`. */
export async function join(connection: Connection, other: Connection): Promise<void> {
  try {
    await Promise.all([pump(connection, other), pump(other, connection)]);
  } finally {
    closeQuietly(connection);
    closeQuietly(other);
  }
}

async function pump(from: Connection, to: Connection): Promise<void> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
    await writeAll(to, buffer.subarray(0, count));
  }
  await to.closeWrite();
}

/** Writes all of some bytes. */
export async function writeAll(to: Connection, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await to.write(bytes.subarray(written));
}

/** Closes a connection that may be closed already. */
export function closeQuietly(connection: Connection): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
