import assert from "node:assert/strict";
import { initFleet } from "../../src/fleet/init_fleet.ts";
import { postgresTest } from "../helpers/postgres.ts";
import { CommandLine } from "./command_line.ts";

Deno.test("fleet refuses what it cannot do before it connects", async () => {
  using line = new CommandLine();
  const env = { SAMOCODE_FLEET: "postgres://localhost:1/none" };
  const strange: readonly (readonly [words: readonly string[], expected: RegExp])[] = [
    [[], /Cannot run fleet: no subcommand was given\n {2}Use one of init, grant, limit, /],
    [["destroy"], /unknown subcommand "destroy"/],
    [["constructor"], /unknown subcommand "constructor"/],
    [["init", "x"], /Cannot run fleet init: it takes no arguments/],
    [["grant", "me"], /it takes ROLE and PROJECT\n {2}samocode fleet grant ROLE PROJECT/],
    [["grant", "me", ""], /it takes ROLE and PROJECT/],
    [
      ["grant", "me", "shop", "--as", "owner"],
      /Cannot use "owner" with --as\n {2}Use one of worker, submitter, reader/,
    ],
    [["grant", "me", "shop", "--priority", "1"], /Cannot run fleet grant: it has no flag --priority/],
    [["init", "--json"], /Cannot run fleet init: it has no flag --json/],
    [["limit", "team", "-1"], /Cannot use "-1" as a limit|Unknown flag/],
    [["limit", "team", "many"], /Cannot use "many" as a limit/],
    [["limit", "team", "1", "--priority", "high"], /Cannot use "high" as a priority/],
  ];
  for (const [words, expected] of strange) {
    const { code, out, error } = await line.type(["fleet", ...words], { env });
    assert.deepEqual({ code, out }, { code: 2, out: "" }, error);
    assert.match(error, expected);
  }
  const unset = await line.type(["fleet", "init"]);
  assert.equal(unset.code, 2);
  assert.match(unset.error, /Cannot reach the fleet: SAMOCODE_FLEET is not set\n {2}Set SAMOCODE_FLEET=postgres:/);
  const away = await line.type(["fleet", "limit", "team", "1"], { env });
  assert.equal(away.code, 1);
  assert.match(away.error, /Cannot reach the fleet at localhost:1\/none/);
  const doctor = await line.type(["fleet", "doctor"], { env });
  assert.equal(doctor.code, 1);
  assert.match(doctor.out, /^✗ Cannot reach the fleet at localhost:1\/none.*\n {2}> Check that PostgreSQL is running/);
});

Deno.test("fleet is a person's", async () => {
  using line = new CommandLine();
  const { code, error } = await line.type(["fleet", "init"], { env: { CLAUDECODE: "1" } });
  assert.equal(code, 2);
  assert.match(error, /only a person may, and an agent started this/);
});

postgresTest("fleet init, grant, limit and doctor set a fleet up, and say what it is", async (postgres) => {
  using line = new CommandLine();
  const { url } = await postgres.database();
  const env = { SAMOCODE_FLEET: url };
  const say = async (...words: readonly string[]): Promise<string> => {
    const { code, out, error } = await line.type(["fleet", ...words], { env });
    assert.deepEqual({ code, error }, { code: 0, error: "" });
    return out;
  };
  const before = await line.type(["fleet", "doctor"], { env });
  assert.match(before.out, /it is not set up\n {2}> As the fleet's owner, run: samocode fleet init\n/);
  assert.match(await say("init"), /^Set up the fleet at samocode@localhost:\d+\/fleet_\d+, schema 1\.\nNext: /);
  assert.match(await say("init"), /^Updated the fleet at /);
  await postgres.sql("create role bot login password 'pw'");
  const granted = await say("grant", "bot", "shop", "--repo", line.project.repo, "--as", "worker");
  assert.equal(granted, "bot is now a worker of shop.\n");
  assert.equal(await say("limit", "team", "4"), "team may run 4 sessions at a time.\n");
  assert.equal(
    await say("limit", "team", "0", "--priority", "5"),
    "team may run 0 sessions at a time, with priority 5.\n",
  );
  const health = await say("doctor");
  assert.match(health, /✓ TLS, with a verified certificate and host name\n/);
  assert.match(health, /! samocode owns the fleet, and has access to every project\n/);
  assert.match(health, /! No worker is running\n {2}> Start one: samocode worker\n/);
  assert.match(health, /✓ git can reach the repository of shop: /);

  await postgres.sql(
    `insert into samocode.session (project, name, request, by, account) values (1, 'x', '{}', 'me', 'team');
    insert into samocode.project (name, repository) values ('gone', '/nonexistent/gone');
    insert into samocode.worker (name, pool, labels, accounts, slots, version, seen_at)
    values ('m1', 'default', '{}', '{}', 2, '1.2.3', now()), ('m2', 'big', '{}', '{}', 1, '1.2.3', now() - interval '1 hour')`,
    { database: new URL(url).pathname.slice(1) },
  );
  const { code, out } = await line.type(["fleet", "doctor", "--json"], { env });
  assert.equal(code, 1, "git does not reach one");
  const report = JSON.parse(out);
  const texts = report.findings.map(({ level, text }: { level: string; text: string }) => `${level} ${text}`).join(
    "\n",
  );
  assert.match(texts, /ok Worker m1: pool default, 2 slots, samocode 1\.2\.3\n/);
  assert.match(texts, /warning Worker m2: pool big, 1 slot, samocode 1\.2\.3; silent for 1h/);
  assert.match(
    texts,
    /ok Sessions: 1 queued\nwarning 1 queued session of account team in pool default: the limit is 0/,
  );
  assert.match(texts, /problem git cannot reach the repository of gone: /);

  const bot = {
    SAMOCODE_FLEET: postgres.urlFor({ database: new URL(url).pathname.slice(1), user: "bot", password: "pw" }),
  };
  assert.match((await line.type(["fleet", "doctor"], { env: bot })).out, /✓ bot is worker in shop\n/);
  const refused = await line.type(["fleet", "limit", "team", "9"], { env: bot });
  assert.equal(refused.code, 2);
  assert.match(refused.error, /Not allowed in the fleet at bot@.*permission denied for table account/);
  await postgres.sql("update samocode.about set version = 2", { database: new URL(url).pathname.slice(1) });
  await assert.rejects(() => initFleet(env), /its schema version is 2/);
});
