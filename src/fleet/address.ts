/**
 * Where the fleet is: what `SAMOCODE_FLEET` says, checked. Its password is never shown.
 *
 * @module
 */

type Environment = Readonly<Record<string, string>>;

/** The setting, and the environment variable. */
export const FLEET_SETTING = "SAMOCODE_FLEET";

/** An address that was checked. */
export interface FleetAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** `undefined` on a loopback address or a socket, where TLS was not asked for. */
  readonly tls:
    | { /** The CA's certificates; the system's own if absent. */ readonly rootFile: string | undefined }
    | undefined;
  /** For people: without the password. */
  readonly shown: string;
}

/** Tells whether a fleet is named at all. */
export function namesFleet(env: Environment): boolean {
  return (env[FLEET_SETTING] ?? "") !== "";
}

/** Reads the address. @throws {SamocodeError} */
export function readFleetAddress(_env: Environment): FleetAddress {
  throw new Error("not written yet");
}

/** Tells fleets apart in the folders of a machine: a short hash of host, port and database. */
export function fleetKey(_address: Pick<FleetAddress, "host" | "port" | "database">): string {
  throw new Error("not written yet");
}
