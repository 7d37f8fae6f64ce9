/**
 * What `run --dry-run` says.
 *
 * @module
 */
import { readStatus, type Status } from "../operations/read_status.ts";
import type { Samocode } from "../operations/samocode.ts";
import { findSession } from "../session/find_session.ts";
import { layoutOf } from "../session/layout.ts";
import { iterationTimeoutMs } from "../settings/load_settings.ts";
import { plainText } from "../system/terminal_text.ts";

/** Says what a run would begin with; looks, and touches nothing. `task` is the dive's topic where that is all. */
export function describeDryRun(
  samocode: Samocode,
  { session, task }: { readonly session: string; readonly task: string | undefined },
): string {
  const { settings, now } = samocode;
  const place = findSession(settings.sessions, session, now());
  const { name } = layoutOf(place.path);
  const lines: (readonly [string, string])[] = [
    ["Project", settings.projectFile],
    ["Provider", `${settings.provider}, ${iterationTimeoutMs(settings) / 1000} s an iteration`],
    ...Object.entries(settings.phases)
      .filter(([, { provider, model }]) => provider !== settings.provider || model !== "")
      .map(([phase, { provider, model }]) => [`  ${phase}`, `${provider} ${model}`.trim()] as const),
    ["Session", `${place.path}${place.exists ? "" : " (new)"}`],
  ];
  if (place.exists) {
    const status = readStatus(samocode, { session });
    lines.push(["Task", plainText(status.task, 200)], ["Would", nextFor(status)]);
  } else {
    lines.push(
      ["Task", task === undefined ? "(none given: it would be refused)" : plainText(task, 200)],
      ["Would make", `the branch ${settings.branchPrefix}${name} and the worktree ${settings.worktrees}/${name}`],
    );
  }
  return lines.map(([label, text]) => `${label.padEnd(18)}${plainText(text)}\n`).join("") + "Nothing was done.\n";
}

function nextFor({ state, phase, iteration, needs }: Status): string {
  if (state === "running") return "be refused: a worker has this session";
  if (state === "done") return "do nothing: the session is done";
  if (needs === "answers") return "wait: the agent's questions need your answers";
  if (needs === "approval") return "wait: the plan needs your approval";
  return `go on in ${phase}, after iteration ${iteration}`;
}
