/**
 * The workflows agree with the program: Deno versions, tasks, platforms; and they keep the rules that make them safe.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { TARGETS } from "../../tools/targets.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");
const FOLDER = join(ROOT, ".github", "workflows");
const NAMES = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).sort();
const TEXTS = NAMES.map((name) => [name, Deno.readTextFileSync(join(FOLDER, name))] as const);
const RELEASE = Deno.readTextFileSync(join(FOLDER, "release.yml"));

Deno.test("the workflows are the two that are tested here", () => {
  assert.deepEqual(NAMES, ["ci.yml", "release.yml"]);
});

Deno.test("the workflows use the newest Deno of .ci/run", () => {
  const [, newest] = /^newest=(\S+)/m.exec(Deno.readTextFileSync(join(ROOT, ".ci", "run"))) ?? [];
  const named = TEXTS.map(([, text]) => [...text.matchAll(/\bdeno@(\S+)/g)].map(([, version]) => version));
  assert.deepEqual(named, [[newest, newest], [newest]]);
});

Deno.test("the workflows name only tasks that deno.json has, and .ci/run", () => {
  const tasks: Readonly<Record<string, unknown>> = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json"))).tasks;
  for (const [name, text] of TEXTS) {
    const named = [...text.matchAll(/\bdeno@\S+ task (\S+)/g)].map(([, task = ""]) => task);
    assert.deepEqual(named.filter((task) => !Object.hasOwn(tasks, task)), [], name);
    assert.ok(named.length > 0 && text.includes("- run: .ci/run\n"), name);
  }
});

Deno.test("the workflows pin every action by its commit, the same everywhere", () => {
  const uses = TEXTS.flatMap(([, text]) => [...text.matchAll(/^.*\buses:\s*(.*)$/gm)].map(([, action = ""]) => action));
  assert.ok(uses.length > 5);
  assert.deepEqual(uses.filter((action) => !/^actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action)), []);
  const names = new Set(uses.map((action) => action.split("@")[0]));
  assert.equal(new Set(uses).size, names.size);
});

Deno.test("the workflows put nothing into a script but by the environment", () => {
  for (const [name, text] of TEXTS) {
    const scripts = scriptsOf(text);
    assert.equal(scripts.length, [...text.matchAll(/^ +(?:- )?run:(?! *$)/gm)].length, name);
    assert.deepEqual(scripts.filter((script) => script.includes("${{")), [], name);
  }
});

Deno.test("the workflows may read, and only the job that publishes may write", () => {
  for (const [name, text] of TEXTS) {
    assert.match(text, /^permissions:\n {2}contents: read\n(?! )/m, name);
    const writing = jobsOf(text).filter(({ body }) => /: write\b/.test(body)).map((job) => job.name);
    assert.deepEqual(writing, name === "release.yml" ? ["publish"] : [], name);
    assert.doesNotMatch(text, /pull_request_target|write-all/, name);
  }
});

Deno.test("the workflows give every job a limit, and no checkout the token", () => {
  for (const [name, text] of TEXTS) {
    const jobs = jobsOf(text);
    assert.ok(jobs.length > 1, name);
    for (const { name: job, body } of jobs) {
      assert.match(body, /^ {4}timeout-minutes: \d+$/m, job);
      assert.match(body, /^ {4}runs-on: \S/m, job);
      const checkouts = body.match(/uses: actions\/checkout@.*\n +with:\n +persist-credentials: false\n/g) ?? [];
      assert.equal(checkouts.length, body.split("actions/checkout@").length - 1, job);
    }
  }
});

Deno.test("ci.yml lets only the untested systems fail, and says why", () => {
  const [, ci = ""] = TEXTS.find(([name]) => name === "ci.yml") ?? [];
  const lenient = jobsOf(ci).filter(({ body }) => /continue-on-error/.test(body)).map(({ name }) => name);
  assert.deepEqual(lenient, ["elsewhere"]);
  assert.match(ci, /^ {4}# .*\n {4}continue-on-error: true$/m);
  assert.doesNotMatch(RELEASE, /continue-on-error/);
});

Deno.test("release.yml builds for every platform of TARGETS, by name", () => {
  const [, built = ""] = /deno@\S+ task release (.*)$/m.exec(RELEASE) ?? [];
  assert.deepEqual(built.split(" "), TARGETS.map(({ name }) => name));
});

Deno.test("release.yml tries every platform of TARGETS before it publishes", () => {
  const tried = [...RELEASE.matchAll(/\{ target: (\S+), system: \S+ \}/g)].map(([, target]) => target);
  assert.deepEqual(tried, TARGETS.map(({ name }) => name));
  const needs = jobsOf(RELEASE).map(({ name, body }) => [name, /^ {4}needs: (.*)$/m.exec(body)?.[1]]);
  assert.deepEqual(needs, [
    ["check", undefined],
    ["test", "check"],
    ["build", "check"],
    ["smoke", "[check, build]"],
    ["publish", "[check, test, build, smoke]"],
  ]);
});

const bash = new Deno.Command("sh", { args: ["-c", "command -v bash node awk"], stdout: "null" }).outputSync().success;

for (
  const [promise, changelog, tag, isAccepted] of [
    [
      "accepts the version with its section",
      "## [0.1.0] - 2026-11-20\n\nFirst, see [0.0.9].\n\n[0.0.9]: x\n",
      "v0.1.0",
      true,
    ],
    ["refuses another tag", "## [0.1.0]\n\nFirst.\n\n## [0.1.1]\n\nx\n", "v0.1.1", false],
    ["refuses a version without a section", "## [Unreleased]\n\nFirst.\n\n## [0.1.00]\n\nx\n", "v0.1.0", false],
    ["refuses an empty section", "## [0.1.0]\n \n## [0.0.9]\n\nOld.\n", "v0.1.0", false],
  ] as const
) {
  Deno.test({
    name: `release.yml ${promise}${bash ? "" : " (skipped: bash, node or awk not found)"}`,
    ignore: !bash,
    fn(): void {
      using folder = new TempFolder();
      folder.file("deno.json", `{ "version": "0.1.0" }`);
      folder.file("CHANGELOG.md", changelog);
      const scripts = scriptsOf(jobsOf(RELEASE)[0]?.body ?? "");
      const codes = scripts.map((script) =>
        new Deno.Command("bash", {
          args: ["-eo", "pipefail", "-c", script],
          cwd: folder.path,
          env: { TAG: tag, VERSION: "0.1.0", GITHUB_OUTPUT: folder.at("output") },
          stdout: "null",
        }).outputSync().code
      );
      assert.equal(codes.length, 2);
      assert.equal(codes.every((code) => code === 0), isAccepted);
      if (!isAccepted) return;
      const notes = "notes<<END_OF_NOTES\n\nFirst, see [0.0.9].\nEND_OF_NOTES\n";
      assert.equal(Deno.readTextFileSync(folder.at("output")), `version=0.1.0\n${notes}`);
    },
  });
}

/** A job as it stands in the file. */
interface Job {
  readonly name: string;
  readonly body: string;
}

/** Enough of YAML for files that indent by two. */
function jobsOf(text: string): readonly Job[] {
  const [, jobs = ""] = text.split(/^jobs:\n/m);
  const parts = jobs.split(/^ {2}([a-z]+):\n/m).slice(1);
  return parts.flatMap((name, index) => index % 2 === 0 ? [{ name, body: parts[index + 1] ?? "" }] : []);
}

/** What the steps run, without its indentation. */
function scriptsOf(text: string): readonly string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const [, indent = "", value = ""] = /^( +(?:- )?)run: (.*)$/.exec(line) ?? [];
    if (value !== "|") return value === "" ? [] : [value];
    const rest = lines.slice(index + 1);
    const end = rest.findIndex((next) => next !== "" && !next.startsWith(" ".repeat(indent.length + 2)));
    return [rest.slice(0, end === -1 ? rest.length : end).map((next) => next.slice(indent.length + 2)).join("\n")];
  });
}
