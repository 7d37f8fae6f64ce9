/**
 * The next action as a parent agent sees it: a tool with its known arguments, or a command that only a person can type.
 *
 * @module
 */
import type { Status } from "../src/operations/status.ts";
import { type Action, commandFor, commandsFor } from "../src/text/action.ts";
import { jsonText } from "../src/text/json_text.ts";

/** A tool and its arguments. */
export interface ToolHint {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, string>>;
}

/** The next action, if it is a tool. A finished session has none, since nothing should happen to it unasked. */
export function nextTool([action]: readonly Action[]): ToolHint | undefined {
  return action === undefined || action.verb === "continue" || action.verb === "finish" ? undefined : toolFor(action);
}

/** The next action, if only the user can type it. */
export function typedFirst({ next: [action], fleet }: Pick<Status, "next" | "fleet">): string | undefined {
  if (action === undefined || toolFor(action) !== undefined) return undefined;
  return commandsFor([action], { isFleets: fleet !== undefined })[0];
}

/** An action in words: a tool with its known arguments, or what only a person can type. */
export function sayAction(action: Action): string {
  const hint = toolFor(action);
  return hint === undefined ? `\`${commandFor(action, ".")}\` in a terminal` : sayTool(hint);
}

/** A tool with its known arguments, in words. */
export function sayTool({ tool, arguments: known }: ToolHint): string {
  return Object.keys(known).length === 0 ? tool : `${tool} ${jsonText(known)}`;
}

function toolFor(action: Action): ToolHint | undefined {
  const tool = TOOLS[action.verb];
  if (tool === undefined) return undefined;
  const session = "session" in action ? { session: action.session } : {};
  const decision = action.verb === "revise" ? { decision: "revise" } : {};
  const task = action.verb === "continue" ? { task: "…" } : {};
  const file = action.verb === "diff" ? { file: "diff" } : {};
  // Only a caller that has the plan's text gets its hash.
  return { tool, arguments: { ...session, ...decision, ...task, ...file, ...finishFlags(action) } };
}

function finishFlags(action: Action): Readonly<Record<string, string>> {
  if (action.verb !== "finish") return {};
  const { way, into, head } = action;
  return { ...(way && { how: way }), ...(into && { into }), ...(head && { head }) };
}

/** The actions that have a tool; the others can only be typed. */
const TOOLS: Readonly<Partial<Record<Action["verb"], string>>> = {
  start: "start_session",
  answer: "answer_qa",
  approve: "approve_plan",
  revise: "approve_plan",
  resume: "resume_session",
  raise_budget: "raise_budget",
  guide: "resume_session",
  continue: "resume_session",
  wait: "wait_session",
  status: "read_status",
  list: "read_status",
  hash_plan: "read_status",
  stop: "stop_session",
  finish: "finish_session",
  logs: "read_artifact",
  diff: "read_artifact",
};
