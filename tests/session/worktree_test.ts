import assert from "node:assert/strict";
import { join } from "node:path";
import { guardWorkplace } from "../../src/session/workplace_guard.ts";
import { checkWorkplaceFree, prepareWorkplace, restoreWorkplace } from "../../src/session/worktree.ts";
import { SamocodeError } from "../../src/text/errors.ts";
import { shellWord } from "../../src/text/terminal_text.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const NO_REPOSITORY = "The project is not a git repository: the agent works in it directly, and nothing can be undone";
const NO_COMMIT = "The repository has no commit yet: the agent works in it directly, on the branch that is checked out";
const CREATED_AGAIN = "the worktree was removed and created again from its branch";
const UNREACHABLE = "origin could not be fetched: the session starts from its last known state";

Deno.test("prepareWorkplace() makes branch and worktree from the local HEAD where there is no remote", async () => {
  using place = new Place();
  place.init("repo");
  const head = place.commit("repo", { "a.txt": "one" });
  await checkWorkplaceFree(place.request());
  const workplace = await prepareWorkplace(place.request());
  assert.deepEqual(workplace, {
    path: place.at("worktrees", "foo"),
    branch: "foo",
    base: `main (${head.slice(0, 10)})`,
    note: "",
  });
  assert.equal(place.git("worktrees/foo", "symbolic-ref", "HEAD"), "refs/heads/foo");
  assert.equal(place.git("worktrees/foo", "rev-parse", "HEAD"), head);
  assert.equal(place.git("worktrees/foo", "status", "--porcelain"), "");
  assert.equal(place.git("repo", "symbolic-ref", "HEAD"), "refs/heads/main");
});

Deno.test("prepareWorkplace() puts the prefix before the branch, not before the folder", async () => {
  using place = new Place();
  place.init("repo");
  place.commit("repo", { "a.txt": "one" });
  const { path, branch } = await prepareWorkplace(place.request({ branchPrefix: "user/" }));
  assert.deepEqual([path, branch], [place.at("worktrees", "foo"), "user/foo"]);
});

Deno.test("prepareWorkplace() fetches and starts from the remote's default branch as it is now", async () => {
  using place = new Place();
  place.cloned();
  place.git("repo", "switch", "--quiet", "--create", "mine");
  place.commit("repo", { "mine.txt": "mine" });
  const ahead = place.commit("other", { "b.txt": "two" });
  place.git("other", "push", "--quiet", "origin", "main");
  const workplace = await prepareWorkplace(place.request());
  assert.deepEqual([workplace.base, workplace.note], [`origin/main (${ahead.slice(0, 10)})`, ""]);
  assert.equal(place.git("worktrees/foo", "rev-parse", "HEAD"), ahead);
  // Without an upstream nobody pushes the session's branch onto the default branch by accident.
  assert.equal(place.git("repo", "config", "--get-regexp", "^branch\\.foo", { mayFail: true }), "");
});

Deno.test("prepareWorkplace() follows the remote to another default branch", async () => {
  using place = new Place();
  place.cloned();
  assert.equal(place.git("repo", "symbolic-ref", "refs/remotes/origin/HEAD"), "refs/remotes/origin/main");
  place.git("other", "switch", "--quiet", "--create", "trunk");
  const trunk = place.commit("other", { "b.txt": "two" });
  place.git("other", "push", "--quiet", "origin", "trunk");
  place.git("remote.git", "symbolic-ref", "HEAD", "refs/heads/trunk");
  assert.equal((await prepareWorkplace(place.request())).base, `origin/trunk (${trunk.slice(0, 10)})`);
});

Deno.test("prepareWorkplace() asks a remote that was only added for its default branch", async () => {
  using place = new Place();
  place.cloned();
  place.git("repo", "symbolic-ref", "--delete", "refs/remotes/origin/HEAD");
  const { base, note } = await prepareWorkplace(place.request());
  assert.deepEqual([base?.slice(0, 13), note], ["origin/main (", ""]);
});

