import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { gitFoldersOf } from "../../../src/agents/codex/git_folders.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

/** A repository with a worktree beside it. */
class Repository extends TempFolder {
  readonly common: string = this.at("main repo", ".git");
  readonly own: string;
  readonly worktree: string = this.at("wörk tree");

  constructor() {
    super();
    this.folder("main repo");
    this.git("init", "--quiet");
    this.git("-c", "user.name=me", "-c", "user.email=me@localhost", "commit", "--quiet", "--allow-empty", "-m", "x");
    this.git("worktree", "add", "--quiet", "-b", "one", this.worktree);
    const [admin] = [...Deno.readDirSync(join(this.common, "worktrees"))];
    this.own = join(this.common, "worktrees", admin?.name ?? assert.fail("no worktree"));
  }

  git(...args: readonly string[]): void {
    const { success } = new Deno.Command("git", { args: [...args], cwd: this.at("main repo") }).outputSync();
    assert.ok(success, args.join(" "));
  }

  /** What a commit needs. */
  needed(): readonly string[] {
    return [this.own, ...["objects", "refs", "logs"].map((name) => join(this.common, name))];
  }
}

Deno.test("gitFoldersOf() names what a commit in a worktree writes to, and neither hooks nor configuration", () => {
  using repository = new Repository();
  assert.deepEqual(gitFoldersOf(repository.worktree), repository.needed());
});

Deno.test("gitFoldersOf() follows a worktree's relative path", () => {
  using repository = new Repository();
  const gitdir = relative(repository.worktree, repository.own);
  Deno.writeTextFileSync(join(repository.worktree, ".git"), `gitdir: ${gitdir}\n`);
  assert.deepEqual(gitFoldersOf(repository.worktree), repository.needed());
});

Deno.test("gitFoldersOf() leaves out what is not there", () => {
  using repository = new Repository();
  Deno.removeSync(join(repository.common, "logs"), { recursive: true });
  assert.deepEqual(gitFoldersOf(repository.worktree), repository.needed().slice(0, -1));
});

Deno.test("gitFoldersOf() names nothing for a folder that is no worktree", () => {
  using repository = new Repository();
  const folders = [repository.at("main repo"), repository.folder("plain"), repository.at("missing")];
  assert.deepEqual(folders.flatMap(gitFoldersOf), []);
});

Deno.test("gitFoldersOf() opens nothing that an agent points to", () => {
  using repository = new Repository();
  const home = repository.folder("home", "objects");
  const point = (gitdir: string) => Deno.writeTextFileSync(join(repository.worktree, ".git"), gitdir);
  for (const gitdir of [repository.at("home"), "..", "", "/", repository.common, `${repository.own}/../..`]) {
    point(`gitdir: ${gitdir}\n`);
    assert.deepEqual(gitFoldersOf(repository.worktree), [], gitdir);
  }
  point(`gitdir: ${repository.own}\n`);
  for (const common of [join(home, ".."), "..", "", "/", "../../.."]) {
    Deno.writeTextFileSync(join(repository.own, "commondir"), common);
    assert.deepEqual(gitFoldersOf(repository.worktree), [], common);
  }
});

Deno.test({
  name: "gitFoldersOf() does not wait for a pipe, nor read a file without end",
  ignore: Deno.build.os === "windows",
  fn: () => {
    using repository = new Repository();
    Deno.removeSync(join(repository.own, "commondir"));
    repository.pipe(relative(repository.path, join(repository.own, "commondir")));
    assert.deepEqual(gitFoldersOf(repository.worktree), []);
    Deno.removeSync(join(repository.worktree, ".git"));
    Deno.symlinkSync("/dev/zero", join(repository.worktree, ".git"));
    assert.deepEqual(gitFoldersOf(repository.worktree), []);
  },
});
