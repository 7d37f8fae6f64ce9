/**
 * What `run --dry-run` says.
 *
 * @module
 */
import { nextAttempt } from "../workflow/history.ts";
import type { Samocode } from "../operations/samocode.ts";
import { findSession } from "../session/find_session.ts";
import { layoutOf } from "../session/layout.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { plainText } from "../system/terminal_text.ts";

/** Says what a run would begin with; looks, and touches nothing. */
export function describeDryRun(
  { settings, now }: Samocode,
  { session, task }: { readonly session: string; readonly task: string | undefined },
): string {
  const place = findSession(settings.sessions, session, now());
  const lines: [string, string][] = [
    ["Project", settings.projectFile],
    ["Provider", `${settings.provider}, ${settings.claude.timeoutMs / 1000} s an iteration`],
    ["Session", `${place.path}${place.exists ? "" : " (new)"}`],
  ];
  if (place.exists) {
    using folder = SessionFolder.open(place.path, { readOnly: true });
    const { history } = folder;
    const { iteration, attempt } = nextAttempt(history);
    lines.push(["Task", plainText(history.task, 200)]);
    lines.push(["Would run", `iteration ${iteration}, attempt ${attempt}, in ${history.phase}`]);
  } else {
    const { name } = layoutOf(place.path);
    lines.push(["Task", task === undefined ? "(none given: it would be refused)" : plainText(task, 200)]);
    lines.push([
      "Would make",
      `the branch ${settings.branchPrefix}${name} and the worktree ${settings.worktrees}/${name}`,
    ]);
  }
  return lines.map(([label, text]) => `${label.padEnd(12)}${text}\n`).join("") + "Nothing was done.\n";
}
