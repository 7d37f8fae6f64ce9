import assert from "node:assert/strict";
import { setLimit } from "../../src/fleet/accounts.ts";
import { Engine } from "../../src/fleet/engine.ts";
import { initFleet } from "../../src/fleet/init_fleet.ts";
import { claim, enqueueWanted, settle, wake } from "../../src/fleet/lease.ts";
import { grantRole, MEMBER_KINDS, type MemberKind, openProject } from "../../src/fleet/roles.ts";
import { claimant, submitRow } from "../helpers/fleet_rows.ts";
import { postgresTest, type TestPostgres } from "../helpers/postgres.ts";

/** A fleet with the projects `shop` and `api`, a session in each, and a role for each kind in each. */
class Team implements AsyncDisposable {
  readonly owner: Engine;
  readonly sessions: Readonly<Record<"shop" | "api", string>>;
  readonly #postgres: TestPostgres;
  readonly #database: string;
  readonly #open: Engine[] = [];

  private constructor(
    { owner, sessions, postgres, database }: {
      readonly owner: Engine;
      readonly sessions: Team["sessions"];
      readonly postgres: TestPostgres;
      readonly database: string;
    },
  ) {
    this.owner = owner;
    this.sessions = sessions;
    this.#postgres = postgres;
    this.#database = database;
  }

  static async make(postgres: TestPostgres): Promise<Team> {
    const { env, name: database } = await postgres.fleet();
    const owner = await Engine.open(env, { use: "worker" });
    const sessions = {
      shop: await submitRow(owner, { project: "shop", name: "add-jwt" }),
      api: await submitRow(owner, { project: "api", name: "add-jwt" }),
    };
    for (const project of ["shop", "api"]) {
      for (const kind of MEMBER_KINDS) {
        await owner.query(
          `do $$ begin create role ${project}_${kind} login password 'pw'; exception when duplicate_object then end $$`,
        );
        await grantRole(owner, { role: `${project}_${kind}`, project, kind });
      }
    }
    return new Team({ owner, sessions, postgres, database });
  }

