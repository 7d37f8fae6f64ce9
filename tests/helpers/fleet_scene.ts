/**
 * A bare repository as a fleet's remote, and machines with clones of it.
 *
 * @module
 */
import { FleetCheckpoints } from "../../src/fleet/checkpoint.ts";
import type { FleetWorktree } from "../../src/fleet/worktree_state.ts";
import { CHECKPOINTS } from "../../src/session/layout.ts";
import { TempFolder } from "./temp_folder.ts";

const IDENTITY = ["NAME=me", "EMAIL=me@localhost"].flatMap((pair) => [`GIT_AUTHOR_${pair}`, `GIT_COMMITTER_${pair}`]);

/** `origin.git` with one commit on `main`. Machines are folders with a clone of it as `repo`. */
export class FleetScene extends TempFolder {
  constructor(files: Readonly<Record<string, string>> = { "a.txt": "one\n", ".gitignore": "*.log\n" }) {
    super();
    this.git("", "init", "--quiet", "--bare", "--initial-branch=main", "origin.git");
    this.git("", "init", "--quiet", "--initial-branch=main", "seed");
    for (const [name, text] of Object.entries(files)) this.file(`seed/${name}`, text);
    this.git("seed", "add", "--all");
    this.git("seed", "commit", "--quiet", "--message=Begin");
    this.git("seed", "push", "--quiet", "../origin.git", "main");
  }

  /** Creates a machine. */
  machine(name: string): void {
    this.folder(name, "worktrees");
    this.git(name, "clone", "--quiet", this.at("origin.git"), "repo");
  }

  /** Creates a session's worktree on a machine, as a run does. */
  work(machine: string, name = "add-jwt"): FleetWorktree {
    this.git(`${machine}/repo`, "worktree", "add", "--quiet", "-b", `me/${name}`, `../worktrees/${name}`);
    return this.place(machine, name);
  }

  /** A session's worktree on a machine. */
  place(machine: string, name = "add-jwt"): FleetWorktree {
    return { worktree: this.at(machine, "worktrees", name), branch: `me/${name}` };
  }

  /** Begins checkpoints for a session, as a worker that takes it. */
  begin(
    machine: string,
    epoch: number,
    more: Partial<Parameters<typeof FleetCheckpoints.begin>[0]> = {},
  ): Promise<FleetCheckpoints> {
    return FleetCheckpoints.begin({
      repo: this.at(machine, "repo"),
      name: "add-jwt",
      session: "5e551017-0000-4000-8000-000000000000",
      epoch,
      cacheFolder: this.at(machine, "cache"),
      ...more,
    });
  }

  /** The commit of the session's newest checkpoint on the remote. */
  get newest(): string {
    return this.git("origin.git", "rev-parse", `${CHECKPOINTS}/add-jwt/fleet`);
  }

  /** Names of all of a session's checkpoint refs on the remote. */
  get shared(): readonly string[] {
    return this.git("origin.git", "for-each-ref", "--format=%(refname:lstrip=4)", `${CHECKPOINTS}/add-jwt/`)
      .split("\n");
  }

  /** Runs git and returns its stdout without the final newline. */
  git(folder: string, ...args: readonly string[]): string {
    const env = Object.fromEntries(IDENTITY.map((pair) => pair.split("=", 2)));
    const { success, stdout, stderr } = new Deno.Command("git", { args: [...args], cwd: this.at(folder), env })
      .outputSync();
    if (!success) throw new Error(`git ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout).trimEnd();
  }
}
