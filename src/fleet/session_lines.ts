/**
 * The line protocol between a fleet worker and a session's process, and the clock that both use.
 *
 * @module
 */
import { SYSTEM_CLOCK } from "../system/clock.ts";
import { number, record, text } from "../workflow/shape.ts";
import type { FromSession, ToSession } from "./contract.ts";

/** No message of this program is longer. */
const MAX_LINE = 64 * 1024;

const isBarrier = record({ barrier: number, type: text });
const isBeat = record({ beat: number });
const isPassed = record({ passed: number });
const isEnd = record({ end: text });

/** Parses a message from a session's process; `undefined` for anything else. */
export function readFromSession(line: string): FromSession | undefined {
  const value = parse(line);
  return isBarrier(value) ? value : undefined;
}

/** Parses a message from a fleet worker; `undefined` for anything else. */
export function readToSession(line: string): ToSession | undefined {
  const value = parse(line);
  return isBeat(value) || isPassed(value) || isEnd(value) ? value : undefined;
}

/** Serializes a message as a line. */
export function lineOf(message: FromSession | ToSession): string {
  return `${JSON.stringify(message)}\n`;
}

function parse(line: string): unknown {
  if (line.length > MAX_LINE) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Splits a stream of text into lines; overlong ones are cut. */
export function lineReader(hear: (line: string) => void): (text: string) => void {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = (lines.pop() ?? "").slice(0, MAX_LINE + 1);
    for (const line of lines) hear(line);
  };
}

/**
 * Milliseconds of a clock that all processes of this machine share and that keeps counting during sleep; the wall clock
 * where the system has none.
 */
export function machineMs(os: string = Deno.build.os): number {
  return os === "linux" ? SYSTEM_CLOCK.steady() : SYSTEM_CLOCK.calendar();
}

const BY_FLEET = "the fleet: ";

/** Marks a run as ended by the fleet rather than by a person: it continues later or elsewhere. */
export function endedByFleet(why: string): string {
  return BY_FLEET + why;
}

/** Whether a text was made by {@linkcode endedByFleet}. */
export function isByFleet(by: string): boolean {
  return by.startsWith(BY_FLEET);
}
