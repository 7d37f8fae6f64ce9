import assert from "node:assert/strict";
import { join } from "node:path";
import { parseCommand } from "../../src/cli/parse_command.ts";
import { checkWord } from "../../src/fleet/words.ts";
import { COMMANDS } from "../helpers/all_commands.ts";
import { FleetDesk } from "../helpers/fleet_desk.ts";
import { postgresTest, slowPostgresTest } from "../helpers/postgres.ts";
import { McpClient } from "../mcp/mcp_client.ts";

slowPostgresTest("a session that nobody has begun is shown with its queue, and can be stopped", async (postgres) => {
  await using desk = await FleetDesk.open(postgres);
  assert.equal(
    await desk.must(["list", "--fleet"]),
    'No session in the fleet yet. Submit one: samocode submit "what to do"\n',
  );
  await desk.submit();
  const [listed] = JSON.parse(await desk.must(["list", "--fleet", "--json"]));
  assert.deepEqual([listed.session, listed.project, listed.state, listed.fleet.place], ["top", "shop", "queued", 1]);
  const { state, detail, task, note, next } = await desk.json(["status", "top", "--fleet"]);
  assert.deepEqual([state, task, note], ["queued", "Add JWT login", ""]);
  assert.equal(detail, "No worker of pool default is running");
  assert.ok(Array.isArray(next));
  const { code, stderr } = await desk.type(["answer", "top", "Q1=A", "--fleet"]);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /Cannot open the session top: it has not begun.*\n {2}See its state: samocode status top --fleet/,
  );
  assert.equal(await desk.must(["stop", "top", "--fleet"]), "top will be stopped before it begins.\n");
  assert.equal(await desk.decisions(), 1);
});

slowPostgresTest(
  "names that the fleet does not have, or has twice, are refused with those that it has",
  async (postgres) => {
    await using desk = await FleetDesk.open(postgres);
    await desk.submit();
    for (const project of ["api", "web"]) {
      await desk.must(["submit", "Add x y", "--session", "both", "--repo", desk.origin, "--project", project]);
    }
    const wrong: readonly (readonly [args: readonly string[], expected: RegExp])[] = [
      [["status", "nothing"], /Cannot find a session called nothing in the fleet\n {2}The newest are top/],
      [
        ["status", "both"],
        /several projects have one called both\n {2}Name one of (?:web\/both, api\/both|api\/both, web\/both)/,
      ],
      [["status", "none/both"], /Cannot find a session called both in the fleet/],
      [["status", "../../etc"], /Cannot/],
      [["stop", "a b"], /Cannot/],
    ];
    for (const [args, expected] of wrong) {
      const { code, stderr } = await desk.type([...args, "--fleet"]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, expected);
    }
    assert.equal((await desk.json(["status", "api/both", "--fleet"]))["session"], "both");
    const { code, stderr } = await desk.type(["list", "--project", "shop"]);
    assert.equal(code, 2);
    assert.match(stderr, /Cannot list a project by its name without --fleet/);
  },
);

