/**
 * Reads the signal that ends an iteration, as its agent wrote it.
 *
 * @module
 */
import * as z from "zod";
import { WAIT_NAMES } from "./gates.ts";
import { PHASE_NAMES } from "./phases.ts";
import { NEEDS, type Signal } from "./iteration_events.ts";

/** What was found as the signal of an attempt. */
export type SignalReading =
  | { readonly kind: "signal"; readonly signal: Signal }
  | { readonly kind: "missing" }
  | { readonly kind: "malformed"; readonly problem: string };

/** The largest valid signal file, in bytes. */
export const MAX_SIGNAL_BYTES = 65_536;

/** Agents write names in any case. */
const oneOf = <const Names extends readonly string[]>(names: Names) =>
  z.string(mustBeOneOf(names)).transform(inLowerCase).pipe(z.enum(names, mustBeOneOf(names)));

const phase = oneOf(PHASE_NAMES).optional();

const sentence = z.string("must be text").trim().min(1, "must not be empty");

const schema = z.discriminatedUnion("status", [
  z.object({ status: z.literal("continue"), phase }),
  z.object({ status: z.literal("waiting"), phase, for: oneOf(WAIT_NAMES) }),
  z.object({ status: z.literal("blocked"), phase, reason: sentence, needs: oneOf(NEEDS) }),
  z.object({ status: z.literal("done"), phase, summary: sentence }),
], { error: 'needs "status": one of continue, waiting, blocked, done' });

/**
 * Reads a signal file. Never throws: whatever an agent wrote is either a signal or a problem to tell the next attempt.
 *
 * @param bytes The file's content, `undefined` if there is no file. May be cut above {@linkcode MAX_SIGNAL_BYTES}.
 */
export function readSignal(bytes: Uint8Array | undefined): SignalReading {
  if (bytes === undefined) return { kind: "missing" };
  if (bytes.length > MAX_SIGNAL_BYTES) return malformed(`is over ${MAX_SIGNAL_BYTES / 1024} KiB`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return malformed("is not UTF-8 text");
  }
  if (text.trim() === "") return malformed("is empty");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // V8's message quotes the text, control characters included.
    const found = error instanceof Error ? error.message : String(error);
    return malformed(`is not JSON: ${found.replace(/\p{C}/gu, "\u{fffd}")}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return malformed(`must be a JSON object, found ${kindOf(value)}`);
  }
  const status: unknown = Reflect.get(value, "status");
  const read = schema.safeParse(typeof status === "string" ? { ...value, status: inLowerCase(status) } : value);
  if (!read.success) return malformed(read.error.issues.map(issueInWords).join("; "));
  return { kind: "signal", signal: { ...read.data, phase: read.data.phase } };
}

/** Describes a missing or invalid signal, for the agent that must write it again. */
export function describeReading(reading: Exclude<SignalReading, { kind: "signal" }>): string {
  return reading.kind === "missing" ? "_signal.json was not written" : `_signal.json ${reading.problem}`;
}

function inLowerCase(text: string): string {
  return text.trim().toLowerCase();
}

function mustBeOneOf(names: readonly string[]): string {
  return `must be one of ${names.join(", ")}`;
}

function malformed(problem: string): SignalReading {
  return { kind: "malformed", problem };
}

function issueInWords(issue: z.core.$ZodIssue): string {
  const where = issue.path.map(String).join(".");
  return where === "" || where === "status" ? issue.message : `has a bad "${where}": ${issue.message}`;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return `a ${typeof value}`;
}
