/**
 * The demo's sample project, its texts, and the agent that works on it.
 *
 * @module
 */
import { join } from "node:path";
import { DemoPlayer, type DemoRequest } from "../agents/demo/player.ts";
import { copySample, type Facts, fill } from "../agents/demo/project.ts";
import { askGit, mustGit } from "../session/git.ts";
import { PROJECT_FILE } from "../settings/load_settings.ts";
import { systemError } from "../text/errors.ts";
import type { Samocode } from "./samocode.ts";
import { trustWritten } from "./trust_project.ts";

/** The demo's session. */
export const DEMO_SESSION = {
  session: "tally-top",
  task: "Add a --top N option to tally, so that it prints only the N most frequent words",
  dive: "How tally reads its input and orders its output",
} as const;

type Shipped = Pick<Samocode, "shippedRoot">;

/**
 * Creates a project in the system's temporary folder, where it is kept after the demo, and trusts it for its user. Its
 * repository is the sample, with git settings that keep the user's signing key, hooks and ignore list out.
 *
 * @returns The folder; the repository is in `repo`.
 * @throws {SamocodeError} If the folder cannot be created, or git fails.
 */
export async function makeDemoProject({ shippedRoot, env }: Shipped & Pick<Samocode, "env">): Promise<string> {
  const data = join(shippedRoot, "demo");
  const temporary = await Deno.makeTempDir({ prefix: "samocode-demo-" }).catch((error) => {
    const hint = "Set TMPDIR to a folder that you can write to";
    throw systemError("Cannot create a folder for the demo", { error, hint });
  });
  const folder = Deno.realPathSync(temporary);
  for (const name of ["repo", "worktrees", "sessions"]) Deno.mkdirSync(join(folder, name));
  const project = {
    path: join(folder, PROJECT_FILE),
    text: "MAIN_REPO=repo\nWORKTREES=worktrees\nSESSIONS=sessions\nCHECK=sh test.sh\n",
  };
  Deno.writeTextFileSync(project.path, project.text);
  const repo = join(folder, "repo");
  const git = (...args: readonly string[]): Promise<string> => mustGit(repo, args, "Check that git works");
  await git("init", "--quiet", "--template=", "--initial-branch=main");
  const settings = Deno.readTextFileSync(join(data, "git-config"));
  Deno.writeTextFileSync(join(repo, ".git", "config"), settings, { append: true });
  copySample(data, repo);
  await git("add", "--all");
  await git("commit", "--quiet", "--message=Count words");
  trustWritten(project, env);
  return folder;
}

/** Reads and fills in one of the demo's texts. */
export function demoText({ shippedRoot }: Shipped, name: string, facts: Facts): string {
  return fill(Deno.readTextFileSync(join(shippedRoot, "demo", "texts", `${name}.md`)), facts);
}

/** Plays one iteration as the demo's agent. */
export async function playDemoAgent(
  request: string,
  { shippedRoot, write }: Shipped & { readonly write: (text: string) => void },
): Promise<void> {
  const emit = (line: object): void => write(JSON.stringify(line) + "\n");
  const tools = { data: join(shippedRoot, "demo"), git: askGit, emit };
  await new DemoPlayer(JSON.parse(request) as DemoRequest, tools).play();
}
