/**
 * A machine's network cable: a proxy that can be cut silently, as by a dead router, and repaired.
 *
 * @module
 */
import { join } from "node:path";

/** Replaces ssh: runs git's command on this machine. While the cable is cut, it hangs without an error. */
const SSH = `#!/bin/sh
for last; do :; done
while [ -e CUT ]; do sleep 0.1; done
exec sh -c "$last"
`;

/** A proxy between two loopback ports, and an `ssh` to this same machine. */
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
   * @param folder A dedicated folder, in which {@linkcode bin} is created.
   * @param port The loopback port to forward to.
   */
  constructor(readonly folder: string, port: number) {
    this.#mark = join(folder, "cut");
    Deno.mkdirSync(this.bin, { recursive: true });
    Deno.writeTextFileSync(join(this.bin, "ssh"), SSH.replace("CUT", this.#mark), { mode: 0o755 });
    this.#accepting = this.#accept(port);
  }

  /** The port to connect to. */
  get port(): number {
    return this.#listener.addr.transport === "tcp" ? this.#listener.addr.port : 0;
  }

  /** A folder for PATH, with the replaced `ssh`. */
  get bin(): string {
    return join(this.folder, "bin");
  }

  /** Stops all traffic, in both directions. Data sent meanwhile arrives after the repair. */
  cut(): void {
    Deno.writeTextFileSync(this.#mark, "");
    this.#whole = new Promise((resolve) => this.#mend = resolve);
  }

  /** Cuts after this many more chunks from the server, for example in the middle of a handshake. */
  cutAfter(pieces: number): void {
    this.#left = pieces;
  }

  /** Lets all traffic through again. */
  mend(): void {
    try {
      Deno.removeSync(this.#mark);
    } catch {
      // It was not cut.
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
      // The server is down.
      close(near);
    }
    this.#connections.delete(near);
  }

  #count(): void {
    if (this.#left-- === 0) this.cut();
  }

  /** Forwards what one end sends, including its end. */
  async #pump(from: Deno.TcpConn, to: Deno.TcpConn, count = (): void => {}): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let size = await from.read(buffer); size !== null; size = await from.read(buffer)) {
        count();
        await this.#whole;
        for (let sent = 0; sent < size;) sent += await to.write(buffer.subarray(sent, size));
      }
    } catch {
      // One end is gone: close the other one, too.
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
    // It is closed already.
  }
}
