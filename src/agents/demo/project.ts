/**
 * The project that the demo works on: the sample repository, or a small folder of its own in any other project.
 *
 * @module
 */
import { join } from "node:path";
import { SamocodeError } from "../../text/errors.ts";
import { lstatIfExists, readTextIfExists, removeIfExists, writeAtomic } from "../../system/files/files.ts";
import { runCommand } from "../../system/processes/run_command.ts";
import { formatCount } from "../../text/format.ts";
import { type Facts, fill, namesIn, readShipped } from "./data.ts";
import { commitFiles, git, tryGit } from "./git.ts";

/** The only folder that the demo touches in a project that is not the sample. */
export const OWN_FOLDER = "samocode-demo";

/** Where the demo's project is located. */
export interface DemoProject {
  readonly root: string;
  /** The path from the worktree to the project: empty in the sample, otherwise `samocode-demo/`. */
  readonly prefix: string;
}

/** A change of the project, from `demo/patches/`. */
export interface Patch {
  readonly text: string;
  /** The commit's subject, and the title of the plan's phase. */
  readonly subject: string;
  readonly files: readonly string[];
  /** Files for human feedback, part of the same commit. */
  readonly also: readonly string[];
}

/**
 * Creates the sample project, a git repository with a short history on the branch `main`.
 *
 * @param folder Must be empty or not exist yet.
 * @param data The shipped folder `demo/`.
 * @throws {SamocodeError} If the folder is not empty, or git fails.
 */
export async function makeSampleRepository(folder: string, data: string): Promise<void> {
  Deno.mkdirSync(folder, { recursive: true });
  if (namesIn(folder).length > 0) {
    throw new SamocodeError("conflict", `Cannot create the sample project in ${folder}: the folder is not empty`, {
      hint: "Name an empty folder or one that does not exist yet",
    });
  }
  // An empty template keeps the user's own hooks out; git before 2.28 has no `init -b`.
  await git(["init", "--quiet", "--template="], { cwd: folder });
  await git(["symbolic-ref", "HEAD", "refs/heads/main"], { cwd: folder });
  for (const { name, text } of sampleFiles(data)) writeAtomic(join(folder, name), text);
  const project = { root: folder, prefix: "" };
  const history = readPatches(data, { folder: "history" });
  for (const patch of history.toReversed()) await applyPatch(project, patch, { reverse: true });
  await commitFiles(["."], { cwd: folder, author: "tally", message: "Count words" });
  for (const patch of history) {
    await applyPatch(project, patch);
    await commitFiles(["."], { cwd: folder, author: "tally", message: patch.subject });
  }
}

/** Finds the demo's project: the worktree itself if it contains the sample, even a modified one. */
export function projectIn(worktree: string, data: string): DemoProject {
  const isSample = ["tally.sh", "test.sh"].every((name) => {
    const [, title = ""] = readShipped(data, `sample/${name}`).split("\n");
    return readIfText(join(worktree, name)).split(/\r?\n/).includes(title);
  });
  return isSample ? { root: worktree, prefix: "" } : { root: join(worktree, OWN_FOLDER), prefix: `${OWN_FOLDER}/` };
}

/**
 * Copies the sample into the demo's own folder, unless the worktree is the sample. Existing files are kept.
 *
 * @returns Whether anything was copied.
 * @throws {SamocodeError} If the name is taken by something else.
 */
export function prepareProject({ root, prefix }: DemoProject, data: string): boolean {
  if (prefix === "") return false;
  const found = lstatIfExists(root);
  const files = sampleFiles(data);
  const missing = files.filter(({ name }) => lstatIfExists(join(root, name)) === undefined);
  // An interrupted iteration leaves a part of the sample, unchanged.
  const isPart = files.every((file) => missing.includes(file) || readIfText(join(root, file.name)) === file.text);
  if (found === undefined) Deno.mkdirSync(root);
  // A symbolic link would lead out of the worktree.
  else if (!found.isDirectory || (missing.length > 0 && !isPart)) {
    throw new SamocodeError("conflict", `Cannot work in ${root}: something else has that name`, {
      hint: "Move it away, or continue with another provider",
    });
  }
  for (const { name, text } of missing) writeAtomic(join(root, name), text);
  return missing.length > 0;
}

