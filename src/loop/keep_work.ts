/**
 * Keeps what an agent has not committed, between iterations.
 *
 * @module
 */
import type { SessionEvent } from "../workflow/session_event.ts";
import { messageOf } from "../text/errors.ts";
import { checkpointName, makeCheckpoint } from "../session/checkpoint.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import type { LoopContext } from "./loop_context.ts";

/**
 * Makes a checkpoint of the workplace. A failure never ends a run: it is recorded, once for each reason.
 *
 * @param checkWorkplace Throws where the workplace is no longer the session's own.
 */
export async function* keepWork(
  folder: SessionFolder,
  { cacheFolder }: Pick<LoopContext, "cacheFolder">,
  checkWorkplace: () => Promise<void>,
): AsyncGenerator<SessionEvent> {
  const event = await keep(folder, { cacheFolder, checkWorkplace });
  if (event?.type === "checkpoint.failed" && event.detail === folder.history.checkpoints.problem) return;
  if (event !== undefined) yield event;
}

async function keep(
  folder: SessionFolder,
  { cacheFolder, checkWorkplace }: {
    readonly cacheFolder: string;
    readonly checkWorkplace: () => Promise<void>;
  },
): Promise<Extract<SessionEvent, { type: `checkpoint.${"made" | "failed"}` }> | undefined> {
  const { history, layout, look } = folder;
  folder.look = undefined;
  const { workplace, workerMarker: marker, checkpoints, attempt, phase } = history;
  if (workplace === undefined) return undefined;
  const iteration = attempt?.iteration ?? 0;
  try {
    await checkWorkplace();
    const name = checkpointName(layout, workplace);
    const subject = { name, sessionFolder: layout.folder, cacheFolder, workplace: workplace.path, marker };
    const title = `${layout.name}: uncommitted after iteration ${iteration} (${attempt?.phase ?? phase})`;
    const made = await makeCheckpoint(subject, { title, known: checkpoints.tree, look });
    if (made === undefined) return undefined;
    if ("commit" in made) return { type: "checkpoint.made", iteration, ...made };
    return { type: "checkpoint.failed", iteration, detail: made.left.join(", ") };
  } catch (error) {
    return { type: "checkpoint.failed", iteration, detail: messageOf(error) };
  }
}
