import assert from "node:assert/strict";
import { dirname } from "node:path";
import { git, type GitPlace } from "../../src/session/git.ts";
import { prepareWorkplace, restoreWorkplace } from "../../src/session/worktree.ts";
import { messageOf } from "../../src/text/errors.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const PLAIN = { GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };

/** A stranger's repository: one commit on `main`, which a remote in another folder has as well, and a file for all. */
class Stranger extends TempFolder {
  readonly repo: string = this.folder("repo");
  /** A program that leaves a mark if anybody starts it. It does not answer as git expects. */
  readonly program: string = this.at("repo", "evil");

  constructor() {
    super();
    this.folder("worktrees");
    this.plain("init", "--quiet", "--initial-branch=main");
    this.file("repo/evil", `#!/bin/sh\ntouch ${this.at("ran")}\n`);
    Deno.chmodSync(this.program, 0o755);
    this.file("repo/a.txt", "one\n");
    this.commit();
    this.plain("init", "--quiet", "--bare", this.at("remote.git"));
    this.plain("remote", "add", "origin", this.at("remote.git"));
    this.plain("push", "--quiet", "origin", "main");
  }

  commit(): void {
    this.plain("add", "--all");
    this.plain("-c", "user.name=me", "-c", "user.email=me@localhost", "commit", "--quiet", "--message=x");
  }

  /** Git as a person runs it there. */
  plain(...args: readonly string[]): string {
    const { stdout } = new Deno.Command("git", { args: [...args], cwd: this.repo, env: PLAIN }).outputSync();
    return new TextDecoder().decode(stdout).trim();
  }

  /** Whether something of the stranger's ran since it was asked last. */
  takeMark(): boolean {
    try {
      Deno.removeSync(this.at("ran"));
      return true;
    } catch {
      return false;
    }
  }
}

type Plant = (stranger: Stranger) => void | Promise<void>;

interface Way {
  readonly plant: Plant;
  /** What a person would type that starts the program, to show that the trap is one. */
  readonly springs: readonly string[];
  /** What the person is told, if the session cannot begin. */
  readonly refused?: RegExp;
}

const FETCH = ["fetch", "origin"];
const ADD = ["worktree", "add", "--detach", "../tried"];
const NEEDS = /a\.txt: smudge filter \S+ failed$/;

function set(...pairs: readonly (readonly [string, string])[]): Plant {
  return (stranger) => {
    const filled = (text: string) => text.replace("EVIL", stranger.program);
    for (const [key, value] of pairs) stranger.plain("config", filled(key), filled(value));
  };
}

function filter(name: string, ...keys: readonly string[]): Plant {
  return (stranger) => {
    stranger.file("repo/.git/info/attributes", `*.txt filter=${name}\n`);
    set(...keys.map((key) => [`filter.${name}.${key}`, "EVIL"] as const))(stranger);
  };
}

const both = (...plants: readonly Plant[]): Plant => async (stranger) => {
  for (const plant of plants) await plant(stranger);
};

