/**
 * Renders an event as a line.
 *
 * @module
 */
import { describeEvent } from "../messages/describe_event.ts";
import { paint, plainText, type Style } from "../text/terminal_text.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import type { CliIo } from "./cli_io.ts";

/** A line for an event: on a terminal in local time and color, elsewhere in UTC. */
export function renderEvent(event: RecordedEvent, io: Pick<CliIo, "color" | "isOutputTerminal">): string {
  const time = io.isOutputTerminal ? localTime(event.at) : `${plainText(event.at.slice(0, 19))}Z`;
  return `${paint("dim", time, io.color)}  ${lookOf(event.type, describeEvent(event), io)}`;
}

/** Paints a line as fits its event. */
export function lookOf(type: RecordedEvent["type"], text: string, { color }: Pick<CliIo, "color">): string {
  const style = STYLES[type] ?? (type.startsWith("agent.") && type !== "agent.said" ? "dim" : undefined);
  return style === undefined ? text : paint(style, text, color);
}

/** The rest is not painted. */
const STYLES: Readonly<Partial<Record<RecordedEvent["type"], Style>>> = {
  "phase.entered": "bold",
  "iteration.started": "bold",
  "gate.reached": "yellow",
  "budget.warned": "yellow",
  "iteration.retried": "yellow",
  "progress.missed": "yellow",
  "signal.refused": "yellow",
  "session.recovered": "yellow",
  "session.moved": "yellow",
  "checkpoint.failed": "red",
  "listener.failed": "red",
  "hosts.refused": "red",
  "log.cut": "red",
  "gate.opened": "cyan",
  "answers.given": "cyan",
  "plan.rejected": "cyan",
  "guidance.given": "cyan",
  "budget.raised": "cyan",
  "baseline.accepted": "cyan",
  "stop.requested": "cyan",
  "resume.requested": "cyan",
  "session.stopped": "bold",
};

/** `2026-11-20 14:37:12`. */
function localTime(at: string): string {
  const date = new Date(at);
  const padded = (value: number): string => String(value).padStart(2, "0");
  const day = [date.getFullYear(), padded(date.getMonth() + 1), padded(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(padded).join(":")}`;
}
