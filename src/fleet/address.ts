/**
 * Reads and checks the fleet's address from `SAMOCODE_FLEET`. Its password is never shown.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { readProjectLines } from "../settings/project_lines.ts";
import { secretValues } from "../settings/secret_values.ts";
import { OWN_SETTINGS } from "../settings/settings_table.ts";
import { configFolder } from "../system/user_folders.ts";
import { SamocodeError } from "../text/errors.ts";
import { learnSecrets } from "../text/known_secrets.ts";
import { seeFile } from "../trust/seen_file.ts";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string>>;

/** Name of the setting and of the environment variable. */
const FLEET_SETTING = OWN_SETTINGS.fleet.name;

/** A checked address. */
export interface FleetAddress {
  /** A host name, an IP address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** `undefined` for a loopback address or a socket, unless the address asks for TLS. */
  readonly tls: Tls | undefined;
  /** For display: without the password. */
  readonly shown: string;
}

/** TLS settings. The server's certificate and name are always verified. */
export interface Tls {
  /** A file with the CA's certificates; without it, the system's are used. */
  readonly rootFile: string | undefined;
}

/** Tells whether a fleet is configured at all. */
export function namesFleet(env: Environment): boolean {
  return settingIn(env) !== undefined;
}

/**
 * Reads the address from the environment, or else the user's own `.env`.
 *
 * @throws {SamocodeError} If no address is set or it cannot be used; the message never has the password.
 */
export function readFleetAddress(env: Environment): FleetAddress {
  const text = settingIn(env);
  if (text === undefined) {
    throw new SamocodeError("usage", `Cannot reach the fleet: ${FLEET_SETTING} is not set`, { hint: EXAMPLE });
  }
  const address = parseFleetAddress(text);
  learnSecrets(secretValues({ [FLEET_SETTING]: text, PGPASSWORD: address.password ?? "" }));
  return address;
}

/** A short hash of host, port and database, to tell fleets apart in folders on this machine. */
export function fleetKey({ host, port, database }: Pick<FleetAddress, "host" | "port" | "database">): string {
  return createHash("sha256").update(JSON.stringify([host.toLowerCase(), port, database])).digest("hex").slice(0, 12);
}

/** Parses an address. @throws {SamocodeError} If it is not valid; the message never has the password. */
export function parseFleetAddress(text: string): FleetAddress {
  const url = URL.parse(text);
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol)) throw wrong("it is not a postgres:// URL");
  const parameters = readParameters(url);
  const named = decoded(url.hostname).replace(/^\[(.*)\]$/, "$1");
  const host = parameters.host ?? named;
  if (host === "") throw wrong("it has no host");
  const database = decoded(url.pathname.slice(1));
  if (database === "" || database.includes("/")) throw wrong("it has no database");
  const port = url.port === "" ? 5432 : Number(url.port);
  const user = url.username === "" ? undefined : decoded(url.username);
  const tls = readTls(parameters, { host });
  return {
    ...{ host, port, database, user, tls },
    password: url.password === "" ? undefined : decoded(url.password),
    shown: `${user === undefined ? "" : `${user}@`}${host}:${port}/${database}`,
  };
}

/** Refuse all others: a parameter that is silently ignored here would be believed to be in effect. */
const PARAMETERS = ["sslmode", "sslrootcert", "host"] as const;

type Parameters = Readonly<Partial<Record<typeof PARAMETERS[number], string>>>;

function readParameters({ searchParams }: URL): Parameters {
  const strange = [...searchParams.keys()].find((name) => !PARAMETERS.some((known) => known === name));
  if (strange !== undefined) {
    throw wrong(`the parameter ${strange.slice(0, 40)} is not supported`, `Use only ${PARAMETERS.join(", ")}`);
  }
  return Object.fromEntries(searchParams);
}

function readTls({ sslmode, sslrootcert }: Parameters, { host }: { readonly host: string }): Tls | undefined {
  const isLocal = isLoopback(host);
  if (isLocal && (sslmode === undefined || sslmode === "disable")) return undefined;
  if (sslmode !== undefined && sslmode !== "verify-full") {
    throw wrong(
      `sslmode=${sslmode.slice(0, 20)} does not verify the server, so anyone could receive the password`,
      "Use sslmode=verify-full; for a CA of your own, add sslrootcert=/path/to/ca.crt",
    );
  }
  if (sslrootcert === undefined || sslrootcert === "system") return { rootFile: undefined };
  if (!sslrootcert.startsWith("/") && !/^[A-Za-z]:[\\/]/.test(sslrootcert)) {
    throw wrong("sslrootcert is not an absolute path", "Use the full path, such as sslrootcert=/path/to/ca.crt");
  }
  return { rootFile: sslrootcert };
}

/** Whether a connection to this host stays on the machine. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("/") || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function settingIn(env: Environment): string | undefined {
  const set = env[FLEET_SETTING]?.trim() ?? "";
  if (set !== "") return set;
  const own = seeFile(join(configFolder(env), ".env"));
  const written = own === undefined ? undefined : readProjectLines(own.text)[FLEET_SETTING]?.trim();
  return written === "" ? undefined : written;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong("it has a % that does not begin an escape such as %25", "Write a % in a password as %25");
  }
}

const EXAMPLE = `Set ${FLEET_SETTING}=postgres://USER:PASSWORD@HOST/DATABASE?sslrootcert=/path/to/ca.crt`;

function wrong(why: string, hint = EXAMPLE): SamocodeError {
  return new SamocodeError("usage", `Cannot use ${FLEET_SETTING}: ${why}`, { hint });
}