Deno.test("prepareWorkplace() starts from what was last seen of a remote that cannot be reached", async () => {
  using place = new Place();
  const seen = place.cloned();
  place.commit("repo", { "mine.txt": "mine" });
  Deno.removeSync(place.at("remote.git"), { recursive: true });
  const workplace = await prepareWorkplace(place.request());
  assert.deepEqual([workplace.base, workplace.note], [`origin/main (${seen.slice(0, 10)})`, UNREACHABLE]);
});

Deno.test("prepareWorkplace() starts from the local HEAD where nothing was ever seen of the remote", async () => {
  using place = new Place();
  place.init("repo");
  const head = place.commit("repo", { "a.txt": "one" });
  place.git("repo", "remote", "add", "upstream", place.at("nowhere"));
  const workplace = await prepareWorkplace(place.request());
  assert.deepEqual([workplace.base, workplace.note], [
    `main (${head.slice(0, 10)})`,
    "upstream could not be fetched: the session starts from its last known state; " +
    "the default branch of upstream is unknown: the session starts from the local HEAD",
  ]);
});

Deno.test("prepareWorkplace() starts from a detached HEAD, too, and tells of uncommitted changes", async () => {
  using place = new Place();
  place.init("repo");
  const first = place.commit("repo", { "a.txt": "one" });
  place.commit("repo", { "a.txt": "two" });
  place.git("repo", "checkout", "--quiet", first);
  place.file("repo/a.txt", "uncommitted");
  place.file("repo/untracked.txt", "untracked");
  const { base, note } = await prepareWorkplace(place.request());
  assert.deepEqual([base, note], [
    `detached HEAD (${first.slice(0, 10)})`,
    "Uncommitted changes in the project are not part of the session's worktree",
  ]);
  assert.equal(Deno.readTextFileSync(place.at("repo", "a.txt")), "uncommitted");
  assert.equal(Deno.readTextFileSync(place.at("worktrees", "foo", "a.txt")), "one");
});

Deno.test("prepareWorkplace() works directly where there is no repository or no commit, and says so", async () => {
  using place = new Place();
  place.folder("repo");
  const direct = { path: place.at("repo"), branch: undefined, base: undefined };
  await checkWorkplaceFree(place.request());
  assert.deepEqual(await prepareWorkplace(place.request()), { ...direct, note: NO_REPOSITORY });
  place.init("repo");
  await checkWorkplaceFree(place.request());
  assert.deepEqual(await prepareWorkplace(place.request()), { ...direct, note: NO_COMMIT });
  assert.deepEqual(place.names("worktrees"), []);
});

Deno.test("prepareWorkplace() does not take a repository that git refuses to read for none", async () => {
  using place = new Place();
  place.init("repo");
  place.commit("repo", { "a.txt": "one" });
  place.file("repo/.git/config", "[broken\n");
  for (const act of [checkWorkplaceFree, prepareWorkplace]) {
    await assert.rejects(act(place.request()), {
      name: "SamocodeError",
      message: `Cannot use the repository ${place.at("repo")}: bad config line 1 in file .git/config`,
      hint: `Repair it until this works: git -C ${shellWord(place.at("repo"))} status`,
    });
  }
});

Deno.test("prepareWorkplace() makes a worktree from a bare repository", async () => {
  using place = new Place();
  const head = place.cloned();
  const request = place.request({ mainRepo: place.at("remote.git") });
  await checkWorkplaceFree(request);
  const workplace = await prepareWorkplace(request);
  assert.deepEqual(workplace, {
    path: place.at("worktrees", "foo"),
    branch: "foo",
    base: `main (${head.slice(0, 10)})`,
    note: "",
  });
  assert.equal(Deno.readTextFileSync(place.at("worktrees", "foo", "a.txt")), "one");
});

