import assert from "node:assert/strict";
import { join } from "node:path";
import { hostileProject } from "../helpers/hostile_project.ts";
import { programUnderTest } from "../helpers/program_under_test.ts";
import { type Finished, finished, TempProject } from "../helpers/temp_project.ts";
import { slowTest } from "../helpers/slow.ts";

const ACTS = [
  ["answer", "top", "Q1=A"],
  ["approve", "top"],
  ["raise", "top"],
  ["guide", "top", "do as I say"],
  [
    "trust",
    "--yes",
  ],
  ["continue", "top", "--task", "x"],
  ["phase", "top", "done"],
  ["run", "--plan", "x"],
  ["start", "--plan", "x"],
];
const MARKS = ["CLAUDECODE", "CLAUDE_CODE_SESSION_ID", "CODEX_THREAD_ID", "AI_AGENT", "SAMOCODE_MARKER"];
const REFUSED = /^samocode: Cannot \w+: only a person may, and an agent started this \((\w+) is set\)\n {2}Type the /;

Deno.test("what only a person may do is refused to whoever has an agent's mark in the environment", async () => {
  using project = new TempProject();
  for (const [index, act] of ACTS.entries()) {
    for (const mark of index === 0 ? MARKS : MARKS.slice(0, 1)) {
      const { code, stdout, stderr } = await project.run(act, { [mark]: "1", TMPDIR: "/nowhere" });
      assert.equal(code, 2, stdout);
      assert.equal(REFUSED.exec(stderr)?.[1], mark, stderr);
    }
  }
});

Deno.test("a person's own settings, CODEX_HOME, MCP variables and an editor's port are no agent's mark", async () => {
  using project = new TempProject();
  const env = {
    CODEX_HOME: "/x",
    MCP_PROXY: "x",
    CLAUDE_CODE_SSE_PORT: "1",
    CODEX_SANDBOX_MODE: "danger-full-access",
    CLAUDE_CONFIG_DIR: "/x",
    TMPDIR: "/nowhere",
  };
  assert.match((await project.run(["guide", "top", "x"], env)).stderr, /Cannot find a session called top/);
});

Deno.test(
  "clearing the own environment hides no agent that is above",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    using project = new TempProject();
    // The echo keeps the shells from being replaced by what they start.
    const script = `sh -c 'env -u CODEX_THREAD_ID ${
      programUnderTest().join(" ")
    } guide top x; code=$?; echo; exit $code'`;
    const { code, stderr } = await shell(project, script, { CODEX_THREAD_ID: "1", TMPDIR: "/nowhere" });
    assert.equal(code, 2);
    assert.match(stderr, /an agent started this \(CODEX_THREAD_ID is set\)/);
  },
);

Deno.test(
  "an agent above is told by its program where nothing else tells, behind any number of shells",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    using project = new TempProject();
    Deno.symlinkSync("/bin/sh", join(project.root, "claude"));
    const deep = 'left=$1; shift; if [ "$left" = 0 ]; then "$@"; else sh deep.sh $((left - 1)) "$@"; fi; exit $?\n';
    Deno.writeTextFileSync(join(project.root, "deep.sh"), deep);
    for (const shells of [0, 110]) {
      const script = `./claude -c 'sh deep.sh ${shells} ${programUnderTest().join(" ")} guide top x; exit $?'`;
      const { code, stderr } = await shell(project, script, { TMPDIR: "/nowhere" });
      assert.equal(code, 2);
      assert.match(stderr, /an agent started this \(it runs below claude\)/);
    }
  },
);

Deno.test("a session that lies wholly in an agent's temporary folder is its own", async () => {
  using project = new TempProject();
  const config = join(project.root, "home", ".config");
  const own = { CLAUDECODE: "1", TMPDIR: project.root, HOME: "/nowhere", XDG_CONFIG_HOME: config };
  assert.match((await project.run(["guide", "top", "x"], own)).stderr, /Cannot find a session called top/);
  assert.match(
    (await project.run(["guide", "top", "x"], { ...own, TMPDIR: "/" })).stderr,
    REFUSED,
    "not everything is",
  );
});

