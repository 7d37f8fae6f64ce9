import assert from "node:assert/strict";
import { MANIFEST_FILE } from "../../../src/project/install/manifest.ts";
import { slowTest } from "../../helpers/slow.ts";
import { begin, type InstallTask, startInstall } from "./install_program.ts";
import { InstallStage, listingOf } from "./stage.ts";

const V2 = { "skills/plan/SKILL.md": "plan 2", "skills/test/SKILL.md": "test 2", "commands/do.md": "do 1" };

Deno.test("installFiles() writes, and installing nothing leaves nothing", () => {
  using stage = new InstallStage();
  const before = stage.listing();
  assert.deepEqual(stage.install(), [
    "add skills/plan/SKILL.md",
    "add skills/plan/more.md",
    "add commands/do.md",
  ]);
  assert.deepEqual(listingOf(stage.place.root).filter((line) => !line.startsWith(MANIFEST_FILE)), [
    "commands/",
    "commands/do.md: do 1",
    "skills/",
    "skills/plan/",
    "skills/plan/SKILL.md: plan 1",
    "skills/plan/more.md: more 1",
  ]);
  assert.deepEqual(stage.install(), [
    "current skills/plan/SKILL.md",
    "current skills/plan/more.md",
    "current commands/do.md",
  ]);
  assert.deepEqual(stage.uninstall(), [
    "remove commands/do.md",
    "remove skills/plan/SKILL.md",
    "remove skills/plan/more.md",
  ]);
  assert.deepEqual(stage.listing(), before);
});

Deno.test("installFiles() leaves what was there as it was, empty folders included", () => {
  using stage = new InstallStage();
  stage.own("settings.json", "{}");
  stage.own("skills/mine/SKILL.md", "mine");
  stage.folder("home", ".claude", "commands");
  const before = stage.listing();
  stage.install();
  stage.uninstall();
  assert.deepEqual(stage.listing(), before);
});

Deno.test("installFiles() upgrades unchanged files and removes those no longer shipped", () => {
  using stage = new InstallStage();
  const before = stage.listing();
  stage.install();
  stage.ship(V2);
  assert.deepEqual(stage.install(), [
    "update skills/plan/SKILL.md",
    "add skills/test/SKILL.md",
    "current commands/do.md",
    "remove skills/plan/more.md",
  ]);
  assert.equal(stage.read("skills/plan/SKILL.md"), "plan 2");
  stage.ship({ "commands/do.md": "do 1" });
  stage.install();
  assert.deepEqual(stage.names("home", ".claude"), ["commands", MANIFEST_FILE], "our empty folders are removed");
  stage.uninstall();
  assert.deepEqual(stage.listing(), before);
});

Deno.test("installFiles() overwrites and removes nothing that the user changed", () => {
  using stage = new InstallStage();
  stage.install();
  stage.own("skills/plan/SKILL.md", "my plan");
  stage.own("skills/plan/more.md", "my more");
  stage.ship(V2);
  const kept = ["keep skills/plan/SKILL.md, you changed it", "keep skills/plan/more.md, you changed it"];
  assert.deepEqual(stage.install().filter((step) => step.startsWith("keep")), kept);
  assert.deepEqual([stage.read("skills/plan/SKILL.md"), stage.read("skills/plan/more.md")], ["my plan", "my more"]);
  assert.deepEqual(stage.uninstall().filter((step) => step.startsWith("keep")), kept);
  assert.deepEqual(stage.listing(), [
    ".claude/",
    ".claude/skills/",
    ".claude/skills/plan/",
    ".claude/skills/plan/SKILL.md: my plan",
    ".claude/skills/plan/more.md: my more",
  ]);
});

Deno.test("installFiles() treats a file as its own again once the user has undone the change", () => {
  using stage = new InstallStage();
  stage.install();
  stage.own("commands/do.md", "mine");
  stage.ship(V2);
  stage.install();
  stage.own("commands/do.md", "do 1");
  stage.ship({ ...V2, "commands/do.md": "do 3" });
  assert.deepEqual(stage.install().filter((step) => step.includes("do.md")), ["update commands/do.md"]);
});

Deno.test("installFiles() overwrites nothing that it did not write, not even with the same text", () => {
  using stage = new InstallStage();
  stage.own("skills/plan/SKILL.md", "somebody's");
  stage.own("commands/do.md", "do 1");
  Deno.symlinkSync("/dev/null", stage.at("home", ".claude", "skills", "plan", "more.md"));
  const before = stage.listing();
  assert.deepEqual(stage.install(), [
    "keep skills/plan/SKILL.md, samocode did not write it",
    "keep skills/plan/more.md, it is a link",
    "same commands/do.md",
  ]);
  assert.deepEqual(stage.listing(), before);
  stage.ship(V2);
  stage.install();
  stage.uninstall();
  assert.deepEqual(stage.listing(), before);
});