const WAYS: Readonly<Record<string, Way>> = {
  "hooks": {
    plant: (stranger) => {
      const asked = ["post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc", "pre-commit"];
      for (const name of [...asked, "post-commit", "prepare-commit-msg", "post-rewrite"]) {
        Deno.copyFileSync(stranger.program, stranger.at("repo", ".git", "hooks", name));
      }
    },
    springs: ADD,
  },
  "a folder of hooks in the checkout": {
    plant: (stranger) => {
      Deno.mkdirSync(stranger.at("repo", "hooks"));
      Deno.copyFileSync(stranger.program, stranger.at("repo", "hooks", "post-checkout"));
      stranger.plain("config", "core.hooksPath", stranger.at("repo", "hooks"));
    },
    springs: ADD,
  },
  "a file system monitor": { plant: set(["core.fsmonitor", "EVIL"]), springs: ["status"] },
  "a file that is included": {
    plant: (stranger) => {
      stranger.file("repo/more", `[core]\n\tfsmonitor = ${stranger.program}\n\tsshCommand = ${stranger.program}\n`);
      set(["include.path", "../more"], ["remote.origin.url", "ssh://localhost/x"])(stranger);
    },
    springs: FETCH,
  },
  "a configuration for the worktree": {
    plant: both(
      set(["extensions.worktreeConfig", "true"], ["remote.origin.url", "ssh://localhost/x"]),
      (stranger) => void stranger.file("repo/.git/config.worktree", `[core]\n\tsshCommand = ${stranger.program}\n`),
    ),
    springs: FETCH,
  },
  "a filter for the checkout": { plant: filter("evil", "smudge"), springs: ADD, refused: NEEDS },
  "a filter with a name that ends a key": { plant: filter("a=b.smudge", "smudge"), springs: ADD, refused: NEEDS },
  "a filter that runs once for all": { plant: filter("evil", "process"), springs: ADD, refused: NEEDS },
  // A person who has git-lfs gets their own.
  "a filter that calls itself git-lfs": {
    plant: filter("lfs", "smudge", "process"),
    springs: ADD,
    refused: /^$|failed$/,
  },
  "a filter for what is added": {
    plant: both(filter("evil", "clean"), (stranger) => void stranger.file("repo/a.txt", "two\n")),
    springs: ["status"],
  },
  "a filter that is required for what is added": {
    plant: both(
      filter("evil", "clean"),
      set(["filter.evil.required", "true"]),
      (stranger) => void stranger.file("repo/a.txt", "two\n"),
    ),
    springs: ["status"],
  },
  "another ssh": {
    plant: set(["core.sshCommand", "EVIL"], ["remote.origin.url", "ssh://localhost/x"]),
    springs: FETCH,
  },
  "another program at the other end": { plant: set(["remote.origin.uploadpack", "EVIL"]), springs: FETCH },
  "a remote that is a command": {
    plant: set(["protocol.ext.allow", "always"], ["remote.origin.url", "ext::EVIL"]),
    springs: FETCH,
  },
  "a remote that becomes a command": {
    plant: set(["protocol.allow", "always"], ["url.ext::EVIL .insteadOf", "https://"], [
      "remote.origin.url",
      "https://localhost/x",
    ]),
    springs: FETCH,
  },
  "a remote with a program for it in the checkout": {
    plant: both(
      set(["remote.origin.vcs", "x/evil"]),
      (stranger) => {
        stranger.folder("repo", "git-remote-x");
        Deno.copyFileSync(stranger.program, stranger.at("repo", "git-remote-x", "evil"));
      },
    ),
    springs: FETCH,
  },
  "a remote with an alias for it": {
    plant: set(["alias.remote-zz", "!EVIL"], ["remote.origin.url", "zz::x"]),
    springs: FETCH,
  },
  "a remote with an alias that is nearly it": {
    plant: set(["alias.remot-zzz", "!EVIL"], ["help.autoCorrect", "immediate"], ["remote.origin.url", "zzz::x"]),
    springs: FETCH,
  },
  "a proxy": { plant: set(["core.gitProxy", "EVIL"], ["remote.origin.url", "git://localhost/x"]), springs: FETCH },
  "a list of what another repository has": {
    plant: both(
      set(["core.alternateRefsCommand", "EVIL"]),
      (stranger) => void stranger.file("repo/.git/objects/info/alternates", stranger.at("remote.git", "objects")),
    ),
    springs: FETCH,
  },
  "a fetch of what is missing": {
    plant: both(
      set(["extensions.partialClone", "origin"], ["remote.origin.promisor", "true"], [
        "remote.origin.uploadpack",
        "EVIL",
      ]),
      (stranger) => {
        const tree = stranger.plain("rev-parse", "HEAD^{tree}");
        Deno.removeSync(stranger.at("repo", ".git", "objects", tree.slice(0, 2), tree.slice(2)));
      },
    ),
    springs: ["rev-parse", "HEAD:./"],
    refused: /./,
  },
  "a submodule's own configuration": {
    plant: (stranger) => {
      stranger.plain("init", "--quiet", "sub");
      const inSub = ["-C", "sub", "-c", "user.name=me", "-c", "user.email=me@localhost"];
      stranger.file("repo/sub/b.txt", "one\n");
      stranger.plain(...inSub, "add", "b.txt");
      stranger.plain(...inSub, "commit", "--quiet", "--message=x");
      stranger.file("repo/.gitmodules", `[submodule "sub"]\n\tpath = sub\n\turl = ./sub\n\tignore = none\n`);
      stranger.commit();
      stranger.file("repo/sub/.git/info/attributes", "*.txt filter=evil\n");
      stranger.plain("-C", "sub", "config", "filter.evil.clean", stranger.program);
      stranger.file("repo/sub/b.txt", "two\n");
    },
    springs: ["status"],
  },
  "programs that show differences": {
    plant: both(
      set(["diff.external", "EVIL"], ["diff.evil.textconv", "EVIL"], ["diff.evil.command", "EVIL"]),
      (stranger) => {
        stranger.file("repo/.git/info/attributes", `*.txt diff=evil\n`);
        stranger.file("repo/a.txt", "two\n");
      },
    ),
    springs: ["diff", "HEAD~1"],
  },
  "a program that signs": {
    plant: set(["commit.gpgSign", "true"], ["gpg.program", "EVIL"]),
    springs: ["-c", "user.name=me", "-c", "user.email=me@localhost", "commit", "--allow-empty", "--message=x"],
  },
};

