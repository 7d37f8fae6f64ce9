/**
 * What a session did in its repository, for a person to look at with their own git.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { askGit, lookWithGit } from "../session/git.ts";
import { SamocodeError } from "../text/errors.ts";
import { plainBlock, shellWord } from "../text/terminal_text.ts";
import { runCommand } from "../system/processes/run_command.ts";
import type { AttachedCommand } from "../system/processes/run_attached.ts";
import { lstatIfExists, removeFolder } from "../system/files/files.ts";
import { refuseCopy } from "./hand_over.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** How git tells what to run for a person, by its variables, the user's configuration and its own default. */
export type UserProgram = "GIT_PAGER" | "GIT_EDITOR";

/**
 * The command with which a person reads or edits, for a shell. It is asked for outside of any repository: a
 * repository's own configuration names none.
 */
export async function userProgram(kind: UserProgram, env: Samocode["env"]): Promise<string | undefined> {
  return await askUsersGit(["var", kind], env);
}

/** What the person has git show differences in; "cat" if in nothing, `undefined` if they chose nothing for them. */
export async function userDiffPager(env: Samocode["env"]): Promise<string | undefined> {
  const chosen = await askUsersGit(["config", "--get", "pager.diff"], env);
  if (chosen === undefined || /^(?:true|yes|on|1)$/i.test(chosen)) return undefined;
  return /^(?:false|no|off|0|)$/i.test(chosen) ? "cat" : chosen;
}

async function askUsersGit(args: readonly string[], env: Samocode["env"]): Promise<string | undefined> {
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => CHOOSING.test(name)));
  try {
    const { code, stdout } = await runCommand("git", args, { cwd: "/", env: own, timeoutMs: 10_000 });
    return code === 0 ? stdout.trim() : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const CHOOSING = /^(?:HOME|TERM|PAGER|VISUAL|EDITOR|GIT_PAGER|GIT_EDITOR)$/;

/** The work of a session. */
export interface WorkView {
  /** Shows it. */
  readonly command: AttachedCommand;
  /** How many files in the worktree are not as they were last committed. */
  readonly uncommitted: number;
  readonly worktree: string;
}

/** How to show it. */
export interface WorkRequest {
  readonly session: string;
  /** Git's own flags. */
  readonly flags: readonly string[];
  /** The person's own; "cat" for none. */
  readonly pager: string;
  /** Whether it is shown in a terminal: without a pager, nothing else keeps a file's control characters from it. */
  readonly isTerminal: boolean;
}

/** What a session did, as a range of commits: what `to` has and `from` has not. */
export interface WorkRange {
  readonly from: string;
  readonly to: string;
  /** Where the branch is worked on; `undefined` once it is gone. */
  readonly worktree: string | undefined;
}

/**
 * Finds what a session's branch has and its base has not; once it is finished, what it had.
 *
 * @throws {SamocodeError} If it has no branch.
 */
export async function findWork(samocode: Samocode, session: string): Promise<WorkRange> {
  using folder = openSession(samocode, session, { readOnly: true });
  refuseCopy(folder);
  const { workplace, work, finish } = folder.history;
  const { mainRepo } = samocode.settings;
  const branch = workplace?.branch;
  const isThere = async (commit: string) =>
    await askGit(mainRepo, "rev-parse", "--verify", "--quiet", `${commit}^{commit}`) !== undefined;
  const head = finish?.head ?? work?.head;
  const isGone = branch === undefined || !(await isThere(`refs/heads/${branch}`));
  if (isGone && work !== undefined && head !== undefined && await isThere(head)) {
    return { from: work.base, to: head, worktree: undefined };
  }
  if (workplace === undefined || branch === undefined) {
    const where = workplace === undefined ? "it has not begun to work" : `it works in ${workplace.path} itself`;
    throw new SamocodeError("conflict", `Cannot show what ${folder.name} did: it has no branch, ${where}`, {
      hint: workplace === undefined ? "It begins when it runs" : `Look there: git -C ${shellWord(workplace.path)} diff`,
    });
  }
  if (isGone) {
    throw new SamocodeError("conflict", `Cannot show what ${folder.name} did: its branch ${branch} is gone`, {
      hint: "If it was merged, look there",
    });
  }
  // A base is named as in `origin/main (1a2b3c4d5e)`.
  const from = /\(([0-9a-f]{7,64})\)$/.exec(workplace.base ?? "")?.[1] ?? "HEAD";
  return { from, to: `refs/heads/${branch}`, worktree: workplace.path };
}

/**
 * Looks at what a session did.
 *
 * @throws {SamocodeError} As {@linkcode findWork}.
 */
export async function viewWork(
  samocode: Samocode,
  { session, flags, pager, isTerminal }: WorkRequest,
): Promise<WorkView> {
  const { from, to, worktree } = await findWork(samocode, session);
  const { mainRepo } = samocode.settings;
  // Both are from a journal, which an agent may have written to.
  const compared = [...flags, "--end-of-options", `${from}...${to}`];
  const show = async (): Promise<AttachedCommand> => {
    if (!isTerminal || pager !== "cat") return await lookWithGit(mainRepo, { args: ["diff", ...compared], pager });
    const isColored = await askGit(mainRepo, "config", "--get-colorbool", "color.diff", "true") === "true";
    const args = ["diff", ...isColored ? ["--color"] : [], ...compared];
    return { ...await lookWithGit(mainRepo, { args, pager }), isCleaned: true };
  };
  const command = await show();
  if (worktree === undefined) return { command, uncommitted: 0, worktree: mainRepo };
  return { command, uncommitted: await countUncommitted(worktree), worktree };
}

/** How many files in a worktree are not as they were last committed. */
export async function countUncommitted(worktree: string): Promise<number> {
  if (lstatIfExists(worktree)?.isDirectory !== true) return 0;
  return (await askGit(worktree, "status", "--porcelain") ?? "").split("\n").filter(Boolean).length;
}

/** Compares two texts as git does, in a folder of its own. */
export async function compareTexts<T>(
  { name, before, now }: { readonly name: string; readonly before: string; readonly now: string },
  { pager, flags, show }: Pick<WorkRequest, "pager" | "flags"> & {
    readonly show: (command: AttachedCommand) => Promise<T>;
  },
): Promise<T> {
  return await inOwnFolder(async (folder) => {
    for (const [place, text] of [["shown", before], ["now", now]] as const) {
      Deno.mkdirSync(join(folder, place));
      Deno.writeTextFileSync(join(folder, place, name), plainBlock(text));
    }
    const args = ["diff", "--no-index", ...flags, join("shown", name), join("now", name)];
    const command = await lookWithGit(folder, { args, pager });
    return await show({ ...command, env: { ...command.env, GIT_CEILING_DIRECTORIES: dirname(folder) } });
  });
}

/** Lets a person edit a copy of a text: an editor leaves files of its own beside it. Returns what they made of it. */
export async function editText(
  { name, text }: { readonly name: string; readonly text: string },
  edit: (path: string) => Promise<boolean>,
): Promise<string | undefined> {
  return await inOwnFolder(async (folder) => {
    const path = join(folder, name);
    Deno.writeTextFileSync(path, text, { mode: 0o600 });
    return await edit(path) ? Deno.readTextFileSync(path) : undefined;
  });
}

/** Gives `act` an empty folder, and removes it afterwards. */
export async function inOwnFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "samocode-" }));
  try {
    return await act(folder);
  } finally {
    removeFolder(folder);
  }
}
