/**
 * Pushes a session's branch.
 *
 * @module
 */
import { join } from "node:path";
import { SamocodeError } from "../text/errors.ts";
import { shellWord } from "../text/terminal_text.ts";
import { statIfExists } from "../system/files/files.ts";
import { askGit, complaintOf, git } from "./git.ts";
import { COMMON_FOLDER } from "./workplace_guard.ts";

/** Enough for large files. */
const PUSH_MS = 20 * 60_000;

/**
 * Pushes a branch to a remote under its own name. Pushing it again changes nothing.
 *
 * @throws {SamocodeError} If the remote cannot be reached or refuses.
 */
export async function pushBranch(
  mainRepo: string,
  { remote, branch, head }: { readonly remote: string; readonly branch: string; readonly head: string },
): Promise<void> {
  const refspec = `${head}:refs/heads/${branch}`;
  const pushed = await git({ folder: mainRepo, timeoutMs: PUSH_MS }, "push", "--quiet", "--", remote, refspec);
  if (pushed.code === 0) return;
  const unused = pushed.ignored.length === 0
    ? ""
    : ` (git may not use the repository's own ${pushed.ignored.join(", ")})`;
  const reason = /^ ! \[.*$/m.exec(pushed.stderr)?.[0].trim() ?? complaintOf(pushed);
  throw new SamocodeError("system", `Cannot push ${branch} to ${remote}: ${reason}${unused}`, {
    hint: `Push by hand: git -C ${shellWord(mainRepo)} push ${shellWord(remote)} ${
      shellWord(branch)
    }; then type the same again`,
  });
}

/** Which of the repository's own hooks of these names a person's git would run; samocode's does not. */
export async function hooksLeftOut(mainRepo: string, names: readonly string[]): Promise<readonly string[]> {
  const folder = await askGit(mainRepo, "config", "--local", "--type=path", "--get", "core.hooksPath");
  const common = await askGit(mainRepo, ...COMMON_FOLDER);
  const top = await askGit(mainRepo, "rev-parse", "--show-toplevel");
  if (common === undefined || top === undefined) return [];
  const hooks = folder ? join(folder.startsWith("/") ? "/" : top, folder) : join(common, "hooks");
  return names.filter((name) => ((statIfExists(join(hooks, name))?.mode ?? 0) & 0o111) !== 0);
}