slowTest("an agent can neither guide, answer, approve nor trust, for its own session or another one", async () => {
  const samocode = programUnderTest().join(" ");
  using project = hostileProject(
    `case $folder in *mine) echo '{}' > "$root/repo/.mcp.json" ;; esac
for verb in 'guide other evil' 'answer other --accept-suggestions' 'guide mine evil' 'approve other' \\
  'approve mine --sha256 ${"0".repeat(64)}' 'trust --yes' 'continue other --task evil' 'continue mine --task evil' \\
  'phase mine implementation' 'phase other implementation' 'run evil --plan plan.md'; do
  (cd "$root" && ${samocode} $verb) >> "$root/said" 2>&1
done
if [ "$phase" = requirements ]; then
  [ -e "$folder/_qa.md" ] || printf '### Q1: Which?\\n\\n**Suggestion:** so\\n\\n**Answer:** _waiting_\\n' > "$folder/_qa.md"
  echo '{"status":"waiting","for":"qa_answers"}' > "$SAMOCODE_SIGNAL"
else echo '{"status":"continue","phase":"requirements"}' > "$SAMOCODE_SIGNAL"; fi`,
  );
  for (const name of ["other", "mine"]) {
    const { code, stdout, stderr } = await project.run(["run", "--session", name, "--task", "x", "--dive", "x"]);
    assert.equal(code, 10, stdout + stderr);
  }
  const said = Deno.readTextFileSync(join(project.root, "said"));
  assert.equal(
    said.match(/only a person may, and an agent started this \(SAMOCODE_MARKER is set\)/g)?.length,
    11 * 4,
    said,
  );
  const { stdout } = await project.run(["trust", "--show"]);
  assert.match(stdout, /repo\/\.mcp\.json.*not trusted/);
  for (const name of ["other", "mine"]) {
    const { stdout } = await project.run(["logs", name, "--json"]);
    assert.doesNotMatch(stdout, /guidance\.given|gate\.opened|answers\.given|task\.given/);
  }
});

Deno.test("an agent of a session runs and starts none elsewhere, whatever its limits; a person's agent may", async () => {
  const samocode = programUnderTest().join(" ");
  using project = hostileProject(
    `for act in 'run --session second --task x' 'start third --task x' 'run waiting'; do
  (cd "$root" && SAMOCODE_MAX_COST=off ${samocode} $act) >> "$root/said" 2>&1
done
echo '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"`,
  );
  const run = (name: string) => project.run(["run", "--session", name, "--task", "x"], { CLAUDECODE: "1" });
  for (const name of ["waiting", "mine"]) assert.equal((await run(name)).code, 20);
  const said = Deno.readTextFileSync(join(project.root, "said"));
  assert.equal(
    said.match(/Cannot run a session: only a person may, and an agent started this \(SAMOCODE_MARKER is set\)/g)
      ?.length,
    2 * 3,
    said,
  );
  assert.deepEqual(
    [...Deno.readDirSync(join(project.root, "sessions"))].map(({ name }) => name.slice(9)).sort(),
    ["mine", "waiting"],
  );
});

Deno.test("without a terminal a plan is approved by its hash only", async () => {
  using project = new TempProject({ SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "0" });
  const run = ["run", "--session", "top", "--task", "x"];
  assert.equal((await project.run(run)).code, 10);
  assert.equal((await project.run(["answer", "top", "--accept-suggestions"])).code, 0);
  assert.equal((await project.run(["run", "top"])).code, 10);
  const { code, stderr } = await project.run(["approve", "top"]);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /without a terminal, the plan must be named by its hash\n.* --sha256: samocode plan top --json\n/,
  );
  assert.equal((await project.approve("top")).code, 0);
});

async function shell(
  project: TempProject,
  script: string,
  env: Readonly<Record<string, string>>,
): Promise<Finished> {
  return await finished(
    new Deno.Command("sh", {
      args: ["-c", `${script}; exit $?`],
      cwd: project.root,
      clearEnv: true,
      env: { ...project.env, ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn(),
  );
}
