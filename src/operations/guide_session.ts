/**
 * Leaves a note for the next iteration, even while one is running.
 *
 * @module
 */
import type { SessionFolder } from "../session/session_folder.ts";
import { SamocodeError } from "../text/errors.ts";
import { handOver } from "./hand_over.ts";
import { statusOf } from "./read_status.ts";
import type { Status } from "./status.ts";

/**
 * Records a note. `by` is who wrote it, for the journal.
 *
 * @throws {SamocodeError} If there is no text, or no further iteration.
 */
export async function guideSession(
  folder: SessionFolder,
  { text, by }: { readonly text: string; readonly by: string },
): Promise<Status> {
  if (text.trim() === "") {
    throw new SamocodeError("usage", "Cannot guide: no text was given", {
      hint: "Say what the agent should know",
      actions: [{ verb: "guide", session: folder.name }],
    });
  }
  folder.journal.check();
  if (statusOf(folder).obstacle === "done") {
    throw new SamocodeError("conflict", `Cannot guide ${folder.name}: it is done, and no iteration will follow`, {
      hint: "Move it back to the phase to repeat, or give it a new task",
      actions: [{ verb: "move", session: folder.name }, { verb: "continue", session: folder.name }],
    });
  }
  if (await handOver(folder, { verb: "guide", text: text.trim() }, by)) return statusOf(folder);
  folder.journal.append({ type: "guidance.given", text: text.trim(), by });
  return statusOf(folder);
}
