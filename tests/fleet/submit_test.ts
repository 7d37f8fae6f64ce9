import assert from "node:assert/strict";
import { join } from "node:path";
import { Engine } from "../../src/fleet/engine.ts";
import { sendable, SENT_SETTINGS } from "../../src/fleet/machine_settings.ts";
import { checkRepository, projectOf } from "../../src/fleet/submit.ts";
import { SamocodeError } from "../../src/text/errors.ts";
import { postgresTest, slowPostgresTest, type TestPostgres } from "../helpers/postgres.ts";
import { TempProject } from "../helpers/temp_project.ts";

/** A project with a remote, and a fleet that its owner may use. */
class Submitter implements AsyncDisposable {
  readonly project: TempProject;
  readonly engine: Engine;
  readonly origin: string;

  private constructor(project: TempProject, engine: Engine) {
    this.project = project;
    this.engine = engine;
    this.origin = join(project.root, "shop.git");
    project.git("clone", "--quiet", "--bare", ".", this.origin);
    project.git("remote", "add", "origin", this.origin);
    project.git("fetch", "--quiet", "origin");
  }

  static async open(postgres: TestPostgres, more: Readonly<Record<string, string>> = {}): Promise<Submitter> {
    const { env } = await postgres.fleet();
    return new Submitter(new TempProject({ ...env, ...more }), await Engine.open(env, { use: "person" }));
  }

  async row(name: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { rows: [row] } = await this.engine.query(
      `select p.name as project, p.repository, s.request, s.pool, s.labels, s.account, s.priority, s.wanted, s.by
      from samocode.session s join samocode.project p on p.id = s.project where s.name = $1`,
      [name],
    );
    return row;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
    this.project[Symbol.dispose]();
  }
}

postgresTest(
  "submit records what to do, with the repository and the settings of this folder's project",
  async (postgres) => {
    await using submitter = await Submitter.open(postgres, {
      SAMOCODE_MODEL_QUALITY: "fable",
      SAMOCODE_GUARD: "off",
      TELEGRAM_BOT_TOKEN: "123:secret",
    });
    const { project, origin } = submitter;
    const file = join(project.root, ".samocode");
    Deno.writeTextFileSync(file, `${Deno.readTextFileSync(file)}CHECK=npm test\n`);
    project.trust();
    const where = ["--account", "team", "--priority", "7", "--pool", "big", "--label", "gpu,arm"];
    const { code, stdout, stderr } = await project.run(["submit", "Add JWT login", "--max-cost", "5", ...where]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.equal(
      stdout,
      "Submitted shop/add-jwt-login.\n\n  samocode status shop/add-jwt-login --fleet\n" +
        "  samocode logs shop/add-jwt-login --fleet -f\n",
    );
    const { request, ...row } = await submitter.row("add-jwt-login") ?? {};
    assert.deepEqual(row, {
      ...{ project: "shop", repository: origin, pool: "big", labels: ["gpu", "arm"], account: "team", priority: 7 },
      ...{ wanted: true, by: "the command line, without a terminal (samocode submit)" },
    });
    assert.deepEqual(request, {
      task: "Add JWT login",
      light: false,
      maxCostUsd: 5,
      settings: { CHECK: "npm test", SAMOCODE_MODEL_QUALITY: "fable" },
    });
  },
);

postgresTest("a name is made from the task, and a name that is taken is refused", async (postgres) => {
  await using submitter = await Submitter.open(postgres);
  const { project } = submitter;
  const names: string[] = [];
  for (let count = 0; count < 2; count++) {
    const { stdout } = await project.run(["submit", "--task", "Add JWT login", "--json"]);
    names.push(String(JSON.parse(stdout).session));
  }
  assert.deepEqual(names, ["add-jwt-login", "add-jwt-login-2"]);
  const { code, stderr } = await project.run(["submit", "--task", "x y", "--session", "add-jwt-login"]);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /Cannot submit add-jwt-login: the project already has a session of that name\n {2}Choose another name/,
  );
});

postgresTest("commits that no worker will have are told", async (postgres) => {
  await using submitter = await Submitter.open(postgres);
  const { project } = submitter;
  project.git("commit", "--quiet", "--allow-empty", "--message=More");
  const { code, stderr } = await project.run(["submit", "Add JWT login"]);
  assert.equal(code, 0);
  assert.equal(
    stderr,
    "Warning: 1 commit of this folder is not on the remote; the fleet starts from the remote's default branch\n",
  );
});

