/**
 * Git for the demo, independent of the user's signing key, hooks and colors.
 *
 * @module
 */
import { dirname } from "node:path";
import { SamocodeError } from "../../text/errors.ts";
import { type CommandResult, runCommand } from "../../system/processes/run_command.ts";

/** Overrides for settings that would ask for a key, start other programs, or change git's output. */
const CALM: readonly string[] = [
  ...["commit.gpgSign=false", "core.hooksPath=/dev/null", "core.autocrlf=false", "core.safecrlf=false"],
  ...["core.fsmonitor=false", "gc.auto=0", "maintenance.auto=false", "color.ui=false", "log.showSignature=false"],
  ...["log.decorate=false", "apply.ignoreWhitespace=no"],
].flatMap((setting) => ["-c", setting]);

interface GitOptions {
  readonly cwd: string;
  /** The author of commits. */
  readonly author?: string;
}

/** Runs git and returns its result, whatever the exit code. */
export async function tryGit(
  args: readonly string[],
  { cwd, author = "samocode demo" }: GitOptions,
): Promise<CommandResult> {
  const email = `${author.split(" ").at(-1)}@localhost`;
  const env = {
    ...{ GIT_AUTHOR_NAME: author, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: author, GIT_COMMITTER_EMAIL: email },
    GIT_TERMINAL_PROMPT: "0",
    // Below somebody's repository, keeps `git apply` from running the filters of that repository.
    ...(args[0] === "apply" ? { GIT_CEILING_DIRECTORIES: dirname(cwd) } : {}),
  };
  try {
    return await runCommand("git", [...CALM, ...args], { cwd, env });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new SamocodeError("system", "Cannot run git: not found", { hint: "Install git", cause: error });
  }
}

/**
 * Runs git and returns its output.
 *
 * @throws {SamocodeError} If git fails, with its own message.
 */
export async function git(args: readonly string[], options: GitOptions): Promise<string> {
  const { code, stdout, stderr } = await tryGit(args, options);
  if (code === 0) return stdout;
  throw new SamocodeError(
    "system",
    `Cannot run git ${args[0]}: ${stderr.trim().replace(/\.$/, "") || `exit code ${code}`}`,
    {
      hint: `Check the repository in ${options.cwd}`,
    },
  );
}

/**
 * Commits these files and nothing else; other staged changes stay staged.
 *
 * @throws {SamocodeError} If git fails.
 */
export async function commitFiles(
  files: readonly string[],
  { message, ...options }: GitOptions & { readonly message: string },
): Promise<void> {
  // --force, because the user's own ignore list may match these files.
  await git(["add", "--force", "--", ...files], options);
  if ((await git(["diff", "--cached", "--name-only", "--", ...files], options)) === "") return;
  await git(["commit", "--quiet", "--message", message, "--", ...files], options);
}
