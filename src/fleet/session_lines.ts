/**
 * The lines between a fleet's worker and the process of a session: how they are written and read, and the clock that
 * both go by.
 *
 * @module
 */
import { SYSTEM_CLOCK } from "../system/clock.ts";
import { number, record, text } from "../workflow/shape.ts";
import type { FromSession, ToSession } from "./contract.ts";

/** Longer ones are nobody's of this program. */
const MAX_LINE = 64 * 1024;

const isBarrier = record({ barrier: number, type: text });
const isBeat = record({ beat: number });
const isPassed = record({ passed: number });
const isEnd = record({ end: text });

/** Reads what a session's process asks; `undefined` for anything else. */
export function readFromSession(line: string): FromSession | undefined {
  const value = parse(line);
  return isBarrier(value) ? value : undefined;
}

/** Reads what a fleet's worker says; `undefined` for anything else. */
export function readToSession(line: string): ToSession | undefined {
  const value = parse(line);
  return isBeat(value) || isPassed(value) || isEnd(value) ? value : undefined;
}

/** A message as a line. */
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

/** Cuts a stream of text into lines; what is far too long for one is dropped. */
export function lineReader(hear: (line: string) => void): (text: string) => void {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = (lines.pop() ?? "").slice(0, MAX_LINE + 1);
    for (const line of lines) hear(line);
  };
}

/**
 * Milliseconds by a clock that all processes of this machine share, and that goes on while the machine sleeps. Where
 * there is none, the wall clock stands in.
 */
export function machineMs(os: string = Deno.build.os): number {
  return os === "linux" ? SYSTEM_CLOCK.steady() : SYSTEM_CLOCK.calendar();
}

const BY_FLEET = "the fleet: ";

/** Who ended a run that goes on elsewhere or later: nobody decided that it rests. */
export function endedByFleet(why: string): string {
  return BY_FLEET + why;
}

/** Whether {@linkcode endedByFleet} says so. */
export function isByFleet(by: string): boolean {
  return by.startsWith(BY_FLEET);
}
