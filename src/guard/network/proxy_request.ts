/**
 * What a program asks of a proxy. Everything in it may be hostile.
 *
 * @module
 */
import { closeQuietly, type Connection } from "./connections.ts";
import { readHost } from "./host_list.ts";

/** A request, read and checked. */
export interface ProxyRequest {
  /** `undefined` for what is no host's name. */
  readonly host: string | undefined;
  readonly port: number;
  /** What the host is to hear first; `undefined` for a tunnel. */
  readonly head: string | undefined;
}

/** The first lines that came over a connection, and what came with them. */
export interface Head {
  readonly text: string;
  readonly rest: Uint8Array;
}

const MAX_HEAD_BYTES = 32 * 1024;
const HEAD_MS = 10_000;
const LATIN1 = new TextDecoder("latin1");

/** Reads up to the first empty line; `undefined` if none comes within 10 seconds and 32 KiB. */
export async function readHead(connection: Connection): Promise<Head | undefined> {
  const timer = setTimeout(() => closeQuietly(connection), HEAD_MS);
  const buffer = new Uint8Array(MAX_HEAD_BYTES);
  try {
    for (let length = 0; length < buffer.length;) {
      const count = await connection.read(buffer.subarray(length));
      if (count === null) return undefined;
      // The line may have begun in the bytes before.
      const from = Math.max(0, length - 3);
      length += count;
      const end = LATIN1.decode(buffer.subarray(from, length)).indexOf("\r\n\r\n");
      if (end >= 0) {
        const start = from + end + 4;
        return { text: LATIN1.decode(buffer.subarray(0, start - 4)), rest: buffer.slice(start, length) };
      }
    }
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

const TUNNEL = /^CONNECT (\[[^\s\]]*\]|[^\s:/@]*):(\d{1,5}) HTTP\/1\.[01]$/;
const PLAIN = /^([A-Z]{1,20}) http:\/\/(\[[^\s\]]*\]|[^\s:/?#@]*)(?::(\d{1,5}))?([/?]\S*)? HTTP\/1\.[01]$/i;
const HEADER = /^[\w!#$%&'*+.^`|~-]+:[^\0\r\n]*$/;

/** Between client and proxy only. The host's name comes from the line that was checked. */
const DROPPED = /^(?:host|connection|keep-alive|proxy-[\w-]+):/i;

/** Reads a request's head; `undefined` if it is none. */
export function readRequest(text: string): ProxyRequest | undefined {
  const [line = "", ...headers] = text.split("\r\n");
  if (!headers.every((header) => HEADER.test(header))) return undefined;
  const tunnel = TUNNEL.exec(line);
  if (tunnel !== null) return { host: readHost(tunnel[1] ?? ""), port: Number(tunnel[2]), head: undefined };
  const [, method = "", name, port = "80", target = ""] = PLAIN.exec(line) ?? [];
  if (name === undefined) return undefined;
  const host = readHost(name);
  const kept = headers.filter((header) => !DROPPED.test(header));
  const path = target.startsWith("/") ? target : `/${target}`;
  // One request per connection: the next one may be for another host.
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}:${port}`, ...kept, "Connection: close"];
  return { host, port: Number(port), head: lines.map((each) => `${each}\r\n`).join("") + "\r\n" };
}
