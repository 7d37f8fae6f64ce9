/**
 * Where the page is served, from the flags of a command line. What anybody could read along is refused.
 *
 * @module
 */
import { isIPv4 } from "node:net";
import { resolve } from "node:path";
import { readTextIfExists } from "../system/files/files.ts";
import { SamocodeError } from "../text/errors.ts";

/** Where to listen. */
export interface Listening {
  readonly hostname: string;
  /** 0 for any free one. */
  readonly port: number;
  /** PEM. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** What browsers call it, where that is not what it listens on: scheme, host and port. */
  readonly origin: string | undefined;
}

/** The values of flags, by name. */
type Values = Readonly<Record<string, string>>;

/**
 * Reads the flags.
 *
 * @param folder What relative paths are relative to.
 * @throws {SamocodeError} If they cannot be used, or are not safe.
 */
export function readListening(values: Values, folder: string): Listening {
  const hostname = values["host"] ?? "127.0.0.1";
  const tls = tlsOf(values, folder);
  const origin = originOf(values["origin"]);
  const isProxied = origin?.startsWith("https:") ?? false;
  if (!isLoopback(hostname) && tls === undefined && !isProxied) {
    throw new SamocodeError("usage", `Cannot listen on ${hostname}: beyond this machine, anyone could listen in`, {
      hint: "Give a certificate with --tls-cert and --tls-key, or leave --host out, put a proxy with TLS on this " +
        "machine in front, and name the address that browsers use: --origin https://samocode.example",
    });
  }
  if (WILDCARDS.has(hostname) && origin === undefined) {
    throw new SamocodeError("usage", `Cannot listen on ${hostname}: browsers' address for it is unknown`, {
      hint: "Name it with --origin https://samocode.example:8700, or listen on one address with --host",
    });
  }
  return { hostname, port: portOf(values["port"]), tls, origin };
}

const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || (isIPv4(hostname) && hostname.startsWith("127."));
}

function portOf(text = "0"): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  throw new SamocodeError("usage", `Cannot listen: --port ${quoted(text)} is not a port`, {
    hint: "Write --port 8700, for example",
  });
}

function tlsOf(values: Values, folder: string): Listening["tls"] {
  const [cert, key] = [values["tls-cert"], values["tls-key"]];
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw new SamocodeError("usage", "Cannot listen: a certificate needs its key, and a key its certificate", {
      hint: "Give both --tls-cert and --tls-key",
    });
  }
  return { cert: readPem(resolve(folder, cert)), key: readPem(resolve(folder, key)) };
}

function readPem(path: string): string {
  const text = readTextIfExists(path);
  if (text?.includes("-----BEGIN ")) return text;
  const what = text === undefined ? "there is no such file" : "it is not PEM";
  throw new SamocodeError("usage", `Cannot use ${path}: ${what}`, { hint: "Check --tls-cert and --tls-key" });
}

function originOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (url !== undefined && isSafe && url.href === `${url.origin}/`) return url.origin;
  throw new SamocodeError("usage", `Cannot use --origin ${quoted(text)}: it is not an https address without a path`, {
    hint: "Write --origin https://samocode.example, for example",
  });
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