/**
 * Finds the patch with this subject, for the chosen order of ties.
 *
 * @throws {SamocodeError} If there is none, because the plan was edited by hand.
 */
export function findPatch(
  data: string,
  { subject, facts }: { readonly subject: string; readonly facts: Facts },
): Patch {
  const patches = ["any", String(facts["ties"])].flatMap((folder) => readPatches(data, { folder, facts }));
  const patch = patches.find((patch) => patch.subject === subject);
  if (patch !== undefined) return patch;
  throw new SamocodeError("conflict", `Cannot do "${subject}": the demo has no patch for it`, {
    hint: "Tick it or remove it from the plan, or continue with another provider",
  });
}

function readPatches(
  data: string,
  { folder, facts = {} }: { readonly folder: string; readonly facts?: Facts },
): readonly Patch[] {
  return namesIn(join(data, "patches", folder)).map((name) => {
    const text = fill(readShipped(data, `patches/${folder}/${name}`), facts);
    const all = (pattern: RegExp): readonly string[] => [...text.matchAll(pattern)].flatMap(([, found]) => found ?? []);
    const [subject = ""] = all(/^Subject: (.+)$/gm);
    return { text, subject, files: all(/^\+\+\+ b\/(.+)$/gm), also: all(/^Also: (.+)$/gm) };
  });
}

/**
 * Applies a patch with git, file by file. Files that an interrupted iteration has patched already are skipped.
 *
 * @throws {SamocodeError} If a file does not match the patch.
 */
export async function applyPatch(
  { root, prefix }: DemoProject,
  { text, files }: Patch,
  { reverse = false }: { readonly reverse?: boolean } = {},
): Promise<void> {
  const path = Deno.makeTempFileSync({ suffix: ".patch" });
  const [there, back] = reverse ? [["--reverse"], []] : [[], ["--reverse"]];
  try {
    Deno.writeTextFileSync(path, text);
    for (const file of files) {
      const apply = ["apply", "--whitespace=nowarn", `--include=${file}`];
      if ((await tryGit([...apply, "--check", ...back, path], { cwd: root })).code === 0) continue;
      if ((await tryGit([...apply, ...there, path], { cwd: root })).code === 0) continue;
      throw new SamocodeError("conflict", `Cannot edit ${prefix}${file}: the demo's patch does not match the file`, {
        hint: "Undo the changes made by hand, or continue with another provider",
      });
    }
  } finally {
    removeIfExists(path);
  }
}

/** Runs `sh SCRIPT …` in the project and returns the outcome as facts for the script. */
export async function runInProject({ root }: DemoProject, command: string): Promise<Facts> {
  const [shell = "", ...args] = command.split(" ");
  try {
    const { code, stdout, stderr } = await runCommand(shell, args, { cwd: root, timeoutMs: 60_000 });
    const said = `${stdout}${stderr}`.trimEnd();
    const count = /^\d+ passed, \d+ failed$/m.exec(said)?.[0] ?? `exit code ${code}`;
    // Longer than any run of backticks in the output, so that the output cannot close the fence.
    const fence = "`".repeat(Math.max(2, ...[...said.matchAll(/`+/g)].map(([ticks]) => ticks.length)) + 1);
    return {
      ran: code === 0 ? "passed" : "failed",
      exit: `exit code ${code}, ${formatCount(stdout.split("\n").length - 1, "line")} printed`,
      result: `${code === 0 ? "all tests pass" : "tests fail"} (${count})`,
      output: `\n\`${command}\` exited with code ${code}:\n\n${fence}\n${said}\n${fence}\n`,
    };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound) || lstatIfExists(root) === undefined) throw error;
    const why = `no ${shell} on this machine`;
    return { ran: "skipped", exit: `not tried (${why})`, result: `tests were not run (${why})`, output: "" };
  }
}

function sampleFiles(data: string): readonly { readonly name: string; readonly text: string }[] {
  return namesIn(join(data, "sample")).map((name) => ({ name, text: readShipped(data, `sample/${name}`) }));
}

/** Reads a text file; anything else, such as a device or an oversized file, counts as empty. */
export function readIfText(path: string): string {
  try {
    return readTextIfExists(path) ?? "";
  } catch (error) {
    if (error instanceof SamocodeError) return "";
    throw error;
  }
}
