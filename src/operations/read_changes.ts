/**
 * What a session has committed, by commit and by file: enough to look at it piece by piece, however much it is.
 *
 * @module
 */
import { join } from "node:path";
import { git, type GitResult, mustGit } from "../session/git.ts";
import { readUpTo } from "../system/files/files.ts";
import { SamocodeError } from "../text/errors.ts";
import { formatBytes, formatCount } from "../text/format.ts";
import { plainText } from "../text/terminal_text.ts";
import type { Samocode } from "./samocode.ts";
import { countUncommitted, findWork, inOwnFolder, type WorkRange } from "./view_work.ts";

/** A commit of a session. */
export interface ListedCommit {
  readonly hash: string;
  readonly subject: string;
  /** ISO 8601. */
  readonly at: string;
}

/** A file that was changed. A binary one has no lines. */
export interface ChangedFile {
  readonly path: string;
  readonly added: number;
  readonly removed: number;
}

/** The changes, and those of one file. */
export interface Changes {
  /** Newest first. */
  readonly commits: readonly ListedCommit[];
  readonly files: readonly ChangedFile[];
  /** The file that is shown; `undefined` if there is none. */
  readonly file: string | undefined;
  /** As git writes it; its beginning, if it is long. */
  readonly diff: string;
  /** What is not shown, in words; empty if all is. */
  readonly left: string;
}

/** Which changes. */
export interface ChangesRequest {
  readonly session: string;
  /** The hash of one commit; all without it. */
  readonly commit: string | undefined;
  /** The path of one file; the first without it. */
  readonly file: string | undefined;
}

const MAX_COMMITS = 500;
const MAX_FILES = 2_000;
const MAX_LIST_BYTES = 512 * 1024;
const MAX_DIFF_BYTES = 512 * 1024;

/**
 * Reads them.
 *
 * @throws {SamocodeError} If the session has no branch or not that commit, or git fails.
 */
export async function readChanges(
  samocode: Samocode,
  { session, commit, file: wanted }: ChangesRequest,
): Promise<Changes> {
  const { mainRepo } = samocode.settings;
  const range = await findWork(samocode, session);
  const { from, to, worktree } = range;
  const commits = await listCommits(mainRepo, range);
  if (commit !== undefined && !commits.some(({ hash }) => hash === commit)) {
    throw new SamocodeError("usage", `Cannot show ${plainText(commit, 80)}: the session has no such commit`, {
      hint: "Choose one of the list",
    });
  }
  const compared = commit === undefined ? [`${from}...${to}`] : [`${commit}^1`, commit];
  const list = await written(mainRepo, ["--numstat", "-z", "--end-of-options", ...compared, "--"], MAX_LIST_BYTES);
  const files = readFiles(list.text).slice(0, MAX_FILES);
  const file = files.find(({ path }) => path === wanted) ?? files[0];
  const shown = file && await written(mainRepo, ["--end-of-options", ...compared, "--", file.path], MAX_DIFF_BYTES);
  const uncommitted = commit !== undefined || worktree === undefined ? 0 : await countUncommitted(worktree);
  return {
    commits,
    files,
    file: file?.path,
    diff: shown?.text ?? "",
    left: [
      list.isWhole && files.length < MAX_FILES
        ? ""
        : `More than ${formatCount(files.length, "file")}: the first are listed`,
      shown === undefined || shown.isWhole ? "" : `The first ${formatBytes(MAX_DIFF_BYTES)} of this file's changes`,
      uncommitted === 0 ? "" : `Without ${formatCount(uncommitted, "uncommitted file")}`,
    ].filter((text) => text !== "").join(" · "),
  };
}

/**
 * Reads all of them at once, for a report.
 *
 * @throws {SamocodeError} If the session has no branch, or git fails.
 */
export async function readAllChanges(
  samocode: Samocode,
  { session, maxBytes }: { readonly session: string; readonly maxBytes: number },
): Promise<Pick<Changes, "commits" | "diff" | "left">> {
  const { mainRepo } = samocode.settings;
  const range = await findWork(samocode, session);
  const commits = await listCommits(mainRepo, range);
  const args = ["--find-renames", "--end-of-options", `${range.from}...${range.to}`, "--"];
  const { text, isWhole } = await written(mainRepo, args, maxBytes);
  const uncommitted = range.worktree === undefined ? 0 : await countUncommitted(range.worktree);
  return {
    commits,
    // A line that was cut may mean something else.
    diff: isWhole ? text : text.slice(0, text.lastIndexOf("\n") + 1),
    left: [
      isWhole ? "" : `The first ${formatBytes(maxBytes)} of the changes`,
      uncommitted === 0 ? "" : `Without ${formatCount(uncommitted, "uncommitted file")}`,
    ].filter((text) => text !== "").join(" · "),
  };
}

async function listCommits(mainRepo: string, { from, to }: WorkRange): Promise<readonly ListedCommit[]> {
  const listed = await mustGit(
    mainRepo,
    ["rev-list", `--max-count=${MAX_COMMITS + 1}`, "--format=%cI%x00%s", "--end-of-options", `${from}..${to}`],
    "Check the repository with git fsck",
  );
  return readCommits(listed).slice(0, MAX_COMMITS);
}

/** Git writes it to a file, of which only the beginning is read: it may be of any size. */
async function written(
  mainRepo: string,
  args: readonly string[],
  maxBytes: number,
): Promise<{ readonly text: string; readonly isWhole: boolean }> {
  return await inOwnFolder(async (folder) => {
    const path = join(folder, "diff");
    const flags = ["--no-color", "--no-renames", "--submodule=short", `--output=${path}`];
    const result = await git({ folder: mainRepo, env: LITERAL }, "diff", ...flags, ...args);
    if (result.code !== 0) throw failed(result);
    using file = Deno.openSync(path, { read: true });
    const text = new TextDecoder().decode(readUpTo(file, Math.min(maxBytes, file.statSync().size)));
    return { text, isWhole: file.statSync().size <= maxBytes };
  });
}

/** A file's name is a name, whatever is in it: see git(1). */
const LITERAL = { GIT_LITERAL_PATHSPECS: "1" } as const;

function failed({ code, stderr }: GitResult): SamocodeError {
  return new SamocodeError("system", `Cannot compare: ${plainText(stderr.trim(), 300) || `git ended with ${code}`}`, {
    hint: "Check the repository with git fsck",
  });
}

/** A line `commit HASH` before each. */
function readCommits(listed: string): readonly ListedCommit[] {
  return [...listed.matchAll(/^commit ([0-9a-f]{40,64})\n([^\0\n]*)\0(.*)$/gm)].map(
    ([, hash = "", at = "", subject = ""]) => ({
      hash,
      at: new Date(at).toISOString(),
      subject: plainText(subject, 200),
    }),
  );
}

/** Fields between tabs, records between zeros; `-` for what has no lines. A record that was cut is left out. */
function readFiles(list: string): readonly ChangedFile[] {
  return [...list.matchAll(/(\d+|-)\t(\d+|-)\t([^\0]+)\0/g)].map(([, added, removed, path = ""]) => ({
    path,
    added: Number(added) || 0,
    removed: Number(removed) || 0,
  }));
}
