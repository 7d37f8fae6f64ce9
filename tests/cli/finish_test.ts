import assert from "node:assert/strict";
import { join } from "node:path";
import { openSession } from "../../src/operations/samocode.ts";
import { samocodeIn } from "../helpers/background.ts";
import { EndedSession } from "../helpers/ended_session.ts";
import { CommandLine, START, WHOLE_AGENT } from "./command_line.ts";

/** A done session with one commit on a new file. */
function scene(): { readonly line: CommandLine; readonly session: EndedSession; readonly head: string } & Disposable {
  const line = new CommandLine();
  const session = new EndedSession(line.project);
  const head = session.commit("top.txt", "top\n");
  return { line, session, head, [Symbol.dispose]: () => line[Symbol.dispose]() };
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function branches({ line }: { readonly line: CommandLine }): readonly string[] {
  return line.project.git("for-each-ref", "--format=%(refname:short)", "refs/heads").split("\n");
}

Deno.test("finish --merge makes a merge commit in the checkout, removes worktree and branch, and status says so", async () => {
  using at = scene();
  const { line, session, head } = at;
  const before = await line.type(["status", "top"]);
  assert.match(
    before.out,
    /next {2}samocode finish top\n {2}next {2}git -C .* diff \.\.\.me\/top\n {2}next {2}samocode continue top/,
  );
  const base = line.project.git("rev-parse", "main");
  const said = await line.type(["finish", "top", "--merge"]);
  assert.equal(said.error, "");
  const merged = line.project.git("rev-parse", "main");
  assert.equal(
    said.out,
    `top is merged into main as ${
      merged.slice(0, 10)
    }.\nRemoved the worktree ${session.worktree} and the branch me/top.\n`,
  );
  assert.equal(line.project.git("log", "-1", "--format=%P|%s"), `${base} ${head}|Merge branch 'me/top'`);
  assert.equal(Deno.readTextFileSync(join(line.project.repo, "top.txt")), "top\n");
  assert.equal(line.project.git("status", "--porcelain"), "");
  assert.deepEqual([exists(session.worktree), branches(at)], [false, ["main"]]);
  const { next, worktree, branch, finish, state } = await line.status("top");
  assert.deepEqual({ next, worktree, branch, state }, {
    next: [{ verb: "continue", session: "top" }],
    worktree: undefined,
    branch: undefined,
    state: "done",
  });
  assert.deepEqual(finish, {
    how: "merged",
    into: "main",
    head,
    commit: merged,
    by: "the command line, without a terminal (samocode finish)",
  });
  const { out } = await line.type(["status", "top"]);
  assert.match(out, /\n {2}Ended {3}merged into main as [0-9a-f]{10}\n/);
  assert.doesNotMatch(out, /worktrees|me\/top/);
});

Deno.test("finish --ff-only fast-forwards a base that no checkout has, and refuses one that has moved on", async () => {
  using at = scene();
  const { line, head } = at;
  line.project.git("switch", "--quiet", "--detach");
  const { code } = await line.type(["finish", "top", "--ff-only"]);
  assert.deepEqual([code, line.project.git("rev-parse", "main")], [0, head]);
  assert.equal(exists(join(line.project.repo, "top.txt")), false);

  const other = new EndedSession(line.project, "other");
  other.commit("other.txt", "o\n");
  line.project.git("switch", "--quiet", "main");
  line.project.git("commit", "--quiet", "--allow-empty", "--message=On");
  const refused = await line.type(["finish", "other", "--ff-only"]);
  assert.equal(refused.code, 2);
  assert.match(refused.error, /Cannot fast-forward main: it has commits that me\/other has not\n.*--merge/);
  assert.equal(exists(other.worktree), true);
});

Deno.test("finish merges in another worktree that has the base branch", async () => {
  using at = scene();
  const { line } = at;
  line.project.git("switch", "--quiet", "--create", "elsewhere");
  line.project.git("worktree", "add", "--quiet", "../main-here", "main");
  const { code, error } = await line.type(["finish", "top", "--merge"]);
  assert.deepEqual([code, error], [0, ""]);
  assert.equal(Deno.readTextFileSync(join(line.project.root, "main-here", "top.txt")), "top\n");
  assert.equal(line.project.git("-C", "../main-here", "status", "--porcelain"), "");
  assert.equal(exists(join(line.project.repo, "top.txt")), false);
});

Deno.test("finish refuses a conflict, names the files, and changes nothing", async () => {
  using at = scene();
  const { line, session } = at;
  session.commit("README.md", "theirs\n");
  Deno.writeTextFileSync(join(line.project.repo, "README.md"), "ours\n");
  line.project.git("commit", "--quiet", "--all", "--message=Ours");
  const before = line.listing();
  const { code, error } = await line.type(["finish", "top", "--merge"]);
  assert.equal(code, 2);
  assert.match(
    error,
    /Cannot merge me\/top into main: both changed README\.md\. Nothing was changed\n.*switch main && git -C .* merge me\/top\), then finish it again/,
  );
  assert.deepEqual(withoutObjects(line.listing()), withoutObjects(before));
  // The person merges by hand; then finishing needs no way.
  line.project.git("merge", "--quiet", "--strategy-option=theirs", "--no-edit", "me/top");
  const again = await line.type(["finish", "top"]);
  assert.deepEqual([again.code, again.error], [0, ""]);
  assert.match(again.out, /^top is merged into main as/);
  assert.equal(exists(session.worktree), false);
});

