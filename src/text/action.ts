/**
 * What somebody can do next, as data. Each door says it in its own language: a command to type, a tool to call.
 *
 * @module
 */

/** An act, and what is known of its arguments. */
export type Action =
  | { readonly verb: SessionVerb; readonly session: string }
  /** `sha256` names the text that is approved. */
  | { readonly verb: "approve"; readonly session: string; readonly sha256: string | undefined }
  /** Look at what a session that is done has changed. */
  | { readonly verb: "review"; readonly branch: string }
  | { readonly verb: "start" | "init" | "doctor" | "demo" };

/** What can be done with a session. `resume` goes on with it, `run` does so where a person watches. */
type SessionVerb = "answer" | "revise" | "resume" | "run" | "raise_budget" | "guide" | "wait" | "stop" | "logs";
