/**
 * What a session's journal says about acts: whether one was already performed, and who decided first.
 *
 * @module
 */
import type { Post } from "../channels/post.ts";
import { openSession, type Samocode } from "../operations/samocode.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import type { Act } from "./act.ts";
import type { Order } from "./inbox.ts";
import { describeDecision, sinceRest, whoIn } from "./settle.ts";

/** An act that names a run. */
export type ActOnRun = Extract<Act, { run: string }>;

/**
 * Whether an order was performed since it was stored. Acts that are harmless to repeat count as not performed, since
 * what should have followed the first time may be missing.
 *
 * @param name The session's folder, without its path.
 */
export function isInJournal(samocode: Samocode, name: string, { act, by, cursor }: Omit<Order, "key">): boolean {
  const isIt = (event: RecordedEvent): boolean => {
    switch (act.verb) {
      case "revise":
        return event.type === "plan.rejected" && event.by === by && event.feedback === act.feedback;
      case "raise":
        return event.type === "budget.raised" && event.by === by;
      case "resume":
        return act.note === ""
          ? event.type === "resume.requested" && event.by === by
          : event.type === "guidance.given" && event.by === by && event.text === act.note;
      case "guide":
        return event.type === "guidance.given" && event.by === by && event.text === act.text;
      case "stop":
        return event.type === "stop.requested" && event.by === by && event.now === act.now;
      case "answer":
      case "approve":
      case "accept_baseline":
      case "tell":
        return false;
    }
  };
  return eventsBehind(samocode, name, cursor).some(isIt);
}

/** The decision that came before an act, since the session came to rest. */
export function firstDecision(samocode: Samocode, name: string, act: ActOnRun): RecordedEvent | undefined {
  return sinceRest(eventsBehind(samocode, name, 0), act.run).find((event) => describeDecision(event, postOf(act)));
}

/** Describes that decision and who made it; empty if there is none. */
export function describeFirst(samocode: Samocode, name: string, act: ActOnRun): string {
  const first = firstDecision(samocode, name, act);
  return first === undefined ? "" : `${describeDecision(first, postOf(act))} · ${whoIn(first)}`;
}

/** The events after a cursor that someone caused, and the starts and ends of runs. */
function eventsBehind(samocode: Samocode, name: string, cursor: number): readonly RecordedEvent[] {
  const found: RecordedEvent[] = [];
  const see = (event: RecordedEvent): void => {
    const { seq, type } = event;
    const isOfRun = type === "session.started" || type === "session.stopped";
    if (seq > cursor && ("by" in event || isOfRun)) found.push(event);
  };
  using _folder = openSession(samocode, name, { readOnly: true, see });
  return found;
}

/** The post type that an act belongs to. */
const TYPES: Readonly<Record<ActOnRun["verb"], string>> = {
  answer: "gate.answers",
  approve: "gate.approval",
  revise: "gate.approval",
  raise: "gate.budget",
  accept_baseline: "gate.baseline",
  resume: "session.blocked",
  stop: "",
};

function postOf(act: ActOnRun): Pick<Post, "id" | "data"> {
  const [question] = act.verb === "answer" ? act.questions : [];
  return {
    id: `answers ${act.run} ${question?.id ?? "all"}`,
    data: { type: TYPES[act.verb], project: "", session: "" },
  };
}
