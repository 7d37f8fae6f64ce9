/**
 * What a session has changed, page by page, for a parent.
 *
 * @module
 */
import { join } from "node:path";
import { SamocodeError } from "../text/errors.ts";
import { formatCount } from "../text/format.ts";
import { runCommand } from "../system/processes/run_command.ts";
import { type ArtifactPage, type ArtifactRequest, pageOf } from "./read_artifact.ts";
import type { Samocode } from "./samocode.ts";
import { inOwnFolder, viewWork } from "./view_work.ts";

/** What to read: the changes themselves, or which files changed, and how much. */
export const DIFFS = { diff: [], "diff --stat": ["--stat"] } as const;

/** One of them. */
export type DiffName = keyof typeof DIFFS;

/** Whether a file's name means one of them. */
export function isDiffName(name: string | undefined): name is DiffName {
  return name !== undefined && Object.hasOwn(DIFFS, name);
}

/**
 * Reads a page of the changes that a session has committed. Git writes them to a file, of which only the page is read.
 *
 * @throws {SamocodeError} If the session has no branch, or git fails.
 */
export async function readDiff(
  samocode: Samocode,
  { session, file, ...range }: ArtifactRequest & { readonly file: DiffName },
): Promise<ArtifactPage> {
  return await inOwnFolder(async (folder) => {
    const path = join(folder, "diff");
    const flags = ["--no-color", `--output=${path}`, ...DIFFS[file]];
    const { command, uncommitted } = await viewWork(samocode, { session, flags, pager: "cat", isTerminal: false });
    const { command: [program = "git", ...args], cwd = folder, env = {} } = command;
    const { code, stderr } = await runCommand(program, args, { cwd, env });
    if (code !== 0) {
      throw new SamocodeError("system", `Cannot compare what ${session} changed: ${stderr.trim() || `code ${code}`}`, {
        hint: "Check the repository with git fsck",
      });
    }
    const left = uncommitted === 0 ? "" : ` (without ${formatCount(uncommitted, "uncommitted file")})`;
    using opened = Deno.openSync(path, { read: true });
    return pageOf(opened, { ...range, name: `${file}${left}` });
  });
}
