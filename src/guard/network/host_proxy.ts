/**
 * The guarded agent's only way out: a proxy on a socket, in the worker, that connects to the listed hosts. Names are
 * resolved here, since there is no other network behind the walls.
 *
 * @module
 */
import { join as joinPath } from "node:path";
import { removeFolder } from "../../system/files/files.ts";
import { TEMPORARY } from "../attempt.ts";
import { Acceptor, closeQuietly, type Connection, join, writeAll } from "./connections.ts";
import { type HostRule, isAddress, isLocalAddress, isThisMachine, ruleFor } from "./host_list.ts";
import { readHead, readRequest } from "./proxy_request.ts";

/** What an agent asked for in vain. */
export interface Refused {
  /** Each `host:port` once, the first ones. */
  readonly hosts: readonly string[];
  /** Further requests. */
  readonly more: number;
}

/** Replaced by tests. */
export interface ProxyOptions {
  /** The addresses of a name. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

const MAX_NAMED = 20;
const MAX_NAME_LENGTH = 100;
const DIAL_MS = 15_000;

/** Serves one attempt until it is disposed. */
export class HostProxy implements Disposable {
  /** The socket's path. */
  readonly path: string;
  readonly #rules: readonly HostRule[];
  readonly #resolve: (host: string) => Promise<readonly string[]>;
  readonly #folder: string;
  readonly #acceptor: Acceptor;
  readonly #refused = new Set<string>();
  #more = 0;

  constructor(rules: readonly HostRule[], { resolve = resolveByName }: ProxyOptions = {}) {
    this.#rules = rules;
    this.#resolve = resolve;
    // A socket's path has at most 108 bytes; that of a cache folder may be longer.
    this.#folder = Deno.makeTempDirSync({ dir: TEMPORARY, prefix: "samocode-" });
    this.path = joinPath(this.#folder, "proxy");
    const listener = Deno.listen({ transport: "unix", path: this.path });
    this.#acceptor = new Acceptor(listener, (connection) => this.#serve(connection));
  }

  /** What was refused so far. Safe to print: names are checked and cut. */
  get refused(): Refused {
    return { hosts: [...this.#refused], more: this.#more };
  }

  async #serve(connection: Connection): Promise<void> {
    const head = await readHead(connection);
    const request = head === undefined ? undefined : readRequest(head.text);
    if (head === undefined || request === undefined) return await answer(connection, "400 Bad Request", "no request");
    const { host, port } = request;
    const rule = host === undefined ? undefined : ruleFor(this.#rules, { host, port });
    if (host === undefined || rule === undefined) return await this.#refuse(connection, `${host ?? "?"}:${port}`);
    const addresses = await this.#addressesOf(host).catch(() => []);
    // Whoever answers for a listed name must not lead an agent to what listens on this machine.
    const allowed = isAddress(host) || isThisMachine(host)
      ? addresses
      : addresses.filter((address) => !isLocalAddress(address));
    if (addresses.length > 0 && allowed.length === 0) return await this.#refuse(connection, `${host}:${port}`);
    const other = await dial(allowed, port);
    if (other === undefined) return await answer(connection, "502 Bad Gateway", `cannot reach ${host}:${port}`);
    try {
      if (request.head === undefined) await send(connection, "HTTP/1.1 200 Connection established\r\n\r\n");
      else await send(other, request.head);
      await writeAll(other, head.rest);
      await join(connection, other);
    } finally {
      closeQuietly(other);
    }
  }

  async #addressesOf(host: string): Promise<readonly string[]> {
    if (host === "localhost") return ["127.0.0.1", "::1"];
    return isAddress(host) ? [host.replace(/^\[|\]$/g, "")] : await this.#resolve(host);
  }

  async #refuse(connection: Connection, name: string): Promise<void> {
    const cut = name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}…` : name;
    if (!this.#refused.has(cut)) {
      if (this.#refused.size < MAX_NAMED) this.#refused.add(cut);
      else this.#more++;
    }
    await answer(connection, "403 Forbidden", `${cut} is not in SAMOCODE_GUARD_NETWORK`);
  }

  [Symbol.dispose](): void {
    this.#acceptor[Symbol.dispose]();
    removeFolder(this.#folder);
  }
}

async function answer(connection: Connection, status: string, why: string): Promise<void> {
  await send(
    connection,
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\nsamocode: ${why}\n`,
  );
}

async function send(connection: Connection, text: string): Promise<void> {
  // Latin-1, as it was read.
  await writeAll(connection, Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff));
}

/** As programs do it: with the machine's own list of hosts, which Deno.resolveDns does not read. */
async function resolveByName(host: string): Promise<readonly string[]> {
  const { lookup } = await import("node:dns");
  return await new Promise((resolve, reject) =>
    lookup(
      host,
      { all: true },
      (error, found) => error === null ? resolve(found.map(({ address }) => address)) : reject(error),
    )
  );
}

async function dial(addresses: readonly string[], port: number): Promise<Connection | undefined> {
  for (const hostname of addresses) {
    const connecting = Deno.connect({ hostname, port }).catch(() => undefined);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((resolve) => timer = setTimeout(() => resolve(undefined), DIAL_MS));
    const connection = await Promise.race([connecting, late]);
    clearTimeout(timer);
    if (connection !== undefined) return connection;
    void connecting.then((tooLate) => tooLate?.close());
  }
  return undefined;
}
