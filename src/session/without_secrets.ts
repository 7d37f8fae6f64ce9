/**
 * Keeps secrets out of the journal, and so out of all that is made of it: logs, messages, status.
 *
 * @module
 */
import { hideSecrets } from "../text/known_secrets.ts";
import { eventLine, readEventLine } from "../workflow/event_line.ts";
import type { RecordedEvent, SessionEvent } from "../workflow/session_event.ts";

/** What the program finds again by the texts in them: paths, refs, names and hashes of its own. */
const PLACES: ReadonlySet<SessionEvent["type"]> = new Set([
  ...["session.prepared", "session.renamed", "iteration.started"] as const,
  ...["checkpoint.made", "checkpoint.restored", "gate.reached", "gate.opened"] as const,
  ...["settings.left_out", "locks.found"] as const,
]);

/** Masks every known secret in an event's texts. */
export function withoutSecrets(event: RecordedEvent): RecordedEvent {
  if (PLACES.has(event.type)) return event;
  const hidden = masked(event);
  if (event.type !== "session.started") return hidden;
  // Only the commands, which are compared with those in the events of the checks. The rest is places, too.
  return hidden.type === event.type ? { ...event, checks: hidden.checks } : event;
}

function masked(event: RecordedEvent): RecordedEvent {
  const line = eventLine(event);
  const hidden = hideSecrets(line);
  if (hidden === line) return event;
  // A "secret" that is a number or a word of the protocol must not cost the event, nor let the others out.
  return readEventLine(hidden) ?? readEventLine(JSON.stringify(JSON.parse(line, hideInText))) ?? event;
}

function hideInText(_: string, value: unknown): unknown {
  return typeof value === "string" ? hideSecrets(value) : value;
}