/** Git may write objects for a merge that it only tries; the state folder has locks. */
function withoutObjects(listing: readonly string[]): readonly string[] {
  return listing.filter((path) => !/\/objects\/|\/\.local\/state\/|\/index /.test(path));
}

Deno.test("finish leaves a person's uncommitted changes in the checkout alone, and merges beside those that are not touched", async () => {
  using at = scene();
  const { line, session } = at;
  const file = (name: string) => join(line.project.repo, name);
  Deno.writeTextFileSync(file(".gitignore"), "ignored.txt\n");
  Deno.writeTextFileSync(join(session.worktree, "ignored.txt"), "theirs\n");
  session.git("add", "--force", "ignored.txt");
  session.commit("README.md", "theirs\n");
  const mine = { "README.md": "mine\n", "top.txt": "mine, too\n", "ignored.txt": "and this\n" };
  for (const [name, text] of Object.entries(mine)) {
    const untouched = line.project.git("show", "HEAD:README.md") + "\n";
    Deno.writeTextFileSync(file(name), text);
    const { code, error } = await line.type(["finish", "top", "--merge"]);
    assert.equal(code, 2);
    assert.match(error, new RegExp(`Cannot merge into main in .*: ${name} would be overwritten.*Nothing was changed`));
    assert.equal(Deno.readTextFileSync(file(name)), text);
    if (name === "README.md") Deno.writeTextFileSync(file(name), untouched);
    else Deno.removeSync(file(name));
  }
  Deno.writeTextFileSync(file("notes.txt"), "mine\n");
  const { code, error } = await line.type(["finish", "top", "--merge"]);
  assert.deepEqual([code, error], [0, ""]);
  assert.equal(line.project.git("status", "--porcelain"), "?? .gitignore\n?? notes.txt");
});