postgresTest(
  "outside a project the repository is named, and without any there is nothing to work on",
  async (postgres) => {
    await using submitter = await Submitter.open(postgres);
    const { project, origin } = submitter;
    Deno.removeSync(join(project.root, ".samocode"));
    const { code, stderr } = await project.run(["submit", "Add JWT login"]);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /Cannot submit a session: there is no project here\n {2}Run samocode init in a clone of the repository/,
    );
    const named = await project.run(["submit", "Add JWT login", "--repo", origin, "--project", "api"]);
    assert.deepEqual({ code: named.code, stderr: named.stderr }, { code: 0, stderr: "" });
    const { project: made, repository } = await submitter.row("add-jwt-login") ?? {};
    assert.deepEqual({ made, repository }, { made: "api", repository: origin });
    const other = await project.run(["submit", "Add x y", "--repo", `${origin}/`, "--project", "api"]);
    assert.match(other.stderr, /Cannot use the project api: it has another repository in the fleet/);
    const unknown = await project.run(["submit", "Add x y", "--project", "nothing"]);
    assert.match(
      unknown.stderr,
      /Cannot find the project nothing in the fleet: it does not exist, or your role has no access/,
    );
  },
);

slowPostgresTest("what is wrong is refused before anything is recorded", async (postgres) => {
  await using submitter = await Submitter.open(postgres);
  const { project, engine } = submitter;
  const wrong: readonly (readonly [args: readonly string[], expected: RegExp])[] = [
    [[], /Cannot submit a session: no task was given/],
    [["word"], /Cannot submit "word": it may be a task or a session/],
    [["a b", "--task", "c"], /two tasks were given/],
    [["a b", "--session", "../x"], /Cannot use "..\/x" as a session name/],
    [["a b", "--project", "../x"], /Cannot use "..\/x" as the name of a project/],
    [["a b", "--pool", "a b"], /Cannot use "a b" as a pool/],
    [["a b", "--account", ""], /Cannot use "" as an account/],
    [["a b", "--label", "x,,y"], /Cannot use "" as a label/],
    [["a b", "--priority", "many"], /Cannot read --priority "many" as a number/],
    [["a b", "--provider", "other"], /Cannot use "other" as a provider/],
    [["a b", "--max-cost", "-1"], /max-cost/],
    [["a b", "--repo", "https://me:token@git.example/shop.git"], /it contains a password or a token/],
    [["a b", "--repo", "ext::sh -c id"], /Cannot/],
    [["a b", "--plan", "nothing.md"], /Cannot use nothing.md as a plan/],
  ];
  for (const [args, expected] of wrong) {
    const { code, stderr } = await project.run(["submit", ...args]);
    assert.equal(code, 2, `${args}: ${stderr}`);
    assert.match(stderr, expected);
  }
  assert.equal((await engine.query("select 1 from samocode.session")).count, 0);
});

postgresTest("an agent may submit a task, but neither approve a plan nor raise a budget by it", async (postgres) => {
  await using submitter = await Submitter.open(postgres);
  const { project, engine } = submitter;
  Deno.writeTextFileSync(join(project.root, "plan.md"), "# Plan\n\n- [ ] Do it\n");
  // Even in the agent's own folder: the session would run elsewhere.
  const agent = { CLAUDECODE: "1", TMPDIR: project.root };
  for (const more of [["--plan", "plan.md"], ["--max-cost", "5000", "--task", "a b"]]) {
    const { code, stderr } = await project.run(["submit", ...more], agent);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /only a person may, and an agent started this \(CLAUDECODE is set\)/);
  }
  assert.equal((await engine.query("select 1 from samocode.session")).count, 0);
  assert.equal((await project.run(["submit", "Add JWT login"], agent)).code, 0);
});

Deno.test("submit without a fleet says how to name one", async () => {
  using project = new TempProject();
  const { code, stderr } = await project.run(["submit", "Add JWT login", "--repo", "/x/shop.git"]);
  assert.equal(code, 2);
  assert.match(stderr, /SAMOCODE_FLEET/);
});

Deno.test("the settings that go with a session hold no secret, no guard, no channel, and nothing of a machine", () => {
  const kept = [...SENT_SETTINGS];
  assert.deepEqual(
    kept.filter((name) => /GUARD|TOKEN$|SECRET|PATH|PER_DAY|PARALLEL|NOTIFY|REPO|GATE|FLEET|OTEL/.test(name)),
    [],
  );
  assert.ok(
    ["CHECK", "GIT_BRANCH_PREFIX", "SAMOCODE_MAX_COST", "CLAUDE_MODEL"].every((name) => SENT_SETTINGS.has(name)),
  );
  assert.deepEqual(sendable({ CHECK: "npm test", SAMOCODE_GUARD: "off", PATH: "/x" }), { CHECK: "npm test" });
});

Deno.test("projectOf() names a project after the last part of its repository's address", () => {
  const addresses = [
    "https://git.example/acme/shop.git",
    "git@git.example:acme/shop.git",
    "/srv/shop/",
    "git@host:shop",
  ];
  assert.deepEqual(addresses.map(projectOf), ["shop", "shop", "shop", "shop"]);
});

Deno.test("checkRepository() refuses an address with a password or a token", () => {
  for (
    const url of ["https://token@git.example/x.git", "https://me:pw@git.example/x.git", "ssh://me:pw@git.example/x"]
  ) {
    assert.throws(() => checkRepository(url), SamocodeError);
  }
  assert.equal(checkRepository("ssh://git@git.example/x.git"), "ssh://git@git.example/x.git");
});