Deno.test("installFiles() with force moves files that are not its own to backups, and overwrites none", () => {
  using stage = new InstallStage();
  stage.own("commands/do.md", "somebody's");
  stage.own("commands/do.md.bak-20261120-050000", "an older one");
  stage.file("home/other.md", "untouched");
  stage.folder("home", ".claude", "skills", "plan");
  Deno.symlinkSync("../../../other.md", stage.at("home", ".claude", "skills", "plan", "more.md"));
  assert.deepEqual(stage.install(true), [
    "add skills/plan/SKILL.md",
    "replace skills/plan/more.md, it is a link -> skills/plan/more.md.bak-20261120-050000",
    "replace commands/do.md, samocode did not write it -> commands/do.md.bak-20261120-050000-2",
  ]);
  assert.equal(stage.read("commands/do.md"), "do 1");
  stage.own("commands/do.md", "mine");
  assert.deepEqual(stage.uninstall(true).filter((step) => step.includes("do.md")), [
    "set-aside commands/do.md, you changed it -> commands/do.md.bak-20261120-050000-3",
  ]);
  assert.deepEqual(stage.listing(), [
    ".claude/",
    ".claude/commands/",
    ".claude/commands/do.md.bak-20261120-050000: an older one",
    ".claude/commands/do.md.bak-20261120-050000-2: somebody's",
    ".claude/commands/do.md.bak-20261120-050000-3: mine",
    ".claude/skills/",
    ".claude/skills/plan/",
    ".claude/skills/plan/more.md.bak-20261120-050000 -> ../../../other.md",
    "other.md: untouched",
  ]);
});

Deno.test("installFiles() follows links inside its boundary only", () => {
  using stage = new InstallStage();
  stage.folder("elsewhere");
  stage.folder("home", ".claude");
  stage.folder("home", "dotfiles");
  Deno.symlinkSync(stage.at("elsewhere"), stage.at("home", ".claude", "skills"));
  Deno.symlinkSync("../dotfiles", stage.at("home", ".claude", "commands"));
  const before = stage.listing();
  const because = `${stage.at("home", ".claude", "skills")} leads out of ${stage.home}`;
  assert.deepEqual(stage.install(true), [
    `keep skills/plan/SKILL.md, ${because}`,
    `keep skills/plan/more.md, ${because}`,
    "add commands/do.md",
  ]);
  assert.deepEqual([stage.names("elsewhere"), stage.names("home", "dotfiles")], [[], ["do.md"]]);
  stage.uninstall();
  assert.deepEqual(stage.listing(), before);
});

Deno.test("a manifest from a stranger removes nothing outside of the place", () => {
  for (const path of ["../victim", "/etc/passwd", "skills/../../victim", "settings.json", "skills//x", "skills/a\\b"]) {
    using stage = new InstallStage();
    stage.file("home/victim", "");
    const sha = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for (const manifest of [{ files: { [path]: [sha] }, folders: [] }, { files: {}, folders: [path] }]) {
      stage.own(MANIFEST_FILE, JSON.stringify(manifest));
      const before = stage.listing();
      assert.throws(() => stage.uninstall(), { name: "SamocodeError", code: "conflict" }, path);
      assert.deepEqual(stage.listing(), before);
    }
  }
});

Deno.test("a stranger's manifest reaches nothing behind a link", () => {
  using stage = new InstallStage();
  stage.file("elsewhere/x.md", "");
  stage.file("elsewhere/y.md.samocode-new", "");
  stage.folder("elsewhere", "empty");
  const sha = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const files = { "skills/x.md": [sha], "skills/y.md": [sha] };
  stage.own(MANIFEST_FILE, JSON.stringify({ files, folders: ["skills/empty"] }));
  Deno.symlinkSync(stage.at("elsewhere"), stage.at("home", ".claude", "skills"));
  const before = listingOf(stage.at("elsewhere"));
  stage.uninstall(true);
  assert.deepEqual(listingOf(stage.at("elsewhere")), before);
});

Deno.test("a place that is a link out of its boundary is left alone, its manifest included", () => {
  using stage = new InstallStage();
  using other = new InstallStage();
  other.install();
  Deno.symlinkSync(other.place.root, stage.place.root);
  const before = other.listing();
  assert.deepEqual(new Set(stage.install(true).map((step) => step.split(" ")[0])), new Set(["keep"]));
  assert.deepEqual(stage.uninstall(true), []);
  assert.deepEqual(other.listing(), before);
});