Deno.test("prepareWorkplace() makes a worktree of the whole for a folder of a repository, and says so", async () => {
  using place = new Place();
  place.init("repo");
  place.commit("repo", { "packages/app/a.txt": "one" });
  const { path, note } = await prepareWorkplace(place.request({ mainRepo: place.at("repo", "packages") }));
  assert.equal(path, place.at("worktrees", "foo"));
  assert.equal(
    note,
    "MAIN_REPO is the folder packages/ of its repository; the session's worktree contains all of it",
  );
  assert.equal(Deno.readTextFileSync(join(path, "packages", "app", "a.txt")), "one");
});

Deno.test("prepareWorkplace() works directly in a folder that only lies in somebody's repository", async () => {
  using place = new Place();
  place.init("home");
  place.commit("home", { ".profile": "dotfiles" });
  place.file("home/project/main.ts", "mine");
  const mainRepo = place.at("home", "project");
  const workplace = await prepareWorkplace(place.request({ mainRepo }));
  assert.deepEqual(workplace, { path: mainRepo, branch: undefined, base: undefined, note: NO_REPOSITORY });
});

Deno.test("checkWorkplaceFree() refuses a taken folder, a taken branch and a branch that git does not allow", async () => {
  using place = new Place();
  place.init("repo");
  place.commit("repo", { "a.txt": "one" });
  const path = place.at("worktrees", "foo");
  for (const make of [() => place.folder("worktrees", "foo"), () => Deno.symlinkSync(place.at("nowhere"), path)]) {
    make();
    await assert.rejects(checkWorkplaceFree(place.request()), {
      name: "SamocodeError",
      code: "conflict",
      message: `Cannot create a worktree at ${path}: it already exists`,
      hint: `Choose another session name, or remove it: git -C ${shellWord(place.at("repo"))} worktree remove ${
        shellWord(path)
      }`,
    });
    Deno.removeSync(path);
  }
  place.git("repo", "branch", "me/foo");
  await assert.rejects(checkWorkplaceFree(place.request({ branchPrefix: "me/" })), {
    name: "SamocodeError",
    code: "conflict",
    message: "Cannot create the branch me/foo: it already exists",
  });
  for (const branchPrefix of ["a b/", "-", "/", "a//", "..", "~", "a\n", "x.lock/", "@{"]) {
    await assert.rejects(checkWorkplaceFree(place.request({ branchPrefix })), {
      name: "SamocodeError",
      code: "usage",
      message: `Cannot create the branch ${JSON.stringify(`${branchPrefix}foo`)}: git rejects that name`,
      hint: "Change GIT_BRANCH_PREFIX or the session name",
    });
  }
  await assert.rejects(checkWorkplaceFree(place.request({ name: "HEAD" })), { code: "usage" });
});

Deno.test("prepareWorkplace() passes on git's error message", async () => {
  using place = new Place();
  place.init("repo");
  place.commit("repo", { "a.txt": "one" });
  place.git("repo", "branch", "me");
  await assert.rejects(prepareWorkplace(place.request({ branchPrefix: "me/" })), {
    name: "SamocodeError",
    code: "system",
    message:
      /^Cannot run git worktree in .*: cannot lock ref 'refs\/heads\/me\/foo'|^Cannot run git worktree in .*'me' exists/,
    hint: "Run the same git command by hand to see more, then run the session again",
  });
  place.folder("worktrees", "full", "of", "things");
  await assert.rejects(prepareWorkplace(place.request({ name: "full" })), {
    message: `Cannot run git worktree in ${place.at("repo")}: '${place.at("worktrees", "full")}' already exists`,
  });
});

Deno.test("prepareWorkplace() names the lock that a killed git left, and how to remove it", async () => {
  using place = new Place();
  place.init("repo");
  place.commit("repo", { "a.txt": "one" });
  const lock = place.file("repo/.git/refs/heads/foo.lock", "");
  await assert.rejects(prepareWorkplace(place.request()), (error) => {
    assert.ok(error instanceof SamocodeError && error.message.includes(`'${lock}': File exists`), String(error));
    assert.equal(
      error.hint,
      "Delete that lock file if no git is running in the repository, then run the session again",
    );
    return true;
  });
});

