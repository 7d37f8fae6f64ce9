/**
 * An action that a human or a parent can take, as data. Each door renders it: as a command line or as a tool call.
 *
 * @module
 */

/** An action and its known arguments. */
export type Action =
  | { readonly verb: (typeof SESSION_VERBS)[number]; readonly session: string }
  /** `sha256` identifies the text to approve. */
  | { readonly verb: "approve"; readonly session: string; readonly sha256?: string | undefined }
  /** Look at what a finished session has changed. */
  | { readonly verb: "review"; readonly branch: string }
  /** Trust the files of a project. */
  | { readonly verb: "trust"; readonly projectFile: string }
  | { readonly verb: (typeof PLAIN_VERBS)[number] };

/** Actions on a session. `resume` continues it; `run` continues it in a terminal, to see its output. */
export const SESSION_VERBS = [
  "answer",
  "revise",
  "resume",
  "run",
  "raise_budget",
  "guide",
  "wait",
  "stop",
  "logs",
  "status",
] as const;

/** Actions that need no session. */
export const PLAIN_VERBS = ["start", "init", "doctor", "demo"] as const;
