/**
 * What a person decides about a session from where they were shown it: for one run, and with words on what came of it.
 *
 * @module
 */
import type { SessionFolder } from "../session/session_folder.ts";
import { plainText } from "../text/terminal_text.ts";
import { approveAndResume } from "./approve_plan.ts";
import { statusOf } from "./read_status.ts";
import type { Status } from "./status.ts";
import { resumeSession } from "./resume_session.ts";
import type { Samocode } from "./samocode.ts";
import { stopSession } from "./stop_session.ts";
import { acceptBaseline } from "./view_checks.ts";

/** What somebody hears who decides what is decided already. */
export const SETTLED = "This is already settled.";

/** A decision that is the same at every door. */
export type RunAct =
  | { readonly verb: "approve"; readonly sha256: string; readonly label: string }
  | { readonly verb: "revise"; readonly sha256: string; readonly feedback: string }
  | { readonly verb: "accept_baseline" }
  /** With a note for the next agent, if it is not empty. */
  | { readonly verb: "resume"; readonly note: string }
  | { readonly verb: "stop"; readonly now: boolean };

/**
 * Does it.
 *
 * @returns What came of it, in words for the person.
 * @throws {SamocodeError} If it cannot be done.
 */
export async function actOnRun(
  samocode: Samocode,
  folder: SessionFolder,
  { act, by }: { readonly act: RunAct; readonly by: string },
): Promise<string> {
  switch (act.verb) {
    case "approve": {
      const { sha256, label } = act;
      const status = await approveAndResume(samocode, folder, { feedback: undefined, sha256, label, by });
      return `Approved. ${describeGoingOn(status)}`;
    }
    case "revise": {
      const { feedback } = act;
      const status = await approveAndResume(samocode, folder, { feedback, sha256: act.sha256 || undefined, by });
      return `The plan goes back to the agent. ${describeGoingOn(status)}`;
    }
    case "accept_baseline":
      await acceptBaseline(folder, { by });
      // Elsewhere, to accept is to go on.
      if (folder.elsewhere !== undefined) return describeGoingOn(statusOf(folder));
      return describeGoingOn(await resumeSession(samocode, folder, { by }));
    case "resume": {
      const note = act.note === "" ? {} : { guidance: act.note };
      return describeGoingOn(await resumeSession(samocode, folder, { by, ...note, isDecision: true }));
    }
    case "stop":
      await stopSession(folder, { now: act.now, by });
      return act.now ? `${folder.name} has stopped.` : `${folder.name} stops after this iteration.`;
  }
}

/** How a session goes on, in a sentence. */
export function describeGoingOn({ state, detail, session, fleet }: Status): string {
  if (state === "running") return `${session} continues.`;
  if (state === "queued" && fleet === undefined) return `${session} is queued: other sessions are running.`;
  return `${session} is ${state}${detail === "" ? "" : `: ${plainText(detail, 300)}`}.`;
}