Deno.test("finish refuses what is not committed, not done, on another branch, or not told how", async () => {
  using at = scene();
  const { line, session } = at;
  const refused = async (text: RegExp, ...flags: readonly string[]) => {
    const { code, error } = await line.type(["finish", "top", ...flags]);
    assert.equal(code, 2, error);
    assert.match(error, text);
    assert.equal(exists(session.worktree), true);
  };
  await refused(/Cannot finish top: say how\n.*--merge.*--pr/);
  await refused(/--merge and --push exclude/, "--merge", "--push");
  await refused(/the repository has no remote\n.*--merge/, "--push");
  await refused(/there is no such branch\n.*--into/, "--merge", "--into", "nowhere");
  Deno.writeTextFileSync(join(session.worktree, "new.txt"), "n\n");
  await refused(/not all is committed in its worktree: new\.txt\n.*status/, "--merge");
  Deno.removeSync(join(session.worktree, "new.txt"));
  session.git("switch", "--quiet", "--detach");
  await refused(/no branch is checked out there, not me\/top/, "--merge");
  new EndedSession(line.project, "waits", {
    outcome: { kind: "waiting", for: "file_update", gate: undefined, detail: "" },
  });
  const { code, error } = await line.type(["finish", "waits", "--merge"]);
  assert.deepEqual([code, error.split("\n")[0]], [2, "samocode: Cannot finish waits: it is waiting"]);
  const direct = await line.type(["finish", "top", "--merge"], { env: { CLAUDECODE: "1" } });
  assert.match(direct.error, /Cannot finish: only a person may/);
});

Deno.test("finish needs a branch for a session that began from none", async () => {
  using line = new CommandLine();
  const commit = line.project.git("rev-parse", "HEAD");
  const session = new EndedSession(line.project, "top", { base: `detached HEAD (${commit.slice(0, 10)})` });
  session.commit("top.txt", "top\n");
  const { code, error } = await line.type(["finish", "top", "--merge"]);
  assert.equal(code, 2);
  assert.match(error, /nobody knows from which branch it began\n.*samocode finish top --into BRANCH/);
  assert.equal((await line.type(["finish", "top", "--merge", "--into", "main"])).code, 0);
});

Deno.test("finish asks in a terminal, and does nothing on Enter", async () => {
  using at = scene();
  const { line, session, head } = at;
  const later = await line.type(["finish", "top"], { answers: [""] });
  assert.deepEqual([later.code, exists(session.worktree)], [10, true]);
  assert.match(
    later.out,
    /m {2}merge it into main with a merge commit\n {2}f {2}fast-forward main to it\n {2}d [^\n]+\n {2}Enter/,
  );
  const done = await line.type(["finish"], { answers: ["x", "F"] });
  assert.deepEqual([done.code, line.project.git("rev-parse", "main")], [0, head]);
});

Deno.test("finish completes what a crash left between merging, recording and removing", async () => {
  using at = scene();
  const { line, session, head } = at;
  // Merged, and not recorded.
  line.project.git("merge", "--quiet", "--ff-only", "me/top");
  Deno.writeTextFileSync(join(session.worktree, "late.txt"), "l\n");
  const refused = await line.type(["finish", "top"]);
  assert.match(refused.error, /not all is committed/);
  session.git("add", "--all");
  session.git("stash", "--quiet");
  session.git("worktree", "lock", session.worktree);
  // Recorded, and not removed.
  const kept = await line.type(["finish", "top"]);
  assert.match(kept.out, /^top is merged into main as .*\nKept the worktree .*lock.*samocode finish top again\.\n$/);
  assert.deepEqual((await line.status("top")).next[0], { verb: "finish", session: "top" });
  session.git("worktree", "unlock", session.worktree);
  // The worktree removed, and the branch not.
  line.project.git("worktree", "remove", session.worktree);
  const done = await line.type(["finish", "top"]);
  assert.match(done.out, /Removed the branch me\/top/);
  assert.deepEqual([branches(at), line.project.git("rev-parse", "main")], [["main"], head]);
  // Another session may take the names now: finishing again touches nothing.
  line.project.git("worktree", "add", "--quiet", "-b", "me/top", session.worktree);
  const over = await line.type(["finish", "top"]);
  assert.match(over.out, /^top is merged into main as [0-9a-f]{10}\.\n$/);
  assert.equal(exists(session.worktree), true);
  line.project.git("worktree", "remove", session.worktree);
  line.project.git("branch", "--delete", "me/top");
  const once = (await line.type(["logs", "top", "--json"])).out.split("\n").filter((text) =>
    text.includes("session.finished")
  );
  assert.equal(once.length, 1);
});

