/**
 * What `run --dry-run` says.
 *
 * @module
 */
import { join } from "node:path";
import { readStatus, type Status } from "../operations/read_status.ts";
import type { Samocode } from "../operations/samocode.ts";
import { findSession } from "../session/find_session.ts";
import { layoutOf } from "../session/layout.ts";
import { checkWorkplaceFree } from "../session/worktree.ts";
import { plainText } from "../text/terminal_text.ts";
import { formatCost } from "../text/format.ts";

/**
 * Says what a run would begin with; looks, and touches nothing. `task` is the dive's topic where that is all.
 *
 * @throws {SamocodeError} Where a run would be refused because its branch or worktree is there already.
 */
export async function describeDryRun(
  samocode: Samocode,
  { session, task }: { readonly session: string; readonly task: string | undefined },
): Promise<string> {
  const { settings, now } = samocode;
  const place = findSession(settings.sessions, session, now());
  const { name } = layoutOf(place.path);
  const lines: (readonly [string, string])[] = [
    ["Project", settings.projectFile],
    ["Provider", `${settings.provider}, ${settings.agents[settings.provider].timeoutMs / 1000} s an iteration`],
    ...Object.entries(settings.phases)
      .filter(([, { provider, model }]) => provider !== settings.provider || model !== "")
      .map(([phase, { provider, model }]) => [`  ${phase}`, `${provider} ${model}`.trim()] as const),
    ...(settings.fallback === undefined ? [] : [["Stands in", settings.fallback] as const]),
    ...(settings.maxCostUsd === undefined ? [] : [["Cost limit", formatCost(settings.maxCostUsd)] as const]),
    ["Session", `${place.path}${place.exists ? "" : " (new)"}`],
  ];
  if (place.exists) {
    const status = readStatus(samocode, { session });
    lines.push(["Task", plainText(status.task, 200)], ["Would", nextFor(status)]);
  } else {
    const direct = await checkWorkplaceFree({ ...settings, name });
    lines.push(
      ["Task", task === undefined ? "(none given: it would be refused)" : plainText(task, 200)],
      direct === undefined
        ? [
          "Would make",
          `the branch ${settings.branchPrefix}${name} and the worktree ${join(settings.worktrees, name)}`,
        ]
        : ["Would make", `no branch. ${direct}`],
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