slowPostgresTest(
  "a person decides about a session of the fleet at the command line as about their own, and takes it home",
  async (postgres) => {
    await using desk = await FleetDesk.open(postgres);
    const { project } = desk;
    await desk.submit();
    await desk.work();
    const asked = await desk.json(["status", "shop/top", "--fleet"]);
    assert.deepEqual([asked["state"], asked["needs"]], ["waiting", "answers"]);
    assert.match(await desk.must(["status", "top", "--fleet"]), /next {2}samocode answer top --fleet\n/);
    assert.match(await desk.must(["logs", "top", "--fleet", "--tail", "1"]), /Waiting for you/);

    // An agent may decide nothing, wherever the copies are.
    const agent = { CLAUDECODE: "1", TMPDIR: "/", XDG_DATA_HOME: join(project.root, "data") };
    for (
      const act of [["answer", "top", "Q1=A"], ["guide", "top", "x"], ["phase", "top", "testing"], ["raise", "top"]]
    ) {
      const { code, stderr } = await desk.type([...act, "--fleet"], agent);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /only a person may, and an agent started this/);
    }
    for (const act of [["answer", "top", "Q9=A"], ["phase", "top", "nowhere"], ["guide", "top", " "]]) {
      assert.equal((await desk.type([...act, "--fleet"])).code, 2);
    }
    assert.equal(await desk.decisions(), 0);

    const answered = await desk.json(["answer", "top", "--accept-suggestions", "--fleet"]);
    assert.deepEqual([answered["state"], answered["needs"]], ["queued", "none"]);
    await desk.work();
    const { sha256 } = await desk.json(["plan", "top", "--fleet"]);
    const stale = await desk.type(["approve", "top", "--sha256", "0".repeat(64), "--fleet"]);
    assert.equal(stale.code, 2);
    assert.match(stale.stderr, /changed since it was shown\n {2}Read it again: samocode plan top --json --fleet/);
    assert.equal(await desk.decisions(), 1);
    await desk.must(["guide", "top", "mind the ties", "--fleet"]);
    await desk.must(["approve", "top", "--sha256", String(sha256), "--fleet"]);
    await desk.work();

    assert.match(await desk.must(["status", "top", "--fleet"]), /next {2}samocode fleet take top\n/);
    assert.match(await desk.must(["report", "top", "--fleet", "--output", "-"]), /<html/);
    assert.match(await desk.must(["cost", "--fleet"]), /total/);
    const events = (await desk.must(["logs", "top", "--fleet", "--json"])).trim().split("\n").map((line) =>
      JSON.parse(line)
    );
    const opened = events.filter(({ type }) => type === "gate.opened").map(({ gate, by }) => [gate, by]);
    const who = (command: string) => `the command line, without a terminal (samocode ${command}) (samocode)`;
    assert.deepEqual(opened, [["qa_answers", who("answer")], ["plan_approval", who("approve")]]);
    assert.ok(events.some(({ type, text }) => type === "guidance.given" && text === "mind the ties"));

    assert.match(await desk.must(["fleet", "take", "top"]), /top is now on this machine/);
    assert.equal((await desk.json(["status", "top"]))["state"], "done");
    assert.match(await desk.must(["diff", "top", "--stat"]), /files changed/);
    assert.match(await desk.must(["finish", "top", "--merge"]), /top is merged into main/);
    const again = await desk.type(["fleet", "take", "top"]);
    assert.match(
      again.stderr,
      /Cannot take top: Taken to another machine by samocode\n {2}Continue it on that machine/,
    );
    const late = await desk.type(["phase", "top", "testing", "--fleet"]);
    assert.match(late.stderr, /Cannot decide on top: Taken to another machine by samocode/);
  },
);

slowPostgresTest("an MCP client starts a session in the fleet, waits, and answers", async (postgres) => {
  await using desk = await FleetDesk.open(postgres);
  const env = { ...desk.project.env, SAMOCODE_GATE: "agent" };
  await using client = await McpClient.connect(desk.project, { args: ["--fleet"], env });
  const start = { task: "Add JWT login", session: "top", provider: "demo", wait: false };
  const started = await client.call("start_session", start);
  assert.match(JSON.stringify(started), /queued/);
  const waited = client.call("wait_session", { session: "top" });
  await desk.work();
  assert.match(JSON.stringify(await waited), /Q1/);
  const answered = await client.call("answer_qa", { session: "top", accept_suggestions: true, wait: false });
  assert.match(JSON.stringify(answered), /queued/);
  assert.equal(await desk.decisions(), 1);
  assert.match(
    JSON.stringify(await client.call("finish_session", { session: "top", how: "merge" })),
    /Cannot do that to top here: it is a session of the fleet/,
  );
});

