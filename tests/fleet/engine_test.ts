import assert from "node:assert/strict";
import { join } from "node:path";
import { Engine } from "../../src/fleet/engine.ts";
import { EngineOutage } from "../../src/fleet/engine_errors.ts";
import { initFleet } from "../../src/fleet/init_fleet.ts";
import { beat, claim, enqueueWanted, settle } from "../../src/fleet/lease.ts";
import { SamocodeError } from "../../src/text/errors.ts";
import { claimant, submitRow } from "../helpers/fleet_rows.ts";
import { Cable } from "../helpers/cable.ts";
import { postgresTest, slowPostgresTest, TestPostgres } from "../helpers/postgres.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const PERSON = { use: "person" } as const;

/** The error as a person sees it, and all its parts as text, to check that no secret is in it. */
async function refusalOf(
  work: () => Promise<unknown>,
): Promise<{ readonly error: SamocodeError; readonly all: string }> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SamocodeError)) throw error;
    return { error, all: [error.message, error.hint, error.stack, Deno.inspect(error.cause, { depth: 9 })].join("\n") };
  }
  throw new Error("it was not refused");
}

/** Waits for a condition; fails after 30 seconds. */
async function waitUntil(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    assert.ok(tries < 1_500, "it never came");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

postgresTest(
  "Engine.open() refuses a wrong CA, name, user, password or database without showing the password",
  async (postgres) => {
    await using other = await TestPostgres.start();
    const password = decodeURIComponent(new URL(postgres.url).password);
    const strange: readonly (readonly [url: string, message: RegExp])[] = [
      [postgres.url.replace(postgres.ca, other.ca), /Cannot trust the fleet/],
      [postgres.url.replace(/&sslrootcert=.*/, ""), /Cannot trust the fleet/],
      [postgres.url.replace("localhost", "127.0.0.2"), /Cannot (?:trust|reach) the fleet/],
      [postgres.url.replace(/:p-[^@]*@/, "@"), /wants a password, and SAMOCODE_FLEET has none/],
      [postgres.urlFor({ user: "nobody" }), /Cannot open the fleet at nobody@/],
      [
        postgres.urlFor({ password: `${password}x` }),
        /Cannot open the fleet at samocode@.*password authentication failed/,
      ],
      [postgres.urlFor({ database: "none" }), /Cannot open the fleet.*"none" does not exist/],
      [postgres.urlFor({ port: 1 }), /Cannot reach the fleet/],
      [postgres.url.replace("verify-full", "disable").replace(/&sslrootcert=.*/, ""), /no pg_hba.conf entry/],
      [postgres.url.replace(postgres.ca, "/nonexistent/ca.crt"), /Cannot read \/nonexistent\/ca.crt/],
    ];
    for (const [url, message] of strange) {
      const { error, all } = await refusalOf(() => Engine.open({ SAMOCODE_FLEET: url }, PERSON));
      assert.match(error.message, message);
      assert.notEqual(error.hint, "");
      assert.equal(all.includes(password), false, error.message);
    }
  },
);

postgresTest("Engine.open() speaks TLS, by name and by address", async (postgres) => {
  const { env, url } = await postgres.fleet();
  for (const address of [url, url.replace("localhost", "127.0.0.1")]) {
    await using engine = await Engine.open({ ...env, SAMOCODE_FLEET: address }, PERSON);
    const { rows } = await engine.query("select ssl, version from pg_stat_ssl where pid = pg_backend_pid()");
    assert.deepEqual(rows, [{ ssl: true, version: "TLSv1.3" }]);
  }
});

postgresTest(
  "Engine.open() refuses a database without a schema, or with another, and says what mends it",
  async (postgres) => {
    const { name, url } = await postgres.database();
    const env = { SAMOCODE_FLEET: url };
    const none = await refusalOf(() => Engine.open(env, PERSON));
    assert.match(none.error.message, /it is not set up/);
    assert.match(none.error.hint, /samocode fleet init/);
    assert.equal((await initFleet(env)).kind, "made");
    assert.equal((await initFleet(env)).kind, "renewed");
    await (await Engine.open(env, { use: "worker" }))[Symbol.asyncDispose]();
    await postgres.sql("update samocode.about set version = 99", { database: name });
    const newer = await refusalOf(() => Engine.open(env, PERSON));
    assert.match(newer.error.message, /its schema version is 99, but this samocode needs 1/);
    assert.equal(newer.error.hint, "Update samocode on this machine");
    assert.match((await refusalOf(() => initFleet(env))).error.hint, /This samocode only knows version 1/);
    await postgres.sql("update samocode.about set version = 0", { database: name });
    assert.match((await refusalOf(() => Engine.open(env, PERSON))).error.hint, /samocode fleet init/);
  },
);

postgresTest("a transaction is undone by what is thrown in it, and its connection is used again", async (postgres) => {
  const { env } = await postgres.fleet();
  await using engine = await Engine.open(env, { ...PERSON, maxConnections: 1 });
  await engine.query("create table mine (n int)");
  for (let n = 0; n < 3; n++) {
    await assert.rejects(
      () =>
        engine.transaction(async ({ query }) => {
          await query("insert into mine values ($1)", [n]);
          throw new Error("changed my mind");
        }),
      /changed my mind/,
    );
    await assert.rejects(() => engine.transaction(({ query }) => query("select 1 / 0")), /division by zero/);
  }
  assert.equal(
    await engine.transaction(async ({ query }) => (await query("insert into mine values (1), (2)")).count),
    2,
  );
  assert.deepEqual((await engine.query("select n from mine order by n")).rows, [{ n: 1 }, { n: 2 }]);
});

postgresTest(
  "engine and listener survive a crash of PostgreSQL, and whoever listens looks at everything again",
  async () => {
    // Use a separate server: other tests use the shared one.
    await using postgres = await TestPostgres.start();
    const { env } = await postgres.fleet();
    await using engine = await Engine.open(env, { use: "worker" });
    await submitRow(engine, { name: "add-jwt" });
    await enqueueWanted(engine);
    const lease = await claim(engine, claimant("a"));
    assert.ok(lease);
    const heard: string[] = [];
    await using _ = await engine.listen(
      ["mine", 'odd "name"'],
      (channel, payload) => heard.push(`${channel}:${payload}`),
    );
    assert.deepEqual(heard, [":"]);
    await engine.query("select pg_notify('mine', 'one'), pg_notify('odd \"name\"', 'two'), pg_notify('other', 'x')");
    await waitUntil(() => heard.length === 3);
    assert.deepEqual(heard.splice(0), [":", "mine:one", 'odd "name":two']);

    // The crash hits one connection between statements and another one during a statement.
    const asleep = assert.rejects(() => engine.query("select pg_sleep(60)"), EngineOutage);
    await postgres.stop("immediate");
    await asleep;
    const { error } = await refusalOf(() => engine.query("select 1"));
    assert.ok(error instanceof EngineOutage);
    await assert.rejects(() => engine.transaction(() => Promise.resolve()), EngineOutage);
    await assert.rejects(() => beat(engine, [lease]), EngineOutage);
    await assert.rejects(() => settle(engine, lease, { state: "done", detail: "" }), EngineOutage);
    await postgres.start();
    assert.deepEqual(await beat(engine, [lease]), new Set([lease.id]));
    await waitUntil(() => heard.includes(":"));
    await engine.query("select pg_notify('mine', 'three')");
    await waitUntil(() => heard.includes("mine:three"));
    await settle(engine, lease, { state: "done", detail: "" });
  },
);

postgresTest("a listener that is disposed hears no more, and an engine ends while it listens", async (postgres) => {
  const { env } = await postgres.fleet();
  const engine = await Engine.open(env, PERSON);
  const heard: string[] = [];
  const listener = await engine.listen(["mine"], (_, payload) => heard.push(payload));
  await listener[Symbol.asyncDispose]();
  await engine.listen(["mine"], () => {});
  await engine.query("select pg_notify('mine', 'late')");
  await engine[Symbol.asyncDispose]();
  assert.deepEqual(heard, [""]);
  assert.equal(await postgres.sql("select count(*) from pg_stat_activity where application_name = 'samocode'"), "0");
});

postgresTest("a program that uses the fleet and closes it ends by itself", async (postgres) => {
  const { env } = await postgres.fleet();
  const engine = join(import.meta.dirname ?? ".", "..", "..", "src", "fleet", "engine.ts");
  const program = `
    const { Engine } = await import(${JSON.stringify(`file://${engine}`)});
    await using engine = await Engine.open(Deno.env.toObject(), { use: "worker" });
    await engine.listen(["mine"], () => {});
    await Promise.all([1, 2, 3].map(() => engine.query("select pg_sleep(0.05)")));
    console.log("closing");`;
  const args = ["eval", "--quiet", program];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: join(import.meta.dirname ?? ".", "..", ".."),
    env: { ...env, HOME: Deno.env.get("HOME") ?? "" },
    signal: AbortSignal.timeout(30_000),
  }).output();
  const text = new TextDecoder();
  assert.deepEqual([code, text.decode(stdout)], [0, "closing\n"], text.decode(stderr));
});

postgresTest("transaction() is done again where two wait for each other", async (postgres) => {
  const { env } = await postgres.fleet();
  await using engine = await Engine.open(env, PERSON);
  await engine.query("insert into samocode.account values ('one', 0), ('two', 0)");
  const met = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  let tries = 0;
  const add = async ([first, second]: readonly [string, string], [own, others]: Met): Promise<void> => {
    await engine.transaction(async (transaction) => {
      tries++;
      const statement = "update samocode.account set max_sessions = max_sessions + 1 where name = $1";
      await transaction.query(statement, [first]);
      own.resolve();
      await others.promise;
      await transaction.query(statement, [second]);
    });
  };
  await Promise.all([add(["one", "two"], met), add(["two", "one"], [met[1], met[0]])]);
  const { rows } = await engine.query("select name, max_sessions from samocode.account order by name");
  assert.deepEqual(rows, [{ name: "one", max_sessions: 2 }, { name: "two", max_sessions: 2 }]);
  // PostgreSQL may roll back both, if both detect the deadlock at the same time.
  assert.ok(tries > 2, `${tries} tries`);
});

type Met = readonly [own: PromiseWithResolvers<void>, others: PromiseWithResolvers<void>];

slowPostgresTest(
  "a connection that is cut in the middle of its handshake fails, and leaves its place to the next",
  async (postgres) => {
    const { name } = await postgres.fleet();
    using temp = new TempFolder();
    await using cable = new Cable(temp.path, postgres.port);
    const env = { SAMOCODE_FLEET: postgres.urlFor({ database: name, port: cable.port }) };
    await using engine = await Engine.open(env, { use: "person", maxConnections: 1 });
    // Make the pool lose its only connection.
    await assert.rejects(engine.query("select pg_terminate_backend(pg_backend_pid())"));
    cable.cutAfter(1);
    await assert.rejects(engine.query("select 1"), EngineOutage);
    cable.mend();
    assert.equal((await engine.query("select 1")).count, 1);
  },
);