Deno.test("prepareWorkplace() goes on where an interrupted worker stopped", async () => {
  using place = new Place();
  place.init("repo");
  const head = place.commit("repo", { "a.txt": "one", "b.txt": "two" });
  const request = place.request();
  // The branch was made, the worktree was not.
  place.git("repo", "branch", "foo");
  const first = await prepareWorkplace(request);
  assert.equal(place.git("worktrees/foo", "rev-parse", "HEAD"), head);
  // The worktree was made, the journal knows nothing of it, and somebody worked in it already.
  place.file("worktrees/foo/mine.txt", "mine");
  assert.deepEqual(await prepareWorkplace(request), first);
  assert.equal(Deno.readTextFileSync(place.at("worktrees", "foo", "mine.txt")), "mine");
  // Git died while it filled the worktree.
  Deno.removeSync(place.at("worktrees", "foo", "b.txt"));
  Deno.removeSync(place.at("repo", ".git", "worktrees", "foo", "index"));
  place.file("repo/.git/worktrees/foo/locked", "initializing\n");
  const { note, ...again } = await prepareWorkplace(request);
  assert.deepEqual({ ...again, note: "" }, first);
  assert.equal(place.git("worktrees/foo", "status", "--porcelain"), "");
  assert.equal(Deno.readTextFileSync(place.at("worktrees", "foo", "b.txt")), "two");
  const aside = /^git had not finished the worktree: what was there is in (\S+)$/.exec(note)?.[1] ?? "";
  assert.deepEqual([...Deno.readDirSync(aside)].map(({ name }) => name).sort(), ["a.txt", "mine.txt"]);
  Deno.removeSync(aside, { recursive: true });
  // The folder was removed; git still lists it.
  Deno.removeSync(place.at("worktrees", "foo"), { recursive: true });
  assert.deepEqual(await prepareWorkplace(request), first);
});

Deno.test("prepareWorkplace() takes no other checkout of a branch of that name for the worktree", async () => {
  using place = new Place();
  place.init("repo");
  place.commit("repo", { "a.txt": "one" });
  place.init("worktrees/foo");
  place.commit("worktrees/foo", { "other.txt": "other" });
  place.git("worktrees/foo", "switch", "--quiet", "--create", "foo");
  await assert.rejects(prepareWorkplace(place.request()), { message: /already exists$/ });
  // A plain folder in the main repository, which has that branch checked out.
  place.git("repo", "switch", "--quiet", "--create", "bar");
  place.file("repo/inside/bar/x", "");
  const inside = place.request({ worktrees: place.at("repo", "inside"), name: "bar" });
  await assert.rejects(prepareWorkplace(inside), { name: "SamocodeError" });
});

Deno.test("restoreWorkplace() leaves a worktree that is there and makes a removed one again from its branch", async () => {
  using place = new Place();
  place.init("repo");
  place.commit("repo", { "a.txt": "one" });
  const workplace = await prepareWorkplace(place.request({ branchPrefix: "me/" }));
  const work = place.commit("worktrees/foo", { "b.txt": "work" });
  place.file("worktrees/foo/c.txt", "uncommitted");
  assert.equal(await restoreWorkplace(place.at("repo"), workplace), undefined);
  assert.equal(Deno.readTextFileSync(place.at("worktrees", "foo", "c.txt")), "uncommitted");
  Deno.removeSync(workplace.path, { recursive: true });
  assert.equal(await restoreWorkplace(place.at("repo"), workplace), CREATED_AGAIN);
  assert.equal(place.git("worktrees/foo", "rev-parse", "HEAD"), work);
  assert.equal(place.git("worktrees/foo", "symbolic-ref", "--short", "HEAD"), "me/foo");
  // In the middle of that, git died.
  place.file("repo/.git/worktrees/foo/locked", "initializing\n");
  Deno.removeSync(place.at("worktrees", "foo", "a.txt"));
  assert.equal(await restoreWorkplace(place.at("repo"), workplace), CREATED_AGAIN);
  assert.equal(place.git("worktrees/foo", "status", "--porcelain"), "");
});

