/**
 * Turns the engine's errors into ones for people: out of reach, not allowed, or refused with a reason.
 *
 * @module
 */
import { messageOf, SamocodeError } from "../text/errors.ts";
import { FencedError } from "./contract.ts";

/** The engine is out of reach. A transaction that was in progress may or may not have taken effect. */
export class EngineOutage extends SamocodeError {}

/**
 * PostgreSQL's error classes for failed or closed connections, for a server out of resources or shutting down, and for
 * statements that collide with others.
 */
const OUTAGE = /^(?:08...|40001|40P01|53...|57P0.|25P03|57014|58...)$/;

/** The system's error names, and messages of pg that come without a code. */
const UNREACHABLE = /^E[A-Z]+$/;
const LOST =
  /connection (?:terminated|error|ended|reset)|timeout|not queryable|server closed|broken pipe|close_notify|end of file/i;

/** Messages about TLS. */
const UNTRUSTED = /certificate|self.signed|UnknownIssuer|NotValidForName|does not support SSL|establishing an SSL/i;

/** PostgreSQL's error codes, as opposed to the system's, which start with E and have no digit. */
const SQLSTATE = /^(?!E[A-Z]{4}$)[0-9A-Z]{5}$/;

/** Explains an error of the engine for people; returns any other error unchanged. */
export function explain(error: unknown, { shown }: { readonly shown: string }): unknown {
  if (error instanceof SamocodeError || error instanceof FencedError) return error;
  const { code, hint } = partsOf(error);
  const message = messageOf(error);
  const isOwn = code !== undefined && SQLSTATE.test(code);
  if (!isOwn && UNTRUSTED.test(message)) {
    return new SamocodeError("usage", `Cannot trust the fleet at ${shown}: ${message}`, {
      hint: "Name your CA's certificate with sslrootcert=, and use the host name in the server's certificate",
      cause: error,
    });
  }
  if (code === "28P01" || code === "28000" || code === "3D000") {
    return new SamocodeError("usage", `Cannot open the fleet at ${shown}: ${message}`, {
      hint: "Check user, password and database in SAMOCODE_FLEET",
      cause: error,
    });
  }
  if (code === "42501") {
    return new SamocodeError("usage", `Not allowed in the fleet at ${shown}: ${message}`, {
      hint: "Ask its owner to run: samocode fleet grant ROLE PROJECT",
      cause: error,
    });
  }
  // Raised by the schema's own functions.
  if (code === "P0001") return new SamocodeError("conflict", message, { hint: hint ?? "", cause: error });
  if (isOwn ? OUTAGE.test(code) : LOST.test(message) || UNREACHABLE.test(code ?? "")) {
    return new EngineOutage("system", `Cannot reach the fleet at ${shown}: ${message || code}`, {
      hint: "Check that PostgreSQL is running and reachable from this machine",
      cause: error,
    });
  }
  return error;
}

/** Codes that appear while a database is restored from a backup: the database, its tables or its roles are missing. */
const RESTORED = new Set(["3D000", "3F000", "42P01", "42883", "28P01", "28000", "42501"]);

/** Whether an error may go away by itself, for a process that was connected before. */
export function mayPass(error: unknown): boolean {
  if (error instanceof SamocodeError && error.code === "system") return true;
  const { code } = partsOf(error instanceof SamocodeError ? error.cause : error);
  return code !== undefined && RESTORED.has(code);
}

/** Whether a transaction was rolled back because of another one: a deadlock or a serialization failure. */
export function isCollision(error: unknown): boolean {
  return hasCode(error, "40P01") || hasCode(error, "40001");
}

/** Whether an error has this PostgreSQL code. */
export function hasCode(error: unknown, wanted: string): boolean {
  const cause = error instanceof SamocodeError ? error.cause : error;
  return partsOf(cause).code === wanted;
}

function partsOf(error: unknown): { readonly code: string | undefined; readonly hint: string | undefined } {
  if (!(error instanceof Error)) return { code: undefined, hint: undefined };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const hint = "hint" in error && typeof error.hint === "string" ? error.hint : undefined;
  return { code, hint };
}
