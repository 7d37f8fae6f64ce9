import assert from "node:assert/strict";
import { join } from "node:path";
import { checkRepository, foreignChanges, readRepository } from "../../src/session/repository_state.ts";
import type { Workplace } from "../../src/workflow/work.ts";
import { TempProject } from "../helpers/temp_project.ts";

interface Scene {
  readonly project: TempProject;
  readonly worktree: string;
  readonly git: (folder: string, ...args: readonly string[]) => void;
}

interface Case {
  readonly act: (scene: Scene) => void;
  readonly changes: readonly (string | RegExp)[];
}

const CASES: Readonly<Record<string, Case>> = {
  "nothing of the session's own work": {
    act: ({ git, worktree }) => {
      git(worktree, "commit", "--quiet", "--allow-empty", "--message=Work");
      git(worktree, "tag", "mine");
      git(worktree, "pack-refs", "--all");
      git(worktree, "gc", "--quiet");
    },
    changes: [],
  },
  "nothing of what a person does in the main checkout": {
    act: ({ git, project: { repo } }) => {
      git(repo, "commit", "--quiet", "--allow-empty", "--message=By hand");
      git(repo, "switch", "--quiet", "--create", "topic");
      git(repo, "commit", "--quiet", "--allow-empty", "--message=On a topic");
      // In the middle of a rebase, with an editor open.
      Deno.mkdirSync(join(repo, ".git", "rebase-merge"));
      Deno.writeTextFileSync(join(repo, ".git", ".COMMIT_EDITMSG.swp"), "");
    },
    changes: [],
  },
  "nothing of a worktree that is made again, with its branch elsewhere": {
    act: ({ git, worktree, project: { root, repo } }) => {
      const other = join(root, "worktrees", "other");
      git(worktree, "commit", "--quiet", "--allow-empty", "--message=Elsewhere");
      git(repo, "worktree", "remove", "--force", other);
      git(repo, "worktree", "add", "--quiet", "-B", "other", other, "own");
    },
    changes: [],
  },
  "nothing of what another session does in its worktree": {
    act: ({ git, project: { root } }) =>
      git(join(root, "worktrees", "other"), "commit", "--quiet", "--allow-empty", "--message=Other"),
    changes: [],
  },
  "a branch that was moved": {
    act: ({ git, worktree }) => {
      git(worktree, "commit", "--quiet", "--allow-empty", "--message=Work");
      git(worktree, "update-ref", "refs/heads/main", "HEAD");
    },
    changes: ["refs/heads/main was moved"],
  },
  "a branch that was moved while all refs were packed": {
    act: ({ git, worktree }) => {
      git(worktree, "commit", "--quiet", "--allow-empty", "--message=Work");
      git(worktree, "update-ref", "refs/heads/main", "HEAD");
      git(worktree, "pack-refs", "--all");
    },
    changes: ["refs/heads/main was moved"],
  },
  "a checkpoint of the session that was deleted": {
    act: ({ git, worktree }) => git(worktree, "update-ref", "-d", "refs/samocode/checkpoints/own/1"),
    changes: ["refs/samocode/checkpoints/own/1 was deleted"],
  },
  "a packed checkpoint of the session that was moved": {
    act: ({ git, worktree }) => {
      git(worktree, "commit", "--quiet", "--allow-empty", "--message=Work");
      git(worktree, "update-ref", "refs/samocode/checkpoints/own/1", "HEAD");
      git(worktree, "pack-refs", "--all");
    },
    changes: ["refs/samocode/checkpoints/own/1 was moved"],
  },
  "nothing of another session's checkpoints, which a person may delete": {
    act: ({ git, worktree }) => git(worktree, "update-ref", "-d", "refs/samocode/checkpoints/other/1"),
    changes: [],
  },
  "a tag that was deleted": {
    act: ({ git, worktree }) => git(worktree, "tag", "--delete", "v1"),
    changes: ["refs/tags/v1 was deleted"],
  },
  "a main checkout that was switched behind git's back": {
    act: ({ project: { repo } }) => Deno.writeTextFileSync(join(repo, ".git", "HEAD"), "ref: refs/heads/evil\n"),
    changes: ["the main checkout was switched"],
  },
  "a rebase that nobody began": {
    act: ({ project: { repo } }) => Deno.mkdirSync(join(repo, ".git", "rebase-merge")),
    changes: [/repo\/\.git\/rebase-merge is new$/],
  },
  "hooks in the place of a link to the person's": {
    act: ({ project: { repo } }) => {
      Deno.removeSync(join(repo, ".git", "hooks"));
      Deno.mkdirSync(join(repo, ".git", "hooks"));
      Deno.writeTextFileSync(join(repo, ".git", "hooks", "post-commit"), "#!/bin/sh\n");
    },
    changes: [/repo\/\.git\/hooks was replaced$/],
  },
  "a file that redirects the main checkout's git": {
    act: ({ project: { repo } }) => Deno.writeTextFileSync(join(repo, ".git", "commondir"), "/elsewhere\n"),
    changes: [/repo\/\.git\/commondir is new$/],
  },
};

