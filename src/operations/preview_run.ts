/**
 * Previews a run without changing anything.
 *
 * @module
 */
import { join } from "node:path";
import { SamocodeError } from "../text/errors.ts";
import { formatCost } from "../text/format.ts";
import { commandLine } from "../text/command_words.ts";
import { plainText } from "../text/terminal_text.ts";
import type { Obstacle } from "../workflow/snapshot.ts";
import { findSession } from "../session/find_session.ts";
import { layoutOf } from "../session/layout.ts";
import { statIfExists } from "../system/files/files.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { isByHand } from "../session/by_hand.ts";
import { checkWorkplaceFree } from "../session/worktree.ts";
import { checkPrograms } from "./check_programs.ts";
import { checkAssignment, subjectOf } from "./assignment.ts";
import { statusOf } from "./read_status.ts";
import type { Status } from "./status.ts";
import { viewAdoption } from "./adopt_session.ts";
import type { Samocode } from "./samocode.ts";
import { type NewSession, sessionExists, withFreeName } from "./start_session.ts";

/**
 * Lists what a run would start with. Without a session's name, one is made from the task.
 *
 * @throws {SamocodeError} If an agent's program is missing, or the branch or worktree of a new session exists already.
 */
export async function previewRun(
  samocode: Samocode,
  request: NewSession & { readonly session: string | undefined },
): Promise<Preview> {
  if (request.session !== undefined) return await previewNamed(samocode, request.session, request);
  return await withFreeName(request, async (name) => {
    if (sessionExists(samocode, name)) {
      throw new SamocodeError("conflict", `Cannot use the name ${name}: a session has it`, {
        hint: "Choose another name",
      });
    }
    return await previewNamed(samocode, name, request);
  });
}

type Preview = readonly (readonly [label: string, text: string])[];

async function previewNamed(
  samocode: Samocode,
  session: string,
  assignment: NewSession,
): Promise<Preview> {
  const { settings, stateFolder, now } = samocode;
  checkAssignment(assignment);
  const { maxCostUsd = settings.maxCostUsd } = assignment;
  const place = findSession(settings.sessions, session, now());
  const rows: readonly (readonly [string, string])[] = [
    ["Project", settings.projectFile],
    ["Provider", `${settings.provider}, ${settings.agents[settings.provider].timeoutMs / 1000} s an iteration`],
    ...Object.entries(settings.phases)
      .filter(([, { provider, model }]) => provider !== settings.provider || model !== "")
      .map(([phase, { provider, model }]) => [`  ${phase}`, `${provider} ${model}`.trim()] as const),
    ...(settings.fallback === undefined ? [] : [["Fallback", settings.fallback] as const]),
    ...(maxCostUsd === undefined ? [] : [["Cost limit", formatCost(maxCostUsd)] as const]),
    ["Checks", settings.checks.length === 0 ? "none" : plainText(settings.checks.map(commandLine).join(", "), 300)],
    ["Session", `${place.path}${place.exists ? "" : " (new)"}`],
  ];
  const layout = layoutOf(place.path);
  if (place.exists && statIfExists(layout.journal) === undefined && isByHand(layout, undefined)) {
    const { notes, workplace } = await viewAdoption(samocode, layout);
    const where = workplace === undefined ? "a new branch and worktree" : `${workplace.path} on ${workplace.branch}`;
    const would = `adopt it in ${notes.phase} after iteration ${notes.iterations}, with its gates closed, in ${where}`;
    return [...rows, ["Task", plainText(notes.task, 200)], ["Would", plainText(would, 400)]];
  }
  if (place.exists) {
    using folder = SessionFolder.open(place.path, { stateFolder, readOnly: true });
    const status = statusOf(folder);
    return [...rows, ["Task", plainText(status.task, 200)], ["Would", whatFollows(status)]];
  }
  checkPrograms(samocode);
  const { name } = layout;
  const direct = await checkWorkplaceFree({ ...settings, name });
  const made = `the branch ${settings.branchPrefix}${name} and the worktree ${join(settings.worktrees, name)}`;
  return [
    ...rows,
    ["Task", plainText(subjectOf(assignment) ?? "", 200)],
    ["Would make", direct === undefined ? made : `no branch. ${direct}`],
  ];
}

function whatFollows({ obstacle, movedTo, phase, iteration }: Status): string {
  if (obstacle !== undefined) return OBSTACLES[obstacle];
  return `continue in ${movedTo ?? phase}, after iteration ${iteration}`;
}

const OBSTACLES: Readonly<Record<Obstacle, string>> = {
  worker: "fail: the session is locked by its worker",
  done: "do nothing: the session is done",
  answers: "wait: the agent's questions need your answers",
  approval: "wait: the plan needs your approval",
};
