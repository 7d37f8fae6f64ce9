/**
 * Renders actions for a parent: the tool to call, with its known arguments.
 *
 * @module
 */
import type { Action } from "../src/text/action.ts";
import { shellWord } from "../src/text/shell_word.ts";

/** A tool and its arguments. */
export interface ToolHint {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, string>>;
}

/** The likeliest next action that is a tool. */
export function nextTool(next: readonly Action[]): ToolHint | undefined {
  return next.map(toolFor).find((hint) => hint !== undefined);
}

/** An action in words: a tool with its known arguments, or what only a person can type. */
export function sayAction(action: Action): string {
  const hint = toolFor(action);
  if (hint === undefined) return `\`${typed(action)}\` in a terminal`;
  const isBare = Object.keys(hint.arguments).length === 0;
  return isBare ? hint.tool : `${hint.tool} ${JSON.stringify(hint.arguments)}`;
}

function toolFor(action: Action): ToolHint | undefined {
  switch (action.verb) {
    case "start":
      return { tool: "start_session", arguments: {} };
    case "answer":
      return { tool: "answer_qa", arguments: { session: action.session } };
    case "approve": {
      const { session, sha256 } = action;
      return { tool: "approve_plan", arguments: { session, ...(sha256 === undefined ? {} : { sha256 }) } };
    }
    case "revise":
      return { tool: "approve_plan", arguments: { session: action.session, decision: "revise" } };
    case "resume":
    case "raise_budget":
    case "guide":
      return { tool: "resume_session", arguments: { session: action.session } };
    case "wait":
      return { tool: "wait_session", arguments: { session: action.session } };
    case "status":
      return { tool: "read_status", arguments: { session: action.session } };
    case "stop":
      return { tool: "stop_session", arguments: { session: action.session } };
    case "logs":
    case "run":
    case "review":
    case "init":
    case "trust":
    case "doctor":
    case "demo":
      return undefined;
  }
}

function typed(action: Action): string {
  if (action.verb === "review") return `git diff ...${action.branch}`;
  if (action.verb === "trust") return `samocode trust --config ${shellWord(action.projectFile)}`;
  return "session" in action ? `samocode ${action.verb} ${action.session}` : `samocode ${action.verb}`;
}