/** Everything that the worker, `doctor` and the demo's agent have git do. */
async function work(stranger: Stranger): Promise<string> {
  const request = { mainRepo: stranger.repo, worktrees: stranger.at("worktrees"), name: "own", branchPrefix: "" };
  let refusal = "";
  try {
    const workplace = await prepareWorkplace(request);
    await git(stranger.repo, "worktree", "remove", "--force", workplace.path);
    await restoreWorkplace(stranger.repo, workplace);
  } catch (error) {
    refusal = messageOf(error);
  }
  const own = stranger.at("worktrees", "own");
  for (const place of [stranger.repo, ...(refusal === "" ? [own] : [])] satisfies GitPlace[]) {
    await git(place, "status", "--porcelain");
    await git(place, "rev-list", "--count", "HEAD", "--not", "--remotes");
    await git(place, "worktree", "list", "--porcelain");
    await git(place, "check-ignore", "--quiet", "--no-index", "--", "a.txt");
    stranger.file("repo/a.txt", "three\n");
    await git(place, "add", "--force", "--", "a.txt");
    await git(place, "diff", "--cached");
    const author = ["-c", "user.name=me", "-c", "user.email=me@localhost"];
    await git(place, ...author, "commit", "--quiet", "--message=x", "--", "a.txt");
  }
  return refusal;
}

for (const [what, { plant, springs, refused }] of Object.entries(WAYS)) {
  Deno.test(`git() starts nothing for a repository that brings ${what}`, async () => {
    using stranger = new Stranger();
    await plant(stranger);
    stranger.takeMark();
    const refusal = await work(stranger);
    assert.equal(stranger.takeMark(), false, "the stranger's program ran");
    if (refused === undefined) assert.equal(refusal, "");
    else assert.match(refusal, refused);
    stranger.plain(...springs);
    assert.equal(stranger.takeMark(), true, "the trap is none");
  });
}

Deno.test("git() runs no filter of another repository that a worktree was led to after it was made", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const ways: Readonly<
    Record<string, (place: { readonly work: string; readonly own: string; readonly evil: string }) => void>
  > = {
    "its .git leads elsewhere": ({ work, evil }) => Deno.writeTextFileSync(`${work}/.git`, `gitdir: ${evil}\n`),
    "its .git names a folder with a line end": ({ work, own, evil }) => {
      Deno.symlinkSync(evil, `${own}\nx`);
      Deno.writeTextFileSync(`${work}/.git`, `gitdir: ${own}\nx\n`);
    },
    "its git folder is a link": ({ own, evil }) => {
      Deno.renameSync(own, `${own}.old`);
      Deno.symlinkSync(evil, own);
    },
    "its commondir leads elsewhere": ({ own, evil }) =>
      Deno.writeTextFileSync(`${own}/commondir`, dirname(dirname(evil))),
    "its commondir leads through a link": ({ own, evil }) => {
      Deno.symlinkSync(dirname(dirname(evil)), `${own}/x`);
      Deno.writeTextFileSync(`${own}/commondir`, "x\n");
    },
    "its configuration includes another": ({ own, evil }) =>
      Deno.writeTextFileSync(`${own}/../../config`, `[include]\n\tpath = ${evil}/../../config\n`, { append: true }),
  };
  for (const [name, lead] of Object.entries(ways)) {
    using stranger = new Stranger();
    const work = stranger.at("worktrees", "work");
    stranger.plain("worktree", "add", "--quiet", "-b", "work", work);
    const other = stranger.at("other");
    stranger.plain("clone", "--quiet", stranger.repo, other);
    const evil = stranger.at("worktrees", "evil");
    stranger.plain("-C", other, "worktree", "add", "--quiet", "-b", "evil", evil);
    stranger.plain("-C", other, "config", "filter.x.clean", stranger.program);
    stranger.file("worktrees/work/.gitattributes", "* filter=x\n");
    stranger.file("worktrees/work/a.txt", "two\n");
    lead({ work, own: stranger.at("repo/.git/worktrees/work"), evil: `${other}/.git/worktrees/evil` });
    await git(work, "status", "--porcelain").catch(() => {});
    assert.equal(stranger.takeMark(), false, name);
    stranger.plain("-C", work, "status", "--porcelain");
    assert.equal(stranger.takeMark(), true, `${name}: it was no trap`);
  }
});