Deno.test("finish completes a checkout that git was killed in, and takes no person's change for that", async () => {
  using at = scene();
  const { line, session } = at;
  session.commit("README.md", "theirs\n");
  session.commit("later.txt", "later\n");
  const file = (name: string) => join(line.project.repo, name);
  const lock = join(line.project.repo, ".git", "index.lock");
  Deno.writeTextFileSync(lock, "");
  Deno.writeTextFileSync(file("README.md"), "theirs\n");
  Deno.writeTextFileSync(file("top.txt"), "top\n");
  const locked = await line.type(["finish", "top", "--merge"]);
  assert.match(locked.error, /index\.lock': File exists.*\n.*Delete that lock file if no git is running there/);
  Deno.removeSync(lock);
  // Staged by the person, and nowhere else.
  Deno.writeTextFileSync(file("README.md"), "staged\n");
  line.project.git("add", "README.md");
  Deno.writeTextFileSync(file("README.md"), "theirs\n");
  assert.match((await line.type(["finish", "top", "--merge"])).error, /README\.md, top\.txt would be overwritten/);
  assert.equal(line.project.git("show", ":README.md"), "staged");
  line.project.git("reset", "--quiet");
  const { code, error } = await line.type(["finish", "top", "--merge"]);
  assert.deepEqual([code, error], [0, ""]);
  assert.equal(line.project.git("status", "--porcelain"), "");
  assert.equal(Deno.readTextFileSync(file("later.txt")), "later\n");
});

Deno.test("a session shows at its end what it has done, and after finish it has nothing to do, or goes on in a new worktree", async () => {
  using line = new CommandLine();
  const { project } = line;
  const agent =
    `if [ $phase = testing ]; then date +%N >> work.txt; git add .; git commit -qm "Work on it"; fi\n${WHOLE_AGENT}`;
  const env = {
    GIT_AUTHOR_NAME: "me",
    GIT_AUTHOR_EMAIL: "me@x",
    GIT_COMMITTER_NAME: "me",
    GIT_COMMITTER_EMAIL: "me@x",
  };
  const type = (...words: readonly string[]) => line.typeWithAgent(agent, words, { env });
  await type(...START);
  await type("answer", "top", "Q1=A", "Q2=so");
  await type("run", "top");
  await type("approve", "top");
  const ended = await type("run", "top");
  assert.equal(ended.code, 0, ended.out + ended.error);
  assert.match(ended.out, /Committed {4}1 commit · 1 file · \+1 −0\n.* {2}[0-9a-f]{7,} Work on it\n/);
  assert.match(
    ended.out,
    /Next: Read .*-summary\.md\n.*The plan: .*-plan-top\.md\n.*The pull-request text: .*-pull-request\.md\n.*The report, to send: .*report\.html\n.*Next: samocode finish top\n/,
  );
  const shown = (await line.type(["status", "top"])).out;
  assert.match(shown, /\n {2}Work {4}1 commit · 1 file · \+1 −0\n/);
  assert.match(
    shown,
    /\n {2}Read {4}\/.*-summary\.md\n {2}PR text \/.*-pull-request\.md\n {2}Report {2}\/.*report\.html\n/,
  );
  assert.equal((await type("finish", "top", "--ff-only")).code, 0);

  const again = await type("run", "top");
  assert.equal(again.code, 0);
  const { state, finish, work, worktree } = await line.status("top");
  assert.deepEqual([state, finish?.how, work?.commits, worktree], ["done", "merged", 1, undefined]);
  assert.equal(exists(join(project.root, "worktrees", "top")), false);

  // Another session has the worktree's name now.
  project.git("worktree", "add", "--quiet", "-b", "other", "../worktrees/top");
  line.edit("_overview.md", (text) => text.replace(/^Phase: done$/m, "Phase: testing"));
  const more = await type("run", "top");
  assert.equal(more.code, 0, more.out + more.error);
  const next = await line.status("top");
  assert.deepEqual([next.worktree, next.branch, next.finish, next.work?.commits], [
    join(project.root, "worktrees", "top-2"),
    "top-2",
    undefined,
    1,
  ]);
  assert.equal((await type("finish", "top", "--ff-only")).code, 0);
  assert.equal(project.git("rev-list", "--count", "main"), "3");
  assert.equal(exists(join(project.root, "worktrees", "top")), true);
});

Deno.test("finish keeps a branch that has new commits since, or that is checked out elsewhere", async () => {
  using at = scene();
  const { line, session } = at;
  session.git("worktree", "lock", session.worktree);
  await line.type(["finish", "top", "--merge"]);
  session.git("worktree", "unlock", session.worktree);
  session.commit("more.txt", "more\n");
  const { out } = await line.type(["finish", "top"]);
  assert.match(out, /Kept the branch me\/top: 1 commit that no other branch has/);
  line.project.git("switch", "--quiet", "me/top");
  line.project.git("branch", "copy");
  assert.match((await line.type(["finish", "top"])).out, /Kept the branch me\/top: it is checked out in/);
});

Deno.test("finish --push pushes the branch, and --pr opens a pull request with the prepared text, once", async () => {
  using at = scene();
  const { line, session, head } = at;
  const remote = join(line.project.root, "remote.git");
  line.project.git("init", "--quiet", "--bare", remote);
  line.project.git("remote", "add", "origin", remote);
  line.project.git("push", "--quiet", "origin", "main");
  const path = join(line.project.root, "bin");
  Deno.mkdirSync(path);
  for (const name of ["git", "sh", "cat"]) {
    const found = (Deno.env.get("PATH") ?? "").split(":").map((folder) => join(folder, name)).find(exists);
    Deno.symlinkSync(found ?? "", join(path, name));
  }
  const type = (...flags: readonly string[]) => line.type(["finish", "top", ...flags], { env: { PATH: path } });
  assert.match((await type("--pr")).error, /there is no text for it\n.*pull-request\.md/);
  session.document("11-20-0500-pull-request.md", "# Add --top\n\nWhy: asked; $(touch pwned)\n");
  assert.match(
    (await type("--pr")).error,
    /gh, GitHub's program, is not on PATH\n.*cli\.github\.com.*only push, and paste .*pull-request\.md: samocode finish top --push/,
  );
  assert.equal(line.project.git("ls-remote", "--heads", "origin").includes("me/top"), false);
  const gh = (script: string) => Deno.writeTextFileSync(join(path, "gh"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  gh("echo 'not logged in' >&2; exit 4");
  assert.match((await type("--pr")).error, /Pushed me\/top, but gh could not open a pull request: not logged in\n/);
  assert.equal(exists(session.worktree), true);
  // What gh asks git starts nothing of the repository's, either.
  const proof = join(line.project.root, "ran");
  Deno.writeTextFileSync(join(line.project.root, "evil.sh"), `#!/bin/sh\necho ran > '${proof}'\n`, { mode: 0o755 });
  line.project.git("config", "core.fsmonitor", join(line.project.root, "evil.sh"));
  gh(
    `git status > /dev/null || exit 3; printf '%s\\n' "$@" > '${line.project.root}/gh.txt'; cat >> '${line.project.root}/gh.txt'
    echo 'a pull request for branch "me/top" into branch "main" already exists:' >&2; echo https://example.com/pull/7 >&2; exit 1`,
  );
  const said = await type("--pr");
  assert.deepEqual([said.code, said.error], [0, ""]);
  assert.match(
    said.out,
    /^top is pushed to origin\/me\/top, https:\/\/example\.com\/pull\/7\.\nRemoved the worktree .* and the branch me\/top\.\n$/,
  );
  assert.deepEqual(Deno.readTextFileSync(join(line.project.root, "gh.txt")).split("\n"), [
    ...["pr", "create", "--head", "me/top", "--base", "main", "--title", "Add --top", "--body-file", "-"],
    ...["Why: asked; $(touch pwned)", ""],
  ]);
  assert.equal(line.project.git("ls-remote", "--heads", "origin", "me/top").split("\t")[0], head);
  assert.deepEqual([branches(at), exists(proof)], [["main"], false]);
});

Deno.test("finish runs no hook, filter or driver of the repository's own, and says which hooks it left out", async () => {
  using at = scene();
  const { line, session } = at;
  const { project } = line;
  const proof = join(project.root, "ran");
  const program = join(project.root, "evil.sh");
  Deno.writeTextFileSync(program, `#!/bin/sh\necho "$0 $*" >> '${proof}'\ncat\n`, { mode: 0o755 });
  session.commit("README.md", "theirs\n");
  const signer = join(project.root, "sign.sh");
  const signature = "-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n";
  const sign = `#!/bin/sh\ncat > /dev/null\ncat << END\n${signature}END\nprintf '\\n[GNUPG:] SIG_CREATED \\n' >&2\n`;
  Deno.writeTextFileSync(signer, sign, { mode: 0o755 });
  session.git("-c", `gpg.program=${signer}`, "commit", "--quiet", "--amend", "--no-edit", "--gpg-sign");
  for (const name of ["post-merge", "pre-push", "reference-transaction", "post-checkout", "pre-merge-commit"]) {
    Deno.copyFileSync(program, join(project.repo, ".git", "hooks", name));
  }
  Deno.writeTextFileSync(join(project.repo, "README.md"), "ours\n");
  Deno.writeTextFileSync(join(project.repo, ".gitattributes"), "README.md merge=evil\n");
  const quietly = ["-c", "core.hooksPath=/dev/null"];
  project.git(...quietly, "add", "--all");
  project.git(...quietly, "commit", "--quiet", "--message=Ours");
  for (
    const [key, value] of Object.entries({
      "merge.evil.driver": `${program} %A`,
      "gpg.program": program,
      "merge.verifySignatures": "true",
      "core.fsmonitor": program,
      "diff.external": program,
    })
  ) project.git("config", key, value);
  const conflict = await line.type(["finish", "top", "--merge"]);
  assert.match(conflict.error, /both changed README\.md \(git may not use the repository's own merge\.evil\.driver\)/);
  project.git("config", "filter.evil.smudge", program);
  project.git(...quietly, "-c", "core.fsmonitor=false", "reset", "--quiet", "--hard", "HEAD^");
  const filtered = await line.type(["finish", "top", "--merge"]);
  assert.match(filtered.error, /only the repository's own configuration names filter\.evil\.smudge, so it may not run/);
  project.git("config", "--unset", "filter.evil.smudge");
  assert.match((await line.type(["finish", "top", "--ff-only"])).error, /signature/i);
  project.git("config", "--unset", "merge.verifySignatures");
  const { code, out, error } = await line.type(["finish", "top", "--merge"]);
  assert.deepEqual([code, error], [0, ""]);
  assert.match(out, /The repository's own hooks did not run: pre-merge-commit, post-merge\.\n$/);
  assert.equal(exists(proof) && Deno.readTextFileSync(proof), false);
});

Deno.test("finish removes a worktree with a submodule, unless that holds work of its own", async () => {
  using line = new CommandLine();
  const { project } = line;
  const library = join(project.root, "library");
  project.git("init", "--quiet", library);
  project.git("-C", library, "commit", "--quiet", "--allow-empty", "--message=Begin");
  const allowed = ["-c", "protocol.file.allow=always"];
  project.git(...allowed, "submodule", "--quiet", "add", library, "lib");
  project.git("commit", "--quiet", "--message=Library");
  const session = new EndedSession(project);
  session.commit("top.txt", "top\n");
  session.git(...allowed, "submodule", "--quiet", "update", "--init");
  session.git("-C", "lib", "commit", "--quiet", "--allow-empty", "--message=Nowhere else");
  session.git("-C", "lib", "branch", "kept");
  session.git("-C", "lib", "switch", "--quiet", "--detach", "HEAD^");
  const refused = await line.type(["finish", "top", "--merge"]);
  assert.match(refused.error, /the submodule lib: it has commits that its remote has not/);
  session.git("-C", "lib", "branch", "-D", "kept");
  const { code, error, out } = await line.type(["finish", "top", "--merge"]);
  assert.deepEqual([code, error], [0, ""]);
  assert.match(out, /Removed the worktree/);
  assert.equal(exists(session.worktree), false);
});

Deno.test("finish notices what was merged on the remote, and asks for no local branch then", async () => {
  using line = new CommandLine();
  const { project } = line;
  const remote = join(project.root, "remote.git");
  project.git("init", "--quiet", "--bare", "--initial-branch=main", remote);
  project.git("remote", "add", "origin", remote);
  project.git("push", "--quiet", "origin", "main");
  const base = `origin/main (${project.git("rev-parse", "--short=10", "HEAD")})`;
  const session = new EndedSession(project, "top", { base });
  const head = session.commit("top.txt", "top\n");
  const before = await line.type(["finish", "top"]);
  assert.match(before.error, /say how/);
  session.git("push", "--quiet", "origin", "HEAD:main");
  const { out, error } = await line.type(["finish", "top"]);
  assert.equal(error, "");
  assert.match(out, new RegExp(`^top is merged into origin/main as ${head.slice(0, 10)}\\.\nRemoved the worktree`));
  assert.notEqual(project.git("rev-parse", "main"), head);
});

Deno.test("finish never takes the session's own branch for the one that has its work", async () => {
  using at = scene();
  const { line, head } = at;
  for (const way of ["--merge", "--push"]) {
    const { code, error } = await line.type(["finish", "top", way, "--into", "me/top"]);
    assert.equal(code, 2);
    assert.match(error, /Cannot finish top: me\/top is its own branch\n.*samocode finish top --into BRANCH/);
  }
  assert.equal(line.project.git("rev-parse", "me/top"), head);
});

Deno.test("finish moves the branch where the person's mergeOptions would only stage the work", async () => {
  using at = scene();
  const { line, head } = at;
  line.project.git("config", "branch.main.mergeOptions", "--squash");
  const { code, error } = await line.type(["finish", "top", "--merge"]);
  assert.deepEqual([code, error], [0, ""]);
  assert.equal(line.project.git("rev-parse", "main^2"), head);
});

Deno.test("finish keeps a branch whose merge the person took back", async () => {
  using at = scene();
  const { line, session, head } = at;
  const base = line.project.git("rev-parse", "main");
  session.git("worktree", "lock", session.worktree);
  assert.match((await line.type(["finish", "top", "--merge"])).out, /Kept the worktree/);
  session.git("worktree", "unlock", session.worktree);
  line.project.git("reset", "--quiet", "--hard", base);
  const { out } = await line.type(["finish", "top"]);
  assert.match(out, /Kept the branch me\/top: 1 commit that no other branch has/);
  assert.equal(line.project.git("rev-parse", "me/top"), head);
});

Deno.test("finish leaves a branch alone that is being rebased", async () => {
  using at = scene();
  const { line: { project }, line } = at;
  const commit = (text: string) => {
    Deno.writeTextFileSync(join(project.repo, "README.md"), text);
    project.git("commit", "--quiet", "--all", `--message=${text}`);
  };
  project.git("switch", "--quiet", "--create", "other");
  commit("Theirs");
  project.git("switch", "--quiet", "main");
  commit("Ours");
  assert.throws(() => project.git("rebase", "--quiet", "other"));
  const before = branches(at);
  const ours = project.git("rev-parse", "main");
  const { code, error } = await line.type(["finish", "top", "--merge"]);
  assert.equal(code, 2);
  assert.match(error, /Cannot merge into main: .*'main'.*\n {2}End the rebase or bisect there, then finish it again/);
  assert.deepEqual([branches(at), project.git("rev-parse", "main")], [before, ours]);
});

Deno.test("finish brings what was added after the session was done only if the person was shown it", async () => {
  using line = new CommandLine();
  const session = new EndedSession(line.project, "top", { isCounted: true });
  const base = line.project.git("rev-parse", "main");
  const head = session.commit("later.txt", "later\n");
  const shown = `me/top got 1 commit after the session was done: ${head.slice(0, 7)} Change later.txt`;
  for (const flags of [["--merge"], ["--merge", "--head", base.slice(0, 10)], ["--ff-only", "--head", ""]]) {
    const { code, error } = await line.type(["finish", "top", ...flags]);
    assert.equal(code, 2);
    const bring = `samocode finish top ${flags[0]} --head ${head.slice(0, 10)}`;
    assert.equal(
      error,
      `samocode: Cannot finish top: ${shown}\n  Look at it, or bring it as it is: samocode diff top, or ${bring}\n`,
    );
  }
  const left = await line.type(["finish", "top", "--merge"], { answers: [""] });
  assert.match(
    left.out,
    /^ {2}! me\/top got [^]*: [0-9a-f]{7} Change later\.txt\n {2}Bring all of it\? \[y\/N\] Nothing was done\.\n$/,
  );
  // While the person reads, somebody adds another one.
  const moved = await line.type(["finish", "top"], {
    answers: [() => Promise.resolve(session.commit("last.txt", "last\n") && "m")],
  });
  assert.match(moved.out, new RegExp(`! ${shown}\n {2}m {2}merge it into main with`));
  assert.match(moved.error, /me\/top got 2 commits after/);
  assert.equal(line.project.git("rev-parse", "main"), base);
  const last = session.git("rev-parse", "HEAD");
  assert.equal((await line.type(["finish", "top", "--ff-only", "--head", last.slice(0, 10)])).error, "");
  assert.equal(line.project.git("rev-parse", "main"), last);
});

Deno.test("finish notices a branch that was reset after the session was done", async () => {
  using line = new CommandLine();
  for (const text of ["First", "Second"]) line.project.git("commit", "--quiet", "--allow-empty", `--message=${text}`);
  const session = new EndedSession(line.project, "top", { isCounted: true });
  line.project.git("reset", "--quiet", "--hard", "HEAD~2");
  session.git("reset", "--quiet", "--hard", "HEAD^");
  const { error } = await line.type(["finish", "top", "--merge"]);
  assert.match(error, /me\/top is at [0-9a-f]{10}, and was at [0-9a-f]{10} when the session was done\n/);
});

Deno.test("finish merges into another session's branch only while that one rests", async () => {
  using at = scene();
  const { line, session, head } = at;
  const other = new EndedSession(line.project, "other");
  const asked = await line.type(["finish", "top", "--into", "me/other"], { answers: [""] });
  assert.match(asked.out, /m {2}merge it into me\/other, the branch of the session other, with a merge commit\n/);
  const samocode = samocodeIn(line.project.root, line.project.env);
  {
    using folder = openSession(samocode, "other");
    using _lock = await folder.lock();
    folder.journal.append({ type: "session.started", provider: "demo", version: "1", pid: Deno.pid });
    const { code, error } = await line.type(["finish", "top", "--merge", "--into", "me/other"]);
    assert.equal(code, 2);
    assert.equal(
      error,
      "samocode: Cannot merge into me/other: it is the branch of the session other, which is running\n" +
        "  Watch it: samocode status other --watch\n",
    );
    folder.journal.append({ type: "session.stopped", outcome: { kind: "stopped", by: "a test" } });
  }
  assert.equal((await line.type(["finish", "top", "--ff-only", "--into", "me/other"])).error, "");
  assert.equal(other.git("rev-parse", "HEAD"), head);
  assert.equal(exists(session.worktree), false);
});
