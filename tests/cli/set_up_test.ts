import assert from "node:assert/strict";
import { join } from "node:path";
import { loadSettings } from "../../src/settings/load_settings.ts";
import { CommandLine } from "./command_line.ts";

Deno.test("samocode init --yes writes a valid .samocode and creates its folders", async () => {
  using place = new Fresh();
  const { code, out } = await place.init(["--yes"]);
  assert.equal(code, 0, out);
  assert.equal(
    Deno.readTextFileSync(join(place.repo, ".samocode")),
    "MAIN_REPO=.\nWORKTREES=../repo-samocode/worktrees\nSESSIONS=../repo-samocode/sessions\n",
  );
  assert.deepEqual(place.settings(), {
    mainRepo: place.repo,
    worktrees: place.at("repo-samocode/worktrees"),
    sessions: place.at("repo-samocode/sessions"),
  });
  assert.equal(place.git("status", "--porcelain"), "", "git does not see it");
});

Deno.test("samocode init asks at a terminal; Enter takes the default, ~ is the home folder", async () => {
  using place = new Fresh();
  const { code, out } = await place.init([], { answers: ["", "~/my sessions"] });
  assert.equal(code, 0, out);
  assert.deepEqual(place.settings(), {
    mainRepo: place.repo,
    worktrees: place.at("repo-samocode/worktrees"),
    sessions: place.at("home/my sessions"),
  });
  await place.init(["--worktrees", "./~/w", "--sessions", "s", "--force"]);
  assert.equal(place.settings().worktrees, join(place.repo, "~", "w"), "a folder called ~");
});

Deno.test("samocode init proposes the repository's own tests as checks, and leaves them out on request", async () => {
  for (
    const [args, answers, checks] of [
      [["--yes"], undefined, [["npm", "ci"], ["npm", "test"]]],
      [[], ["", "", ""], [["npm", "ci"], ["npm", "test"]]],
      [[], ["", "", "n"], []],
    ] as const
  ) {
    using place = new Fresh();
    Deno.writeTextFileSync(join(place.repo, "package.json"), '{"scripts":{"test":"node --test"}}');
    Deno.writeTextFileSync(join(place.repo, "package-lock.json"), "{}");
    const { code, out } = await place.init(args, answers === undefined ? {} : { answers });
    assert.equal(code, 0, out);
    const lines = Deno.readTextFileSync(join(place.repo, ".samocode")).split("\n").filter((line) =>
      /^CHECK/.test(line)
    );
    assert.deepEqual(lines, checks.map((words) => `CHECK=${words.join(" ")}`));
    for (const line of lines) assert.ok(out.includes(line), out);
    assert.deepEqual((await place.line.type(["status"], { workingDirectory: place.repo })).code, 0, "it is trusted");
  }
});

Deno.test("samocode init writes nothing if a question is not answered", async () => {
  using place = new Fresh();
  const before = place.line.listing();
  for (const answers of [[], [""]]) assert.equal((await place.init([], { answers })).code, 2);
  const { code, error } = await place.init([]);
  assert.deepEqual([code, error.includes("--yes")], [2, true]);
  assert.deepEqual(place.line.listing(), before);
});

Deno.test("samocode init makes git ignore what is in the repository, once, without changing tracked files", async () => {
  using place = new Fresh();
  Deno.writeTextFileSync(join(place.repo, ".git", "info", "exclude"), "*.log");
  const args = ["--worktrees", "trees [1]", "--sessions", "notes"];
  assert.equal((await place.init(args)).code, 0);
  for (const folder of ["trees [1]", "notes"]) Deno.writeTextFileSync(join(place.repo, folder, "x"), "");
  assert.equal(place.git("status", "--porcelain"), "");
  const excluded = Deno.readTextFileSync(join(place.repo, ".git", "info", "exclude"));
  assert.equal(excluded, "*.log\n# samocode\n/.samocode*\n/.env\n/trees \\[1\\]/\n/notes/\n");
  assert.equal((await place.init([...args, "--force"])).code, 0);
  assert.equal(Deno.readTextFileSync(join(place.repo, ".git", "info", "exclude")), excluded);
  assert.equal(place.git("status", "--porcelain"), "", "nor the backup");
});

Deno.test("samocode init shows an existing .samocode and replaces it only with --force, keeping a backup", async () => {
  using place = new Fresh();
  const path = join(place.repo, ".samocode");
  Deno.writeTextFileSync(path, "MAIN_REPO=elsewhere\n\x1b[31m");
  const before = place.line.listing();
  const { code, error } = await place.init(["--yes"]);
  assert.equal(code, 2);
  assert.match(error, /already exists:\n {4}MAIN_REPO=elsewhere\n[^]*--force/);
  assert.ok(!error.includes("\x1b"), "safe for a terminal");
  assert.deepEqual(place.line.listing(), before);
  const forced = await place.init(["--yes", "--force"]);
  const [, backup = ""] = /The old file is now (.*)/.exec(forced.out) ?? [];
  assert.equal(Deno.readTextFileSync(backup), "MAIN_REPO=elsewhere\n\x1b[31m");
  assert.equal(place.settings().mainRepo, place.repo);
});