Deno.test("an invalid manifest is reported, and nothing is changed", () => {
  for (const text of ["", "{", "[]", '{"files":{"skills/x":["short"]},"folders":[]}', '{"files":{"skills/x":[]}}']) {
    using stage = new InstallStage();
    stage.own(MANIFEST_FILE, text);
    const before = stage.listing();
    assert.throws(() => stage.install(), { name: "SamocodeError", code: "conflict", message: /^Cannot read / });
    assert.deepEqual(stage.listing(), before);
  }
});

Deno.test("planSteps() plans what installFiles() does, and touches nothing", () => {
  using stage = new InstallStage();
  stage.own("commands/do.md", "somebody's");
  for (const force of [false, true]) {
    const before = stage.listing();
    const said = stage.preview(force);
    assert.deepEqual(stage.listing(), before);
    assert.deepEqual(stage.install(force), said);
  }
});

Deno.test("four concurrent installations result in one, and four removals leave nothing", async () => {
  using stage = new InstallStage();
  stage.ship(many("1"));
  const before = stage.listing();
  for (const shipped of [stage.shipped, undefined]) {
    const task = { place: stage.place, ...(shipped === undefined ? {} : { shipped }) };
    const children = await Promise.all([1, 2, 3, 4].map(() => startInstall(task)));
    await Promise.all(children.map(begin));
    const ends = await Promise.all(children.map(async (child) => (await child.output()).code));
    assert.deepEqual(ends, [0, 0, 0, 0]);
    if (shipped === undefined) continue;
    assert.deepEqual(new Set(stage.install().map((step) => step.split(" ")[0])), new Set(["current"]));
    assert.deepEqual(stage.names("home"), [".claude"]);
  }
  assert.deepEqual(stage.listing(), before);
});

/** What is killed at every step, from which state, and what its removal leaves. */
const KILLED: Readonly<
  Record<string, { arrange(stage: InstallStage): void; removes?: true; left: readonly string[] }>
> = {
  "a first installation": { arrange: () => {}, left: [] },
  "an installation beside other files": {
    arrange: (stage) => stage.own("settings.json", "{}"),
    left: [".claude/", ".claude/settings.json: {}"],
  },
  "an upgrade of a changed installation": {
    arrange: (stage) => {
      stage.install();
      stage.own("skills/plan/more.md", "mine");
      stage.ship(V2);
    },
    left: [".claude/", ".claude/skills/", ".claude/skills/plan/", ".claude/skills/plan/more.md: mine"],
  },
  "a removal": { arrange: (stage) => void stage.install(), removes: true, left: [] },
};

for (const [what, { arrange, removes, left }] of Object.entries(KILLED)) {
  slowTest(`${what} killed at any step can be repeated or removed`, async () => {
    await atEveryStep(async (dieBefore) => {
      using stage = new InstallStage();
      arrange(stage);
      const died = await diesAt(stage, { dieBefore, ...(removes ? {} : { shipped: stage.shipped }) });
      const dead = stage.at("dead");
      copyTree(stage.home, dead);
      for (const next of ["install", "uninstall"] as const) {
        Deno.removeSync(stage.home, { recursive: true });
        copyTree(dead, stage.home);
        if (next === "install") {
          stage.install();
          assert.deepEqual(stage.install().filter((step) => !/^(?:current|keep) /.test(step)), []);
          assert.deepEqual(stage.listing().filter((line) => line.includes(".samocode-new")), []);
        }
        stage.uninstall();
        assert.deepEqual(stage.listing(), left, `killed before change ${dieBefore}, then ${next}`);
      }
      return died;
    });
  });
}

const MANY = 400;

function many(version: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: MANY }, (_, index) => [`skills/plan/${index}.md`, `${version} ${index}`]),
  );
}

function copyTree(from: string, to: string): void {
  assert.ok(new Deno.Command("cp", { args: ["-a", from, to] }).outputSync().success);
}

/** Calls back with 1, 2, 3, …, four at a time, until one of them was no longer killed. */
async function atEveryStep(act: (dieBefore: number) => Promise<boolean>): Promise<void> {
  for (let from = 1;; from += 4) {
    const died = await Promise.all([from, from + 1, from + 2, from + 3].map(act));
    if (!died.every((each) => each)) return assert.ok(from > 8, "there are steps to be killed at");
  }
}

/** Runs an installation or removal that is killed; resolves to false if it finished before. */
async function diesAt(stage: InstallStage, task: Omit<InstallTask, "place">): Promise<boolean> {
  const child = await startInstall({ ...task, place: stage.place });
  await begin(child);
  const { code } = await child.output();
  assert.ok(code === 0 || code === 137, `${code}`);
  return code === 137;
}