Deno.test("no worktree that holds something uncommitted or ignored is ever removed, whatever it is taken for", async () => {
  const ways: Readonly<Record<string, (place: Place, path: string) => void>> = {
    "changed": (_, path) => Deno.writeTextFileSync(join(path, "a.txt"), "mine"),
    "staged": (place, path) => {
      Deno.writeTextFileSync(join(path, "new.txt"), "mine");
      place.git(path, "add", "--all");
    },
    "untracked": (_, path) => Deno.writeTextFileSync(join(path, "new.txt"), "mine"),
    "ignored": (_, path) => Deno.writeTextFileSync(join(path, "x.log"), "mine"),
  };
  for (const [what, act] of Object.entries(ways)) {
    using place = new Place();
    place.init("repo");
    place.commit("repo", { "a.txt": "one", ".gitignore": "*.log\n" });
    const workplace = await prepareWorkplace(place.request());
    act(place, workplace.path);
    // An agent can write this, and then git looks as if it had died while it filled the worktree.
    place.file("repo/.git/worktrees/foo/locked", "initializing\n");
    const note = await restoreWorkplace(place.at("repo"), workplace);
    const aside = /what was there is in (\S+)$/.exec(note ?? "")?.[1] ?? assert.fail(`${what}: ${note}`);
    const texts = [...Deno.readDirSync(aside)].map(({ name }) => Deno.readTextFileSync(join(aside, name)));
    assert.ok(texts.includes("mine"), what);
    assert.equal(place.git(workplace.path, "status", "--porcelain"), "", what);
  }
});

Deno.test("restoreWorkplace() lets git repair a worktree whose .git file was deleted, and keeps the work in it", async () => {
  using place = new Place();
  place.init("repo");
  place.commit("repo", { "a.txt": "one" });
  // Below the repository: git would take the folder for a part of it.
  Deno.mkdirSync(place.at("repo", "inside"));
  const workplace = await prepareWorkplace(place.request({ worktrees: place.at("repo", "inside") }));
  const checkWorkplace = await guardWorkplace(place.at("repo"), workplace);
  await checkWorkplace();
  place.file("repo/inside/foo/c.txt", "uncommitted");
  Deno.removeSync(join(workplace.path, ".git"));
  await assert.rejects(checkWorkplace(), {
    name: "SamocodeError",
    code: "conflict",
    message: `Cannot go on in ${workplace.path}: its .git file was deleted`,
  });
  assert.equal(await restoreWorkplace(place.at("repo"), workplace), undefined);
  assert.equal(place.git("repo/inside/foo", "symbolic-ref", "--short", "HEAD"), "foo");
  assert.equal(Deno.readTextFileSync(join(workplace.path, "c.txt")), "uncommitted");
  // Its entry in the repository is gone, too: nothing is left to mend it from.
  Deno.removeSync(place.at("repo", ".git", "worktrees"), { recursive: true });
  await assert.rejects(restoreWorkplace(place.at("repo"), workplace), {
    name: "SamocodeError",
    message: `Cannot go on in ${workplace.path}: it is no longer a worktree of ${place.at("repo")}`,
  });
  await (await guardWorkplace(place.at("repo"), {
    path: place.at("repo"),
    branch: undefined,
    base: undefined,
    note: "",
  }))();
});

