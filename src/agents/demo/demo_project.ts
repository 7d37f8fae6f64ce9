/**
 * What the scripted agent may touch in a worktree: all of the sample, or one small folder of its own in anything else.
 *
 * @module
 */
import { basename, join } from "node:path";
import { SamocodeError } from "../../system/errors.ts";
import { readTextIfExists, statIfExists, writeAtomic } from "../../system/files/files.ts";
import { type CommandResult, runCommand } from "../../system/processes/run_command.ts";
import { commitFiles, gitOutput } from "./demo_git.ts";
import { isSample, SAMPLE_FILES } from "./demo_sample.ts";

/** The folder that the scripted agent keeps to in a project that is not the sample. */
export const OWN_FOLDER = "samocode-demo";

/** Where the script's own project lies. */
export interface DemoProject {
  readonly root: string;
  /** Stands before its files' names, seen from the worktree: empty, or `samocode-demo/`. */
  readonly prefix: string;
  readonly isSample: boolean;
}

/** One change of a file. */
export interface DemoEdit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Stands in the file once the change is made. */
  readonly mark: string;
}

/** Puts one text in the place of another. */
export function replacement(file: string, { from, to }: { readonly from: string; readonly to: string }): DemoEdit {
  return { file, from, to, mark: to };
}

/** Puts a text before another. */
export function insertion(
  file: string,
  { before, text }: { readonly before: string; readonly text: string },
): DemoEdit {
  return { file, from: before, to: text + before, mark: text };
}

/** Finds the script's project in a worktree. */
export function projectOf(worktree: string): DemoProject {
  if (isSample(worktree)) return { root: worktree, prefix: "", isSample: true };
  return { root: join(worktree, OWN_FOLDER), prefix: `${OWN_FOLDER}/`, isSample: false };
}

/**
 * Makes the script's own folder where the worktree is not the sample; leaves every file that is there.
 *
 * @returns Whether anything was made.
 * @throws {SamocodeError} Where something else has that name.
 */
export function prepareProject({ root, isSample: whole }: DemoProject): boolean {
  if (whole) return false;
  const missing = SAMPLE_FILES.filter(({ name }) => !existsHere(join(root, name)));
  if (missing.length === 0) return false;
  if (missing.length < SAMPLE_FILES.length && !isOwn(root)) throw notOwn(root);
  try {
    if (!existsHere(root)) Deno.mkdirSync(root);
  } catch (error) {
    throw notOwn(root, error);
  }
  // A link here would lead the script out of the worktree.
  if (!Deno.lstatSync(root).isDirectory) throw notOwn(root);
  for (const { name, text } of missing) writeAtomic(join(root, name), text);
  return true;
}

/**
 * Makes a change, unless it is made already.
 *
 * @returns Whether the file changed.
 * @throws {SamocodeError} Where the file is no longer as the script knows it.
 */
export function applyEdit({ root, prefix }: DemoProject, { file, from, to, mark }: DemoEdit): boolean {
  const path = join(root, file);
  const text = readTextIfExists(path) ?? "";
  if (text.includes(mark)) return false;
  if (!text.includes(from)) {
    throw new SamocodeError(
      "conflict",
      `Cannot edit ${prefix}${file}: it was changed, and the script knows only its own text`,
      {
        hint: "Take the change back, or let a real agent go on",
      },
    );
  }
  // A function, because a plain replacement would read the shell's `$` as its own.
  writeAtomic(path, text.replace(from, () => to));
  return true;
}

/**
 * Commits the project's files for a session.
 *
 * @returns Whether there was anything to commit.
 */
export function commitWork(
  { root, prefix }: DemoProject,
  { subject, files, sessionFolder }: {
    readonly subject: string;
    readonly files: readonly string[];
    readonly sessionFolder: string;
  },
): Promise<boolean> {
  const names = prefix === "" ? files : [...new Set([...SAMPLE_FILES.map(({ name }) => name), ...files])];
  return commitFiles(names, { cwd: root, message: `${subject}\n\n${trailer(sessionFolder)}` });
}

/** The session's commits, oldest first, as `abbreviated-hash subject`. */
export async function sessionCommits(worktree: string, sessionFolder: string): Promise<readonly string[]> {
  // Bounded, because a person's own history can be long, and filtered here, because `--grep` knows no whole lines.
  const log = await gitOutput(["log", "--max-count=200", "--format=%h %s%n%b%x00"], { cwd: worktree });
  const mark = trailer(sessionFolder);
  return log.split("\0").map((commit) => commit.trim().split("\n"))
    .filter((lines) => lines.includes(mark)).flatMap(([first]) => first ?? []).reverse();
}

/**
 * Runs a script of the project with the machine's shell.
 *
 * @returns `undefined` where there is no `sh`, as on a bare Windows.
 */
export async function runShell(
  { root }: DemoProject,
  args: readonly string[],
): Promise<CommandResult | undefined> {
  try {
    return await runCommand("sh", args, { cwd: root, timeoutMs: 60_000 });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && statIfExists(root) !== undefined) return undefined;
    throw error;
  }
}

function trailer(sessionFolder: string): string {
  return `Samocode-Session: ${basename(sessionFolder)}`;
}

function existsHere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** Half-made by an iteration that was ended: what is there is exactly what the script writes. */
function isOwn(root: string): boolean {
  return SAMPLE_FILES.every(({ name, text }) => {
    const found = existsHere(join(root, name)) ? readTextIfExists(join(root, name)) : text;
    return found === text;
  });
}

function notOwn(root: string, cause?: unknown): SamocodeError {
  return new SamocodeError("conflict", `Cannot work in ${root}: something else has that name`, {
    hint: "Move it away, or let a real agent go on",
    cause,
  });
}
