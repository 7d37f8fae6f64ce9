/**
 * A machine's cable to the network: what goes through it can be cut, silently, as by a router that dies, and mended.
 *
 * @module
 */
import { join } from "node:path";

/** In the place of ssh: runs git's command here. While the cable is cut nothing gets through, and nothing says so. */
const SSH = `#!/bin/sh
for last; do :; done
while [ -e CUT ]; do sleep 0.1; done
exec sh -c "$last"
`;

/** A port on loopback that leads to another, and an `ssh` to this very machine. */
export class Cable implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections = new Set<Deno.TcpConn>();
  readonly #pumps = new Set<Promise<void>>();
  readonly #mark: string;
  #whole = Promise.resolve();
  #mend = (): void => {};
  #left = Infinity;
  readonly #accepting: Promise<void>;

  /**
   * @param folder A folder of its own; {@linkcode bin} is made in it.
   * @param port Where it leads to, on loopback.
   */
  constructor(readonly folder: string, port: number) {
    this.#mark = join(folder, "cut");
    Deno.mkdirSync(this.bin, { recursive: true });
    Deno.writeTextFileSync(join(this.bin, "ssh"), SSH.replace("CUT", this.#mark), { mode: 0o755 });
    this.#accepting = this.#accept(port);
  }

  /** The port of this end. */
  get port(): number {
    return this.#listener.addr.transport === "tcp" ? this.#listener.addr.port : 0;
  }

  /** A folder for PATH, with the `ssh`. */
  get bin(): string {
    return join(this.folder, "bin");
  }

  /** From now on nothing gets through, in either direction. What is sent meanwhile arrives later. */
  cut(): void {
    Deno.writeTextFileSync(this.#mark, "");
    this.#whole = new Promise((resolve) => this.#mend = resolve);
  }

  /** The same once so many more pieces have come from the other end: in the middle of a handshake, for one. */
  cutAfter(pieces: number): void {
    this.#left = pieces;
  }

  /** Everything gets through again. */
  mend(): void {
    try {
      Deno.removeSync(this.#mark);
    } catch {
      // It was whole.
    }
    this.#left = Infinity;
    this.#mend();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.mend();
    this.#listener.close();
    await this.#accepting;
    for (const connection of this.#connections) close(connection);
    await Promise.all(this.#pumps);
  }

  async #accept(port: number): Promise<void> {
    for await (const near of this.#listener) {
      this.#connections.add(near);
      const serving = this.#serve(near, port).finally(() => this.#pumps.delete(serving));
      this.#pumps.add(serving);
    }
  }

  async #serve(near: Deno.TcpConn, port: number): Promise<void> {
    try {
      await this.#whole;
      const far = await Deno.connect({ hostname: "127.0.0.1", port });
      this.#connections.add(far);
      await Promise.all([this.#pump(near, far), this.#pump(far, near, () => this.#count())]);
      this.#connections.delete(far);
    } catch {
      // Nobody is there: the server is down.
      close(near);
    }
    this.#connections.delete(near);
  }

  #count(): void {
    if (this.#left-- === 0) this.cut();
  }

  /** Passes on what one end sends, and its end. */
  async #pump(from: Deno.TcpConn, to: Deno.TcpConn, count = (): void => {}): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let size = await from.read(buffer); size !== null; size = await from.read(buffer)) {
        count();
        await this.#whole;
        for (let sent = 0; sent < size;) sent += await to.write(buffer.subarray(sent, size));
      }
    } catch {
      // One of them is gone; the other one is to learn that.
    }
    await this.#whole;
    close(to);
    close(from);
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It is closed.
  }
}
