/**
 * The signal: what an agent leaves behind to say how its iteration ended.
 *
 * @module
 */
import * as z from "zod";
import type { WaitFor } from "./gates.ts";
import { type Phase, PHASE_NAMES } from "./phases.ts";

/** What a blocked agent needs. */
export type Need = "human_decision" | "clarification" | "error_resolution" | "investigation";

/** One valid signal. An absent `phase` means: stay in this one. */
export type Signal =
  | { readonly status: "continue"; readonly phase: Phase | undefined }
  | { readonly status: "waiting"; readonly for: WaitFor; readonly phase: Phase | undefined }
  | { readonly status: "blocked"; readonly reason: string; readonly needs: Need; readonly phase: Phase | undefined }
  | { readonly status: "done"; readonly summary: string; readonly phase: Phase | undefined };

/** What was found where a signal should be. */
export type SignalReading =
  | { readonly kind: "signal"; readonly signal: Signal }
  | { readonly kind: "missing" }
  | { readonly kind: "malformed"; readonly problem: string };

/** A larger signal file is malformed, in bytes: a signal is a sentence, not a report. */
export const MAX_SIGNAL_BYTES = 65_536;

const phase = z.string(mustBeOneOf(PHASE_NAMES))
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.enum(PHASE_NAMES, mustBeOneOf(PHASE_NAMES)))
  .optional();

const waitFor = ["qa_answers", "plan_approval", "file_update", "human_action"] as const satisfies readonly WaitFor[];

const needs = ["human_decision", "clarification", "error_resolution", "investigation"] as const;

const sentence = z.string("must be text").trim().min(1, "must not be empty");

const schema = z.discriminatedUnion("status", [
  z.object({ status: z.literal("continue"), phase }),
  z.object({
    status: z.literal("waiting"),
    phase,
    for: z.enum(waitFor, mustBeOneOf(waitFor)),
  }),
  z.object({
    status: z.literal("blocked"),
    phase,
    reason: sentence,
    needs: z.enum(needs, mustBeOneOf(needs)),
  }),
  z.object({ status: z.literal("done"), phase, summary: sentence }),
], { error: 'needs "status": one of continue, waiting, blocked, done' });

/**
 * Reads a signal file's bytes. Never throws: whatever an agent wrote is either a signal or a problem in words that
 * the next attempt can be told.
 *
 * @param bytes The file's content, or `undefined` where there is no file. Longer content may be cut just above
 * {@linkcode MAX_SIGNAL_BYTES}.
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
    // The engine quotes what it stumbled over, control characters and all.
    const found = error instanceof Error ? error.message : String(error);
    return malformed(`is not JSON: ${found.replace(/\p{C}/gu, "\u{fffd}")}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return malformed(`must be a JSON object, found ${kindOf(value)}`);
  }
  const read = schema.safeParse(value);
  if (!read.success) return malformed(read.error.issues.map(issueInWords).join("; "));
  return { kind: "signal", signal: { ...read.data, phase: read.data.phase } };
}

/** Says a reading in one sentence, for the agent that has to write it again. */
export function describeReading(reading: Exclude<SignalReading, { kind: "signal" }>): string {
  return reading.kind === "missing" ? "_signal.json was not written" : `_signal.json ${reading.problem}`;
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
