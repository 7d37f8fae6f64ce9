/**
 * The way on from where a session stands, in words; for refusals at every door.
 *
 * @module
 */
import type { Status } from "./read_status.ts";

/** Says what leads on: the operation's name, and what a person types for it. */
export function wayOn({ session, state, needs }: Pick<Status, "session" | "state" | "needs">): string {
  if (state === "done") return "Its work is over: for more of it start a new session, under another name";
  if (state === "running") return `Watch it: wait_session, or samocode status ${session} --watch`;
  if (needs === "answers") return `Answer its questions: answer_qa, or samocode answer ${session}`;
  if (needs === "approval") return `Decide on its plan: approve_plan, or samocode approve ${session}`;
  return `Go on with it: resume_session, or samocode start ${session}`;
}
