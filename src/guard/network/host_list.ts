/**
 * The hosts that a person lets guarded agents reach.
 *
 * @module
 */
import { SamocodeError } from "../../text/errors.ts";

/** One entry of the list. */
export interface HostRule {
  /** As a person writes it. */
  readonly text: string;
  /** In the form that {@linkcode readHost} returns. */
  readonly host: string;
  /** Whether it stands for all names below `host`, and not for `host` itself. */
  readonly isSuffix: boolean;
  readonly ports: readonly number[];
}

const DEFAULT_PORTS = [443, 80] as const;

/** A program without privileges cannot listen below this, so the guard cannot pass such a port on. */
const LEAST_OWN_PORT = 1024;

/**
 * Reads a list of hosts, separated by commas: `example.org`, `*.example.org`, `localhost:8080`, `[::1]:8080`.
 *
 * @throws {SamocodeError} Naming the entry that cannot be used.
 */
export function readHostList(text: string): readonly HostRule[] {
  return text.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "").map(readRule);
}

function readRule(text: string): HostRule {
  const [, star, name = "", given] = /^(\*\.)?(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = readHost(name);
  if (host === undefined) throw refusal(text, "is not a host");
  const isSuffix = star !== undefined;
  if (isSuffix && (isAddress(host) || isThisMachine(host))) throw refusal(text, "has no names below it");
  if (given === undefined && !isAddress(host) && !host.includes(".")) throw refusal(text, "has neither dot nor port");
  const port = given === undefined ? undefined : Number(given);
  if (port !== undefined && (port < 1 || port > 65535)) throw refusal(text, "has no valid port");
  if (isThisMachine(host) && (port ?? 0) < LEAST_OWN_PORT) throw refusal(text, "needs a port from 1024");
  if (/^(?:0\.0\.0\.0|\[::\])$/.test(host)) throw refusal(text, "is no single host");
  return { text: text.toLowerCase(), host, isSuffix, ports: port === undefined ? DEFAULT_PORTS : [port] };
}

function refusal(text: string, why: string): SamocodeError {
  const named = JSON.stringify(text.slice(0, 80));
  return new SamocodeError("usage", `Cannot use SAMOCODE_GUARD_NETWORK: ${named} ${why}`, {
    hint: "Use open, off, or hosts separated by commas, as in registry.npmjs.org,*.example.org,localhost:8080",
  });
}

/** A name or an address in its one form, as URLs have it; `undefined` for anything else. */
export function readHost(text: string): string | undefined {
  if (text.length > 253 || !/^(?:[\w.-]+|\[[\da-f:.]+\])$/i.test(text)) return undefined;
  const url = `http://${text}/`;
  if (!URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  return /^\.|\.\.|\.$/.test(hostname) ? undefined : hostname;
}

/** The entry that lets a host through. */
export function ruleFor(
  rules: readonly HostRule[],
  { host, port }: { readonly host: string; readonly port: number },
): HostRule | undefined {
  return rules.find((rule) =>
    rule.ports.includes(port) && (rule.isSuffix ? host.endsWith(`.${rule.host}`) : host === rule.host)
  );
}

/** Tells whether a host is this machine by its very name, so that a person who lists it means it. */
export function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "[::1]" || (isAddress(host) && host.startsWith("127."));
}

/** Tells whether a host from {@linkcode readHost} is an address. */
export function isAddress(host: string): boolean {
  return host.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(host);
}

/** Tells whether an address leads to this machine, to its link (a cloud's metadata), or to several machines. */
export function isLocalAddress(address: string): boolean {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0] = groupsOf(address) ?? [];
  if ((a & 0xffc0) === 0xfe80 || (a & 0xff00) === 0xff00) return true;
  if (a === 0x2002) return isLocalIpv4(b);
  const isTranslated = a === 0x64 && b === 0xff9b && (c | d | e | f) === 0;
  const isMapped = (a | b | c | d | e) === 0 && (f === 0 || f === 0xffff);
  return (isTranslated || isMapped) && isLocalIpv4(g);
}

function isLocalIpv4(high: number): boolean {
  const first = high >> 8;
  return first === 0 || first === 127 || first >= 224 || high === 0xa9fe;
}

/** The eight numbers of an IPv6 address; an IPv4 address as IPv6 maps it. */
function groupsOf(address: string): readonly number[] | undefined {
  const [plain = ""] = address.split("%");
  const url = `http://[${plain.includes(":") ? plain : `::ffff:${plain}`}]/`;
  if (!URL.canParse(url)) return undefined;
  const [start = "", end] = new URL(url).hostname.slice(1, -1).split("::");
  const numbers = (text = "") => text === "" ? [] : text.split(":").map((group) => parseInt(group, 16));
  const [before, after] = [numbers(start), numbers(end)];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}
