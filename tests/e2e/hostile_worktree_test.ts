import assert from "node:assert/strict";
import { hostileProject } from "../helpers/hostile_project.ts";
import { slowTest } from "../helpers/slow.ts";

const RUN = ["run", "--session", "own", "--task", "Work"];

/** What the first agent does to have the next one work elsewhere, and what the person is told. */
const WAYS: Readonly<Record<string, { readonly act: string; readonly says: RegExp }>> = {
  "links its worktree's path to the person's checkout": {
    act: `mv "$PWD" "$root/moved"; ln -s "$root/repo" "$root/worktrees/own"`,
    says: /worktrees\/own: it is a link to \S+\/repo\./,
  },
  "links the folder of all worktrees elsewhere": {
    act: `mv "$root/worktrees" "$root/moved"; ln -s moved "$root/worktrees"`,
    says: /worktrees\/own: git has the worktree own at \S+\/worktrees\/own\./,
  },
  "points .git at the person's checkout": {
    act: `echo "gitdir: $root/repo/.git" > .git`,
    says: /its \.git file does not lead to a worktree of \S+\/repo\/\.git\./,
  },
  "points .git at another worktree": {
    act: `git worktree add -q "$root/other" -b other; cp "$root/other/.git" .git`,
    says: /git has the worktree other at \S+\/other\./,
  },
  "makes a repository of its worktree": {
    act: `rm .git; git init -q`,
    says: /its \.git file does not lead to a worktree/,
  },
  "makes .git a link": {
    act: `mv .git real; ln -s real .git`,
    says: /its \.git file does not lead to a worktree/,
  },
  "checks out another branch": {
    act: `git checkout -q -b other`,
    says: /other is checked out there, not own\. .* git -C \S+\/worktrees\/own switch own$/m,
  },
  "checks out no branch": {
    act: `git checkout -q --detach`,
    says: /no branch is checked out there, not own\./,
  },
  "writes the person's branch into its HEAD": {
    act: `echo 'ref: refs/heads/main' > "$(git rev-parse --git-dir)/HEAD"`,
    says: /main is checked out there, not own\./,
  },
  "makes its HEAD a link to the person's": {
    act: `ln -sf "$root/repo/.git/HEAD" "$(git rev-parse --git-dir)/HEAD"`,
    says: /no branch is checked out there, not own\./,
  },
  "makes its branch another name for the person's": {
    act: `git symbolic-ref refs/heads/own refs/heads/main`,
    says: /its branch own is only an alias now \(ref: refs\/heads\/main\)\./,
  },
  "makes its branch's file a link to the person's": {
    act: `ln -sf main "$root/repo/.git/refs/heads/own"`,
    says: /its branch own is only an alias now/,
  },
  "rewrites where its repository is": {
    act: `cp -r "$root/repo/.git" "$root/copy"; echo "$root/copy" > "$(git rev-parse --git-dir)/commondir"`,
    says: /its repository is no longer \S+\/repo\/\.git\./,
  },
  "rewrites where its worktree is": {
    act: `echo "$root/elsewhere/.git" > "$(git rev-parse --git-dir)/gitdir"`,
    says: /git has the worktree own at \S+\/elsewhere\./,
  },
  "puts a link in the place of git's folder for it": {
    act: `mv "$root/repo/.git/worktrees/own" "$root/admin"; ln -s "$root/admin" "$root/repo/.git/worktrees/own"`,
    says: /its \.git file does not lead to a worktree/,
  },
  "has git work in the person's checkout by configuration": {
    act: `git config extensions.worktreeConfig true; git config --worktree core.worktree "$root/repo"`,
    says: /git works in \S+\/repo from there\. Remove core\.worktree/,
  },
};

for (const [what, { act, says }] of Object.entries(WAYS)) {
  slowTest(`an agent that ${what} is noticed before the next one works`, async () => {
    using project = hostileProject(`
if [ -e "$root/acted" ]; then touch "$root/worked"; else touch "$root/acted"; ${act}; fi
echo '{"status":"continue"}' > "$SAMOCODE_SIGNAL"`);
    const before = project.git("rev-parse", "main");
    for (const [args, told] of [[RUN, says], [["run", "own"], /./]] as const) {
      const { code, stdout } = await project.run(args);
      assert.equal(code, 1, stdout);
      assert.match(stdout, /Failed: Cannot go on in /);
      assert.match(stdout, told);
      assert.deepEqual(project.attempts(), ["1.1"]);
    }
    assert.equal(project.git("rev-parse", "main"), before);
    assert.equal([...Deno.readDirSync(project.root)].some(({ name }) => name === "worked"), false);
  });
}

Deno.test("a worktree with settings of its own, packed branches and a repository below MAIN_REPO's top goes on", async () => {
  using project = hostileProject(`
git commit -q --allow-empty -m "$(git rev-parse --show-toplevel)" && git pack-refs --all
echo '{"status":"continue"}' > "$SAMOCODE_SIGNAL"
[ -e "$root/acted" ] && echo '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"
touch "$root/acted"`);
  project.git("config", "extensions.worktreeConfig", "true");
  Deno.mkdirSync(`${project.repo}/below`);
  Deno.writeTextFileSync(`${project.repo}/below/a`, "");
  project.git("add", "--all");
  project.git("commit", "--quiet", "--message=Below");
  Deno.writeTextFileSync(`${project.root}/.samocode`, "MAIN_REPO=repo/below\nWORKTREES=worktrees\nSESSIONS=sessions\n");
  project.trust();
  const { code, stdout } = await project.run(RUN);
  assert.equal(code, 20, stdout);
  assert.deepEqual(project.attempts(), ["1.1", "2.1"]);
  assert.equal(
    project.git("log", "--format=%s", "-2", "own"),
    `${project.root}/worktrees/own\n${project.root}/worktrees/own`,
  );
});