Deno.test("restoreWorkplace() forgets no other worktree whose folder is away for the moment", async () => {
  using place = new Place();
  place.init("repo");
  place.commit("repo", { "a.txt": "one" });
  const workplace = await prepareWorkplace(place.request());
  place.git("repo", "worktree", "add", "--quiet", "-b", "mine", place.at("disk"));
  Deno.renameSync(place.at("disk"), place.at("unmounted"));
  Deno.removeSync(workplace.path, { recursive: true });
  await restoreWorkplace(place.at("repo"), workplace);
  Deno.renameSync(place.at("unmounted"), place.at("disk"));
  assert.equal(place.git("disk", "symbolic-ref", "--short", "HEAD"), "mine");
});

Deno.test("restoreWorkplace() says so where worktree and branch are gone, or the project folder is", async () => {
  using place = new Place();
  place.init("repo");
  place.commit("repo", { "a.txt": "one" });
  const workplace = await prepareWorkplace(place.request());
  place.git("repo", "worktree", "remove", workplace.path);
  place.git("repo", "branch", "--quiet", "-D", "foo");
  const direct = { path: place.at("gone"), branch: undefined, base: undefined, note: "" };
  for (const lost of [workplace, direct]) {
    await assert.rejects(restoreWorkplace(place.at("repo"), lost), {
      name: "SamocodeError",
      code: "conflict",
      message: `Cannot go on in ${lost.path}: the folder is gone, and so is its branch`,
      hint: "Restore the branch from a remote or a backup, or start a new session",
    });
  }
});

Deno.test("prepareWorkplace() makes the worktrees of sessions that begin at once one after the other", async () => {
  using place = new Place();
  place.cloned();
  const names = Array.from({ length: 16 }, (_, index) => `worker-${index}`);
  const made = await Promise.all(names.map((name) => prepareWorkplace(place.request({ name }))));
  assert.deepEqual(made.map(({ path }) => path), names.map((name) => place.at("worktrees", name)));
  assert.equal(place.git("repo", "worktree", "list", "--porcelain").split("\n\n").length, 1 + names.length);
});

Deno.test("prepareWorkplace() names what is missing where the project's folder is", async () => {
  using place = new Place();
  await assert.rejects(prepareWorkplace(place.request()), {
    name: "SamocodeError",
    message: `Cannot run git in ${place.at("repo")}: git or the folder is missing`,
  });
});

/** Repositories in a temporary folder. */
class Place extends TempFolder {
  constructor() {
    super();
    this.folder("worktrees");
  }

  request(other: Partial<Parameters<typeof prepareWorkplace>[0]> = {}): Parameters<typeof prepareWorkplace>[0] {
    return { mainRepo: this.at("repo"), worktrees: this.at("worktrees"), name: "foo", branchPrefix: "", ...other };
  }

  init(name: string): void {
    this.git(this.folder(name), "init", "--quiet", "--initial-branch=main");
  }

  /** `remote.git`, and `repo` and `other`, both cloned from it. Returns its one commit. */
  cloned(): string {
    this.init("other");
    const head = this.commit("other", { "a.txt": "one" });
    this.git("", "clone", "--quiet", "--bare", "other", "remote.git");
    this.git("remote.git", "remote", "remove", "origin");
    this.git("other", "remote", "add", "origin", this.at("remote.git"));
    this.git("", "clone", "--quiet", "remote.git", "repo");
    return head;
  }

  commit(repo: string, files: Readonly<Record<string, string>>): string {
    for (const [name, text] of Object.entries(files)) this.file(`${repo}/${name}`, text);
    this.git(repo, "add", "--all");
    this.git(repo, "-c", "user.name=me", "-c", "user.email=me@localhost", "commit", "--quiet", "--message=x");
    return this.git(repo, "rev-parse", "HEAD");
  }

  git(folder: string, ...rest: readonly (string | { readonly mayFail: boolean })[]): string {
    const args = rest.filter((arg) => typeof arg === "string");
    const output = new Deno.Command("git", { args, cwd: folder.startsWith("/") ? folder : this.at(folder) })
      .outputSync();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
    if (!output.success && args.length === rest.length) {
      throw new Error(`git ${args.join(" ")}: ${text(output.stderr)}`);
    }
    return text(output.stdout);
  }
}
