/**
 * Describes sessions and errors for someone who reads them on a phone.
 *
 * @module
 */
import { describeDoing } from "../messages/describe_view.ts";
import { projectName } from "../operations/list_sessions.ts";
import { type Action, commandsFor } from "../text/action.ts";
import { messageOf, SamocodeError } from "../text/errors.ts";
import { formatCount } from "../text/format.ts";
import { plainText } from "../text/terminal_text.ts";
import { factsOf, MARKS } from "./post_parts.ts";
import type { View } from "./view.ts";

/** More would be too long for some channels. */
const MOST_SESSIONS = 20;

/** What a session waits for, by its need. */
const WAITS_FOR: Readonly<Record<string, string>> = {
  answers: "answers",
  approval: "approval of its plan",
  budget: "a larger budget",
  baseline: "a decision on its failing checks",
};

/** Describes each session in one line. */
export function describeList(sessions: readonly View[]): string {
  if (sessions.length === 0) return "No session is running or waiting for you.";
  const lines = sessions.slice(0, MOST_SESSIONS).map((view) => {
    const [, ...facts] = factsOf(view);
    const { state, needs } = view.status;
    const what = state === "waiting" && Object.hasOwn(WAITS_FOR, needs) ? `waiting for ${WAITS_FOR[needs]}` : state;
    return `${MARKS[state]} ${nameIn(view, sessions)}: ${[what, ...facts].join(" · ")}`;
  });
  const more = sessions.length - lines.length;
  return [...lines, ...(more > 0 ? [`and ${formatCount(more, "other")}`] : [])].join("\n");
}

/** Describes what a session is doing, with its figures. */
export function describeSession(view: View): string {
  const { samocode, status } = view;
  const { what, before } = describeDoing(status, samocode.now().getTime());
  return [
    `${MARKS[status.state]} ${plainText(status.session, 100)}: ${plainText(status.task, 200)}`,
    plainText(what, 500),
    ...(before === "" ? [] : [plainText(before, 300)]),
    factsOf(view).join(" · "),
    ...(status.checks === "" ? [] : [`Checks: ${plainText(status.checks, 300)}`]),
  ].join("\n");
}

/** A session's name; with its project if several sessions have that name or none are given. */
export function nameIn({ samocode, status }: View, sessions: readonly View[] | undefined): string {
  const same = sessions?.filter((view) => view.status.session === status.session) ?? [];
  const name = plainText(status.session, 100);
  return same.length === 1 ? name : `${plainText(projectName(samocode), 60)}/${name}`;
}

/** Describes what failed and how to fix it, without a terminal where possible. */
export function describeError(error: unknown, { isFleets }: { readonly isFleets: boolean }): string {
  if (!(error instanceof SamocodeError)) return `Something went wrong: ${plainText(messageOf(error), 300)}`;
  const [action] = error.actions;
  const how = action === undefined ? "" : ` (${describeAction(action, { isFleets })})`;
  return `${plainText(error.message, 500)}. ${plainText(error.hint, 300)}${how}.`;
}

/** How to do it from a phone. */
function describeAction(action: Action, where: { readonly isFleets: boolean }): string {
  switch (action.verb) {
    case "answer":
      return "reply to its question";
    case "approve":
    case "hash_plan":
      return "press Approve below the newest plan";
    case "revise":
      return "reply to its plan";
    case "raise_budget":
      return "reply to the message about its budget";
    case "accept_baseline":
    case "resume":
    case "run":
      return "press its button";
    case "guide":
      return `write: guide ${action.session} your note`;
    case "stop":
      return `write: stop ${action.session}`;
    case "wait":
    case "status":
      return `write: status ${action.session}`;
    case "list":
      return "write: list";
    default:
      return ["in a terminal", ...commandsFor([action], where).map((command) => plainText(command, 200))].join(": ");
  }
}