  async as(project: "shop" | "api", kind: MemberKind): Promise<Engine> {
    const url = this.#postgres.urlFor({ database: this.#database, user: `${project}_${kind}`, password: "pw" });
    const use = kind === "worker" ? "worker" : "person";
    const engine = await Engine.open({ SAMOCODE_FLEET: url }, { use, maxConnections: 2 });
    this.#open.push(engine);
    return engine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const engine of [...this.#open, this.owner]) await engine[Symbol.asyncDispose]();
  }
}

const DENIED = /permission denied|row-level security|must be owner|must have admin option|Not allowed in the fleet/;

async function denied(engine: Engine, text: string, values: readonly unknown[] = []): Promise<void> {
  await assert.rejects(() => engine.query(text, values), DENIED, text);
}

async function countIn(engine: Engine, table: string): Promise<number> {
  const { rows: [row] } = await engine.query(`select count(*)::int as count from samocode.${table}`);
  return Number(row?.["count"]);
}

const TABLES = ["project", "session", "journal", "file", "act", "member"];

/** Adds a row of each kind to a session. */
async function fill(owner: Engine, id: string): Promise<void> {
  await owner.query("insert into samocode.journal values ($1, 1, 1, 'x', '{}')", [id]);
  await owner.query("insert into samocode.file values ($1, 'x', 0, '', '', 1)", [id]);
  await owner.query("insert into samocode.act (session, act, by) values ($1, '{}', 'x')", [id]);
}

postgresTest("each role sees its own project alone, and none that was not granted sees any", async (postgres) => {
  await using team = await Team.make(postgres);
  for (const id of Object.values(team.sessions)) await fill(team.owner, id);
  for (const kind of MEMBER_KINDS) {
    const engine = await team.as("shop", kind);
    const counts = await Promise.all(TABLES.map((table) => countIn(engine, table)));
    assert.deepEqual(counts, [1, 1, 1, 1, 1, 1], kind);
    const { rows } = await engine.query("select id from samocode.session");
    assert.deepEqual(rows, [{ id: team.sessions.shop }]);
  }
  await team.owner.query("delete from samocode.member where role = 'shop_reader'");
  const nobody = await team.as("shop", "reader");
  assert.deepEqual(await Promise.all(TABLES.map((table) => countIn(nobody, table))), [0, 0, 0, 0, 0, 0]);
});

postgresTest("a reader writes nothing", async (postgres) => {
  await using team = await Team.make(postgres);
  const reader = await team.as("shop", "reader");
  const { shop } = team.sessions;
  for (
    const [text, ...values] of [
      ["insert into samocode.session (project, name, request, by) select id, 'x', '{}', 'x' from samocode.project"],
      ["insert into samocode.act (session, act, by) values ($1, '{}', 'x')", shop],
      ["update samocode.session set wanted = true where id = $1", shop],
      ["update samocode.session set state = 'done'"],
      ["insert into samocode.journal values ($1, 1, 1, 'x', '{}')", shop],
      ["delete from samocode.session"],
      ["truncate samocode.act"],
      ["insert into samocode.account values ('x', 1)"],
      ["insert into samocode.member values ('shop_reader', 1, 'worker')"],
      ["insert into samocode.project (name, repository) values ('x', 'x')"],
      ["update samocode.about set version = 2"],
      ["select * from samocode_queue.job"],
      ["create table samocode.mine ()"],
      ["set role samocode_worker"],
    ] as const
  ) await denied(reader, text, values);
});

postgresTest(
  "a submitter submits and decides in its project, and reaches neither the queue nor another project",
  async (postgres) => {
    await using team = await Team.make(postgres);
    const submitter = await team.as("shop", "submitter");
    const { shop, api } = team.sessions;
    const id = await submitRow(submitter, { project: "shop", name: "mine" });
    await wake(submitter, id);
    await submitter.query("insert into samocode.act (session, act, by) values ($1, '{}', 'me')", [id]);
    const { rows } = await submitter.query("select role, by from samocode.act where session = $1", [id]);
    assert.deepEqual(rows, [{ role: "shop_submitter", by: "me" }], "the database vouches for the role");
    await assert.rejects(() => submitRow(submitter, { project: "api", name: "foreign" }), /your role has no access/);
    await assert.rejects(
      () => openProject(submitter, { name: "new", repository: "/new" }),
      /Cannot use the project new: it does not exist, or your role has no access/,
    );
    const other = await team.owner.query("select id from samocode.project where name = 'api'");
    for (
      const [text, ...values] of [
        [
          "insert into samocode.session (project, name, request, by) values ($1, 'x', '{}', 'x')",
          other.rows[0]?.["id"],
        ],
        ["insert into samocode.act (session, act, by) values ($1, '{}', 'x')", api],
        ["insert into samocode.act (session, act, by, role) values ($1, '{}', 'x', 'postgres')", shop],
        ["update samocode.act set outcome = '{}' where session = $1", shop],
        ["update samocode.session set request = '{}' where id = $1", shop],
        ["update samocode.session set lines = 7 where id = $1", shop],
        ["insert into samocode.journal values ($1, 1, 1, 'x', '{}')", shop],
        ["insert into samocode.file values ($1, 'x', 0, '', '', 1)", shop],
        ["insert into samocode.account values ('default', 99)"],
        ["insert into samocode.worker (name, pool, labels, accounts, slots, version) values ('x', 'x', '{}', '{}', 1, '')"],
        ["select * from samocode_queue.job"],
        ["select samocode_queue.create_queue('x', '{}')"],
        ["set role samocode_worker"],
      ] as const
    ) await denied(submitter, text, values);
    // Invisible rows do not match: the update changes nothing.
    assert.equal((await submitter.query("update samocode.session set wanted = true where id = $1", [api])).count, 0);
    await assert.rejects(() => setLimit(submitter, { name: "default", maxSessions: 9, priority: undefined }), DENIED);
  },
);

postgresTest("a worker drives sessions of its project, and no other's", async (postgres) => {
  await using team = await Team.make(postgres);
  const worker = await team.as("shop", "worker");
  const foreign = await team.as("api", "worker");
  assert.equal(await enqueueWanted(worker), 1);
  assert.equal(await enqueueWanted(foreign), 1);
  await setLimit(team.owner, { name: "default", maxSessions: 9, priority: undefined });
  const lease = await claim(worker, claimant("a"));
  assert.equal(lease?.id, team.sessions.shop);
  assert.equal(await claim(worker, claimant("a")), undefined, "the other project's session waits for its own worker");
  assert.ok(lease);
  await settle(worker, lease, {
    state: "waiting",
    detail: "Q1",
    before: async ({ query }) => {
      await query("insert into samocode.journal values ($1, 1, 1, 'x', '{}')", [lease.id]);
      await query("insert into samocode.file values ($1, 'x', 0, '', '', 1)", [lease.id]);
      await query("delete from samocode.file where session = $1", [lease.id]);
    },
  });
  await worker.query(
    "insert into samocode.worker (name, pool, labels, accounts, slots, version) values ('a', 'default', '{}', '{}', 1, '')",
  );
  for (
    const [text, ...values] of [
      ["insert into samocode.journal values ($1, 1, 1, 'x', '{}')", team.sessions.api],
      ["insert into samocode.file values ($1, 'x', 0, '', '', 1)", team.sessions.api],
      ["update samocode.journal set line = 'forged'"],
      ["delete from samocode.journal"],
      ["insert into samocode.act (session, act, by) values ($1, '{}', 'x')", lease.id],
      ["update samocode.session set request = '{}'"],
      ["update samocode.session set project = 2"],
      ["insert into samocode.account values ('default', 99)"],
      ["drop table samocode_queue.job"],
    ] as const
  ) await denied(worker, text, values);
  assert.equal((await claim(foreign, claimant("b")))?.id, team.sessions.api);
});

postgresTest("a place in one project is none in another", async (postgres) => {
  await using team = await Team.make(postgres);
  // A reader in api, a submitter in shop.
  await grantRole(team.owner, { role: "shop_submitter", project: "api", kind: "reader" });
  const both = await team.as("shop", "submitter");
  assert.equal(await countIn(both, "session"), 2);
  await denied(both, "insert into samocode.act (session, act, by) values ($1, '{}', 'x')", [team.sessions.api]);
  assert.equal(
    (await both.query("update samocode.session set wanted = false where id = $1", [team.sessions.api])).count,
    0,
  );
});

postgresTest(
  "a submitter cannot bring a lost lease back, nor end, forge or free what others hold",
  async (postgres) => {
    await using team = await Team.make(postgres);
    const [submitter, worker] = [await team.as("shop", "submitter"), await team.as("shop", "worker")];
    const { shop } = team.sessions;
    await enqueueWanted(worker);
    const lease = await claim(worker, claimant("a"));
    assert.ok(lease);
    const mine = (set: string) => `update samocode.session set ${set} where id = $1`;
    for (
      const set of [
        ...["epoch = epoch - 1", "epoch = epoch + 1", "holder = null", "state = 'done'", "detail = 'All is well'"],
        "state = 'taken', epoch = epoch + 1, holder = null",
      ]
    ) await denied(submitter, mine(set), [shop]);
    await denied(worker, mine("epoch = 0"), [shop]);
    await settle(worker, lease, { state: "waiting", detail: "Q1" });
    for (const set of ["state = 'done'", "holder = 'me'", "state = 'taken'"]) {
      await denied(submitter, mine(set), [
        shop,
      ]);
    }
    const take = mine("state = 'taken', epoch = epoch + 1, holder = null, detail = 'Nobody'");
    assert.equal((await submitter.query(take, [shop])).count, 1);
    const { rows } = await submitter.query("select detail from samocode.session where id = $1", [shop]);
    assert.deepEqual(rows, [{ detail: "Taken to another machine by shop_submitter" }], "whatever they say");
    await grantRole(team.owner, { role: "api_submitter", project: "shop", kind: "submitter" });
    await denied(await team.as("api", "submitter"), mine("state = 'waiting'"), [shop]);
    await denied(submitter, mine("wanted = true"), [shop]);
    assert.equal((await submitter.query(mine("state = 'waiting', detail = 'Q1'"), [shop])).count, 1);
    await wake(submitter, shop);
    await denied(submitter, mine("wanted = false"), [shop]);
  },
);

postgresTest(
  "who submits or decides is known by role, and calls themselves nothing that misleads",
  async (postgres) => {
    await using team = await Team.make(postgres);
    const submitter = await team.as("shop", "submitter");
    const id = await submitRow(submitter, { name: "mine" });
    const { rows } = await submitter.query("select role from samocode.session where id = $1", [id]);
    assert.deepEqual(rows, [{ role: "shop_submitter" }]);
    await denied(submitter, "update samocode.session set role = 'postgres' where id = $1", [id]);
    const decide = "insert into samocode.act (session, act, by) values ($1, $2, $3)";
    for (const by of ["", "the fleet: it drains", "me\x1b[2J", "me\nyou", "x".repeat(201)]) {
      await assert.rejects(() => submitter.query(decide, [id, "{}", by]), /violates check constraint/, by);
    }
    const giant = JSON.stringify({ verb: "guide", text: "x".repeat(3_000_000) });
    await assert.rejects(() => submitter.query(decide, [id, giant, "me"]), /violates check constraint/);
    for (const name of ["../x", "x/y", "-x", ".x", "x\ny", "x\x1b[2J"]) {
      await assert.rejects(() => submitRow(submitter, { name }), /violates check constraint/, name);
    }
  },
);

postgresTest("a worker writes nothing that another's pg-boss or its owner would run", async (postgres) => {
  await using team = await Team.make(postgres);
  const [worker, other] = [await team.as("shop", "worker"), await team.as("api", "worker")];
  await enqueueWanted(worker);
  await denied(
    worker,
    "insert into samocode_queue.bam (name, version, status, table_name, command) values ('x', 1, 'pending', 'x', 'drop')",
  );
  await denied(worker, "update samocode_queue.version set version = 0");
  for (
    const set of [
      ...["table_name = 'job_common where false; drop table samocode.act; --'", "partition = true"],
      ...["name = 'x''; drop table samocode.act; --'", "policy = 'standard'"],
    ]
  ) {
    await assert.rejects(
      () => worker.query(`update samocode_queue.queue set ${set}`),
      /violates check constraint/,
      set,
    );
  }
  await assert.rejects(
    () =>
      worker.query("select samocode_queue.create_queue('x', $1)", [
        JSON.stringify({ policy: "stately", partition: true, retryLimit: 1, retryDelay: 1, expireInSeconds: 1 }),
      ]),
    /violates|permission denied|must be owner/,
  );
  const name =
    "insert into samocode.worker (name, pool, labels, accounts, slots, version) values ('a', 'x', '{}', '{}', 1, '')";
  await worker.query(name);
  assert.equal((await other.query("update samocode.worker set drains = true")).count, 0, "another's does not drain");
  assert.equal((await other.query("delete from samocode.worker")).count, 0);
  assert.equal((await worker.query("update samocode.worker set drains = true")).count, 1);
  // A worker's rights suffice to detect dead workers.
  assert.ok(await claim(worker, claimant("a")));
  await team.owner.query(
    "update samocode_queue.job set heartbeat_on = now() - interval '1 minute' where state = 'active'",
  );
  await other.queue.supervise();
  const { rows } = await team.owner.query("select state from samocode_queue.job where name like '1/%'");
  assert.deepEqual(rows, [{ state: "retry" }]);
});

postgresTest("rows with names that no queue may have are refused", async (postgres) => {
  await using team = await Team.make(postgres);
  const submitter = await team.as("shop", "submitter");
  for (const word of ["", "a/b", "x'; drop table samocode.session", "-x", "é", "a\nb", "x".repeat(61)]) {
    for (
      const [column, value] of [["pool", word], ["account", word], ["labels", ["good", word]]] as const
    ) {
      await assert.rejects(
        () => submitRow(submitter, { name: "strange", [column]: value }),
        /violates check constraint/,
        `${column} ${word}`,
      );
    }
  }
});

postgresTest("grantRole() names what is missing", async (postgres) => {
  await using team = await Team.make(postgres);
  const { owner } = team;
  const kind = "worker";
  await assert.rejects(() => grantRole(owner, { role: "no one", project: "shop", kind }), /the role does not exist/);
  await assert.rejects(
    () => grantRole(owner, { role: "shop_worker", project: "none", kind }),
    /Cannot find the project none/,
  );
  await assert.rejects(
    () => grantRole(owner, { role: "samocode_worker", project: "shop", kind }),
    /one of the fleet's groups/,
  );
  for (const project of ["../x", "a b", "con", ""]) {
    await assert.rejects(
      () => grantRole(owner, { role: "shop_worker", project, kind, repository: "/repositories/new" }),
      /as the name of a project/,
    );
  }
  await grantRole(owner, { role: "shop_worker", project: "new", kind, repository: "/repositories/new" });
  await assert.rejects(
    () => grantRole(owner, { role: "shop_worker", project: "new", kind, repository: "/repositories/other" }),
    /it has another repository in the fleet/,
  );
  const worker = await team.as("shop", "worker");
  assert.equal(await countIn(worker, "project"), 2);
  await assert.rejects(
    () => grantRole(worker, { role: "shop_worker", project: "api", kind }),
    /Cannot find the project/,
  );
  await assert.rejects(() => grantRole(worker, { role: "shop_reader", project: "shop", kind }), DENIED);
});

postgresTest("initFleet() without the right to create roles says what to ask for", async (postgres) => {
  const { name } = await postgres.database();
  await postgres.sql(`create role plain_owner login password 'pw'; alter database ${name} owner to plain_owner;
    alter role samocode_worker rename to kept_worker`);
  const env = { SAMOCODE_FLEET: postgres.urlFor({ database: name, user: "plain_owner", password: "pw" }) };
  try {
    await assert.rejects(() => initFleet(env), {
      message: "Cannot set up the fleet: your role may not create roles",
      hint: "Ask the administrator of PostgreSQL to run: create role samocode_worker nologin;",
    });
  } finally {
    await postgres.sql("alter role kept_worker rename to samocode_worker");
  }
  assert.equal((await initFleet(env)).kind, "made");
  await using _ = await Engine.open(env, { use: "worker" });
  const { name: foreign } = await postgres.database();
  const stranger = { SAMOCODE_FLEET: postgres.urlFor({ database: foreign, user: "plain_owner", password: "pw" }) };
  await assert.rejects(() => initFleet(stranger), { hint: "Run samocode fleet init as the owner of the database" });
});