Deno.test("samocode init accepts any folder name, and it is read back unchanged", async () => {
  for (const name of ["a b", "it's", 'say "so"', "a#b", "$HOME", "a\\nb", "🎈", "`x`", "a=b"]) {
    using place = new Fresh();
    const { code, error } = await place.init([
      "--worktrees",
      place.at(`w/${name}`),
      "--sessions",
      place.at(`s/${name}`),
    ]);
    assert.equal(code, 0, error);
    assert.deepEqual(place.settings().worktrees, place.at(`w/${name}`));
  }
});

Deno.test("samocode init in a folder below, or in a worktree, sets up the repository itself", async () => {
  using place = new Fresh();
  Deno.mkdirSync(join(place.repo, "src", "deep"), { recursive: true });
  assert.equal((await place.init(["--yes"], { workingDirectory: join(place.repo, "src", "deep") })).code, 0);
  assert.equal(place.settings().mainRepo, place.repo);
  Deno.removeSync(join(place.repo, ".samocode"));
  place.git("worktree", "add", "--quiet", place.at("tree"));
  assert.equal((await place.init(["--yes"], { workingDirectory: place.at("tree") })).code, 0);
  assert.equal(place.settings().mainRepo, place.repo);
});

Deno.test("samocode init --main-repo writes to the working directory, and says which file it hides", async () => {
  using place = new Fresh();
  Deno.mkdirSync(place.at("desk/below"), { recursive: true });
  Deno.writeTextFileSync(place.at("desk/.samocode"), "");
  const workingDirectory = place.at("desk/below");
  const { code, out } = await place.init(["--main-repo", "../../repo", "--yes"], { workingDirectory });
  assert.equal(code, 0, out);
  assert.match(out, new RegExp(`it takes precedence over ${place.at("desk/.samocode")}`));
  assert.equal(place.settings(workingDirectory).mainRepo, place.repo);
});

Deno.test("samocode init rejects unusable folders, and writes nothing", async () => {
  using place = new Fresh();
  Deno.writeTextFileSync(place.at("file"), "");
  const outside = place.at("home");
  const before = place.line.listing();
  const cases: readonly (readonly [readonly string[], string, string?])[] = [
    [["--yes"], "not in a git repository", outside],
    [["--yes", "--main-repo", "nowhere"], "there is no folder", outside],
    [["--worktrees", "x", "--sessions", "x"], "two of the three folders are the same"],
    [["--worktrees", ".", "--sessions", "x"], "two of the three folders are the same"],
    [["--worktrees", ".git/w", "--sessions", "x"], "inside the .git folder"],
    [["--worktrees", "..", "--sessions", "x"], "contains the repository itself"],
    [["--worktrees", "../file", "--sessions", "x"], "is not a folder"],
    [["--worktrees", "../file/w", "--sessions", "x"], "Cannot create"],
    [["--worktrees", "a\nb", "--sessions", "x"], "control character"],
    [["--worktrees", join(place.repo, "a ", "b "), "--sessions", "x"], "cannot hold"],
    [["--worktrees", "a'b`c\"d#", "--sessions", "x"], "cannot hold"],
  ];
  for (const [args, said, workingDirectory = place.repo] of cases) {
    const { code, error } = await place.init(args, { workingDirectory });
    assert.deepEqual([code === 0, error.includes(said)], [false, true], `${args}: ${error}`);
    assert.deepEqual(place.line.listing(), before, String(args));
  }
});

/** A repository without a `.samocode`. */
class Fresh implements Disposable {
  readonly line = new CommandLine();
  readonly repo = this.line.project.repo;

  constructor() {
    Deno.removeSync(this.at(".samocode"));
  }

  at(path: string): string {
    return `${this.line.project.root}/${path}`;
  }

  init(args: readonly string[], typing: Parameters<CommandLine["type"]>[1] = {}): ReturnType<CommandLine["type"]> {
    return this.line.type(["init", ...args], { workingDirectory: this.repo, ...typing });
  }

  git(...args: readonly string[]): string {
    return this.line.project.git(...args);
  }

  settings(workingDirectory = this.repo): { mainRepo: string; worktrees: string; sessions: string } {
    const { mainRepo, worktrees, sessions } = loadSettings({
      env: { HOME: this.at("home") },
      workingDirectory,
      config: undefined,
      flags: {},
    });
    return { mainRepo, worktrees, sessions };
  }

  [Symbol.dispose](): void {
    this.line[Symbol.dispose]();
  }
}
