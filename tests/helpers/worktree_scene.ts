/**
 * A repository with a session's worktree, and checkpoints of it, for tests without a worker.
 *
 * @module
 */
import { type Checkpoint, makeCheckpoint } from "../../src/session/checkpoint.ts";
import { putBack } from "../../src/session/put_back.ts";
import type { CheckpointSubject } from "../../src/session/scratch_index.ts";
import { TempFolder } from "./temp_folder.ts";

const IDENTITY = ["NAME=me", "EMAIL=me@localhost"].flatMap((pair) => [`GIT_AUTHOR_${pair}`, `GIT_COMMITTER_${pair}`]);

/** `repo` with one commit, and `work`, its worktree on the branch `add-jwt`. */
export class WorktreeScene extends TempFolder {
  #known: string | undefined;

  constructor(files: Readonly<Record<string, string>> = { "a.txt": "one\n", ".gitignore": "*.log\nbuild/\n" }) {
    super();
    this.git("", "init", "--quiet", "--initial-branch=main", "repo");
    for (const [name, text] of Object.entries(files)) this.file(`repo/${name}`, text);
    this.git("repo", "add", "--all");
    this.git("repo", "commit", "--quiet", "--allow-empty", "--message=Begin");
    this.git("repo", "worktree", "add", "--quiet", "-b", "add-jwt", "../work");
  }

  get subject(): CheckpointSubject {
    return {
      name: "add-jwt",
      sessionFolder: this.at("sessions", "add-jwt"),
      cacheFolder: this.at("cache"),
      workplace: this.at("work"),
    };
  }

  /** Makes a checkpoint and remembers its tree, as the journal does. */
  async keep(): Promise<Awaited<ReturnType<typeof makeCheckpoint>>> {
    const made = await makeCheckpoint(this.subject, { title: "add-jwt: test", known: this.#known });
    if (made !== undefined && "tree" in made) this.#known = made.tree;
    return made;
  }

  /** Makes a checkpoint; fails if there is nothing to keep. */
  async mustKeep(): Promise<Checkpoint> {
    const made = await this.keep();
    if (made === undefined || !("commit" in made)) throw new Error(`nothing was kept: ${JSON.stringify(made)}`);
    return made;
  }

  /** Puts a checkpoint's files back. */
  async restore({ commit, tree }: Checkpoint): Promise<void> {
    await putBack(this.subject, { commit, kept: this.#known });
    this.#known = tree;
  }

  /** Runs git and returns what it printed, without the last line end. */
  git(folder: string, ...args: readonly string[]): string {
    const env = Object.fromEntries(IDENTITY.map((pair) => pair.split("=", 2)));
    const { success, stdout, stderr } = new Deno.Command("git", { args: [...args], cwd: this.at(folder), env })
      .outputSync();
    if (!success) throw new Error(`git ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout).trimEnd();
  }

  /** All that a checkpoint must not touch: branches, HEAD, both indexes, stash, configuration and their logs. */
  untouchable(): Readonly<Record<string, string>> {
    const git = this.at("repo", ".git");
    const own = `${git}/worktrees/work`;
    const files = [`${git}/index`, `${git}/HEAD`, `${git}/config`, `${own}/index`, `${own}/HEAD`, `${own}/logs/HEAD`];
    const refs = this.git("repo", "for-each-ref").split("\n").filter((line) => !line.includes("refs/samocode/")).join(
      "\n",
    );
    return { refs, ...Object.fromEntries(files.map((path) => [path, Deno.readFileSync(path).toString()])) };
  }

  /** The lock files in the repository. */
  locks(): readonly string[] {
    return namesBelow(this.at("repo", ".git")).filter((name) => name.endsWith(".lock"));
  }
}

function namesBelow(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? namesBelow(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}
