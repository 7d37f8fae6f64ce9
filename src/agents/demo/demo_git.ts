/**
 * Git for the scripted agent, the same on every machine: no person's signing key, hook or colour setting gets in.
 *
 * @module
 */
import { SamocodeError } from "../../system/errors.ts";
import { type CommandResult, runCommand } from "../../system/processes/run_command.ts";

/** Who signs a commit. */
export interface GitIdentity {
  readonly name: string;
  readonly email: string;
}

/** The scripted agent, as its commits name it. */
export const DEMO_IDENTITY: GitIdentity = { name: "samocode demo", email: "demo@localhost" };

/** Settings of a person that would ask for a key, run a program, leave one behind, or change what git prints. */
const CALM: readonly string[] = [
  "commit.gpgSign=false",
  "core.hooksPath=/dev/null",
  "core.autocrlf=false",
  "core.safecrlf=false",
  "core.fsmonitor=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "color.ui=false",
  "log.showSignature=false",
  "log.decorate=false",
];

/** Runs git and gives its result, whatever its code. */
export async function runGit(
  args: readonly string[],
  { cwd, identity = DEMO_IDENTITY }: { readonly cwd: string; readonly identity?: GitIdentity },
): Promise<CommandResult> {
  const env = {
    GIT_AUTHOR_NAME: identity.name,
    GIT_AUTHOR_EMAIL: identity.email,
    GIT_COMMITTER_NAME: identity.name,
    GIT_COMMITTER_EMAIL: identity.email,
    GIT_TERMINAL_PROMPT: "0",
  };
  try {
    return await runCommand("git", [...CALM.flatMap((setting) => ["-c", setting]), ...args], { cwd, env });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new SamocodeError("system", "Cannot run git: not found", { hint: "Install git", cause: error });
  }
}

/**
 * Runs git and gives what it printed.
 *
 * @throws {SamocodeError} Where git fails, in git's words.
 */
export async function gitOutput(
  args: readonly string[],
  options: { readonly cwd: string; readonly identity?: GitIdentity },
): Promise<string> {
  const { code, stdout, stderr } = await runGit(args, options);
  if (code === 0) return stdout;
  throw new SamocodeError("system", `Cannot run git ${args[0]}: ${stderr.trim() || `it ended with ${code}`}`, {
    hint: `Look at the repository in ${options.cwd}`,
  });
}

/**
 * Commits these files and nothing else: what a person has staged stays staged.
 *
 * @param files Paths below `cwd`.
 * @returns Whether there was anything to commit.
 * @throws {SamocodeError} Where git fails.
 */
export async function commitFiles(
  files: readonly string[],
  { cwd, message, identity = DEMO_IDENTITY }: {
    readonly cwd: string;
    readonly message: string;
    readonly identity?: GitIdentity;
  },
): Promise<boolean> {
  // Forced, since a person's own ignore list may name such files.
  await gitOutput(["add", "--force", "--", ...files], { cwd });
  const staged = await gitOutput(["diff", "--cached", "--name-only", "--", ...files], { cwd });
  if (staged === "") return false;
  await gitOutput(["commit", "--quiet", "--message", message, "--", ...files], { cwd, identity });
  return true;
}