postgresTest(
  "commands that only look do not wait for a fleet that is out of reach, and say what is wrong",
  async (postgres) => {
    await using desk = await FleetDesk.open(postgres);
    const { code, stderr } = await desk.type(["status", "top", "--fleet"], {
      SAMOCODE_FLEET: "postgres://me:pass-word-1@localhost:1/none?sslmode=disable",
    });
    assert.notEqual(code, 0);
    assert.doesNotMatch(stderr, /pass-word-1/);
  },
);

slowPostgresTest(
  "a session that a worker has just taken is running, whatever its copy has so far",
  async (postgres) => {
    await using desk = await FleetDesk.open(postgres);
    await desk.submit();
    await desk.work();
    const state = async (): Promise<unknown> => {
      const { state, needs } = await desk.json(["status", "top", "--fleet"]);
      return [state, needs];
    };
    assert.deepEqual(await state(), ["waiting", "answers"]);
    const change = (to: string) => desk.engine.query(`update samocode.session set ${to}, changed_at = now()`);
    await change("state = 'running', holder = 'ant', epoch = epoch + 1");
    assert.deepEqual(await state(), ["running", "none"]);
    const log = desk.project.start(["logs", "top", "--fleet", "--follow"]).output();
    const early = await Promise.race([log, new Promise((resolve) => setTimeout(resolve, 3_000, "goes on"))]);
    assert.equal(early, "goes on");
    await change("state = 'waiting', holder = null");
    assert.equal((await log).code, 0);
    assert.deepEqual(await state(), ["waiting", "answers"]);
  },
);

postgresTest("a session that failed before it began is not running, and is started again", async (postgres) => {
  await using desk = await FleetDesk.open(postgres);
  await desk.submit();
  await desk.engine.query("update samocode.session set state = 'failed', detail = 'No remote', wanted = false");
  const stopped = await desk.type(["stop", "top", "--fleet"]);
  assert.deepEqual([stopped.code, stopped.stderr.split("\n")[0]], [2, "samocode: Cannot stop top: it is not running"]);
  for (const flags of [["--timeout", "60"], ["--provider", "codex"], ["--dry-run"]]) {
    const { code, stderr } = await desk.type(["start", "top", ...flags, "--fleet"]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, new RegExp(`Cannot start a session of the fleet with ${flags[0]}\n {2}Leave`));
  }
  assert.equal((await desk.json(["start", "top", "--fleet"]))["state"], "queued");
  const { rows } = await desk.engine.query("select act->>'verb' as verb, wanted from samocode.act, samocode.session");
  assert.deepEqual(rows, [{ verb: "resume", wanted: true }]);
});

postgresTest("a new session is started in the fleet with the agent that is named", async (postgres) => {
  await using desk = await FleetDesk.open(postgres);
  await desk.submit("first");
  await desk.must(["start", "Add x y", "--session", "top", "--provider", "codex", "--fleet"]);
  const { rows } = await desk.engine.query(
    "select request->>'provider' as provider from samocode.session order by name",
  );
  assert.deepEqual(rows, [{ provider: "demo" }, { provider: "codex" }]);
});

postgresTest("a project that no folder can be called after holds up no other", async (postgres) => {
  await using desk = await FleetDesk.open(postgres);
  await desk.submit();
  await desk.engine.query("insert into samocode.project (name, repository) values ('../x', '/x')");
  assert.match(await desk.must(["cost", "--fleet"]), /total|Nothing|No /);
});

Deno.test("commands that need the repository say how to bring a session of the fleet here", () => {
  for (const command of ["finish", "diff", "restore"]) {
    assert.throws(() => parseCommand([command, "top", "--fleet"], COMMANDS), {
      message: `samocode ${command} does not work on a session of the fleet`,
      hint: "Bring the session to this machine first: samocode fleet take NAME",
    });
  }
});

Deno.test("checkWord() refuses what the fleet's tables would", () => {
  assert.equal(checkWord("team-a_1", "account"), "team-a_1");
  for (const word of ["", "a b", "-a", "a".repeat(61), "ä", "a\n"]) {
    assert.throws(() => checkWord(word, "account"), /as an account/);
  }
});