for (const [name, { act, changes }] of Object.entries(CASES)) {
  Deno.test(`foreignChanges() finds ${name}`, () => {
    using project = new TempProject();
    const git = (folder: string, ...args: readonly string[]) => void project.git("-C", folder, ...args);
    const worktree = join(project.root, "worktrees", "own");
    project.git("tag", "v1");
    for (const name of ["own", "other"]) project.git("update-ref", `refs/samocode/checkpoints/${name}/1`, "HEAD");
    project.git("worktree", "add", "--quiet", "-b", "own", worktree);
    project.git("worktree", "add", "--quiet", "-b", "other", join(project.root, "worktrees", "other"));
    Deno.renameSync(join(project.repo, ".git", "hooks"), join(project.root, "hooks"));
    Deno.symlinkSync("../../hooks", join(project.repo, ".git", "hooks"));
    const workplace: Workplace = { path: worktree, branch: "own", base: undefined, note: "" };
    const before = readRepository(workplace);
    assert.ok(before);
    act({ project, worktree, git });
    const found = foreignChanges(before, "own");
    assert.equal(found.length, changes.length, found.join("\n"));
    for (const [index, change] of changes.entries()) {
      if (typeof change === "string") assert.equal(found[index], change);
      else assert.match(found[index] ?? "", change);
    }
  });
}

Deno.test("foreignChanges() finds a hook that is new, and nothing in the empty folders that the guard makes", () => {
  using project = new TempProject();
  const worktree = join(project.root, "worktrees", "own");
  project.git("worktree", "add", "--quiet", "-b", "own", worktree);
  const folders = ["hooks", "info"].map((name) => join(project.repo, ".git", name));
  for (const folder of folders) new Deno.Command("rm", { args: ["-rf", folder] }).outputSync();
  const before = readRepository({ path: worktree, branch: "own", base: undefined, note: "" });
  assert.ok(before);
  for (const folder of folders) Deno.mkdirSync(folder);
  assert.deepEqual(foreignChanges(before, "own"), []);
  Deno.writeTextFileSync(join(project.repo, ".git", "hooks", "post-commit"), "");
  assert.match(foreignChanges(before, "own").join(), /^\S+\/\.git\/hooks is new$/);
});

Deno.test("checkRepository() finds nothing while another session commits, at whatever moment it looks", async () => {
  using project = new TempProject();
  const [worktree, other] = ["own", "other"].map((name) => join(project.root, "worktrees", name));
  for (const path of [worktree, other]) project.git("worktree", "add", "--quiet", path ?? "");
  const commit = "git commit --quiet --allow-empty --message=Other";
  await using commits = new Deno.Command("sh", {
    args: ["-c", `for each in ${"1 ".repeat(100)}; do ${commit}; done`],
    cwd: other ?? "",
    env: project.env,
  }).spawn();
  let isOver = false;
  const over = commits.status.finally(() => isOver = true);
  for (let looks = 0; !isOver; looks++) {
    const before = readRepository({ path: worktree ?? "", branch: "own", base: undefined, note: "" });
    await new Promise((wake) => setTimeout(wake, looks % 5));
    if (before) await checkRepository(before, "own");
  }
  assert.equal((await over).code, 0);
});
