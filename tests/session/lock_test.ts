import assert from "node:assert/strict";
import { lockHolder, readShared, takeLock } from "../../src/session/lock.ts";
import { readProcess } from "../../src/system/processes/process_table.ts";
import { allAtOnce, SessionProgram, startPrograms } from "../helpers/session_program.ts";
import { localMoment } from "../../src/text/format.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const NOW = new Date("2026-11-20T05:00:00.000Z");
const SELF = { pid: Deno.pid, startId: readProcess(Deno.pid)?.startId ?? "", since: "2026-11-20T05:00:00.000Z" };

Deno.test("takeLock() names this process while it is held and nobody afterwards", async () => {
  using temp = new TempFolder();
  const path = temp.at("lock");
  assert.equal(lockHolder(path), undefined);
  {
    using _lock = await takeLock(path, { session: "session", now: NOW });
    assert.deepEqual(lockHolder(path), SELF);
  }
  assert.equal(lockHolder(path), undefined);
  using _again = await takeLock(path, { session: "session", now: NOW });
  assert.deepEqual(lockHolder(path), SELF);
});

Deno.test("takeLock() refuses while a living process holds it, and says which", async () => {
  using temp = new TempFolder();
  using _lock = await takeLock(temp.at("lock"), { session: "session", now: NOW });
  const before = Deno.readTextFileSync(temp.at("lock"));
  await assert.rejects(takeLock(temp.at("lock"), { session: "session" }), {
    name: "SamocodeError",
    code: "conflict",
    message: `Cannot work on this session: it is locked by process ${Deno.pid} since ${
      localMoment("2026-11-20T05:00:00.000Z")
    }`,
    hint: "Watch it, or stop it",
  });
  assert.equal(Deno.readTextFileSync(temp.at("lock")), before);
});

Deno.test("takeLock() takes the place of a holder that is gone, or that nobody can read", async () => {
  using temp = new TempFolder();
  const dead = new Deno.Command(Deno.execPath(), { args: ["--version"], stdout: "null" }).spawn();
  await dead.status;
  const text = JSON.stringify(SELF);
  const locks: readonly string[] = [
    "",
    "\n",
    "garbage",
    "null",
    "[]",
    "\u0000".repeat(100),
    "x".repeat(100_000),
    JSON.stringify({ ...SELF, pid: dead.pid }),
    // The number was given again: another process, another start.
    JSON.stringify({ ...SELF, startId: `${SELF.startId}0` }),
    JSON.stringify({ ...SELF, pid: 0 }),
    JSON.stringify({ ...SELF, pid: -1 }),
    JSON.stringify({ ...SELF, pid: 1.5 }),
    JSON.stringify({ ...SELF, pid: "1/../self" }),
    ...Array.from({ length: text.length }, (_, length) => text.slice(0, length)),
  ];
  for (const [index, content] of locks.entries()) {
    const path = temp.file(`lock${index}`, content);
    assert.equal(lockHolder(path), undefined, content);
    using _lock = await takeLock(path, { session: "session", now: NOW });
    assert.deepEqual(lockHolder(path), SELF, content);
  }
});

Deno.test("takeLock() releases only its own lock, and none if the folder is gone", async () => {
  using temp = new TempFolder();
  const folder = temp.folder("session");
  const other = JSON.stringify({ ...SELF, startId: "another" });
  const lock = await takeLock(`${folder}/lock`, { session: "session", now: NOW });
  Deno.writeTextFileSync(`${folder}/lock`, other);
  lock[Symbol.dispose]();
  assert.equal(Deno.readTextFileSync(`${folder}/lock`), other);
  const second = await takeLock(`${folder}/lock`, { session: "session", now: NOW });
  Deno.removeSync(folder, { recursive: true });
  second[Symbol.dispose]();
  assert.deepEqual(temp.names(), []);
});

Deno.test("takeLock() lets one of 8 processes win, round after round", async () => {
  using temp = new TempFolder();
  const path = temp.at("lock");
  const programs = await startPrograms(Array.from({ length: 8 }, () => ({ do: "lock", path })));
  try {
    for (let round = 0; round < 40; round++) {
      // Every other round begins with a dead holder, whose place all want.
      if (round % 2 === 1) Deno.writeTextFileSync(path, JSON.stringify({ ...SELF, startId: "dead" }));
      const answers = await allAtOnce(programs);
      const winner = programs[answers.indexOf("taken")];
      assert.ok(winner !== undefined, JSON.stringify(answers));
      const refusal = `Cannot work on this session: it is locked by process ${winner.pid} since ${
        localMoment(lockHolder(path)?.since ?? "")
      }`;
      assert.deepEqual(answers, programs.map((program) => program === winner ? "taken" : refusal));
      await winner.go();
      assert.equal(await winner.answer(), "released");
    }
  } finally {
    for (const program of programs) await program[Symbol.asyncDispose]();
  }
});

Deno.test("takeLock() takes over from a process that was killed while it held the lock", async () => {
  using temp = new TempFolder();
  const path = temp.at("lock");
  await using program = new SessionProgram({ do: "lock", path });
  await program.answer();
  await program.go();
  assert.equal(await program.answer(), "taken");
  assert.equal(lockHolder(path)?.pid, program.pid);
  await assert.rejects(takeLock(path, { session: "session" }), new RegExp(`locked by process ${program.pid} since`));
  await program.kill();
  assert.equal(lockHolder(path), undefined);
  using _lock = await takeLock(path, { session: "session" });
});

Deno.test("readShared() reads what a lock holds, as Windows needs it, and nothing if there is no file", async () => {
  using temp = new TempFolder();
  const path = temp.at("lock");
  assert.equal(readShared(path), undefined);
  assert.equal(readShared(temp.folder("folder")), undefined);
  using _lock = await takeLock(path, { session: "session", now: NOW });
  const bytes = readShared(path) ?? assert.fail("nothing was read");
  assert.deepEqual(JSON.parse(new TextDecoder().decode(bytes)), SELF);
});

Deno.test("takeLock() refuses a folder, a pipe and a link in the lock's place", async () => {
  using temp = new TempFolder();
  temp.folder("folder");
  temp.pipe("pipe");
  const elsewhere = temp.file("elsewhere", "mine\n");
  Deno.symlinkSync(elsewhere, temp.at("link"));
  for (const name of ["folder", "pipe", "link"]) {
    await assert.rejects(takeLock(temp.at(name), { session: "session" }), {
      name: "SamocodeError",
      code: "system",
      message: `Cannot use the lock ${temp.at(name)}: not a regular file`,
    });
    assert.equal(lockHolder(temp.at(name)), undefined);
  }
  assert.equal(Deno.readTextFileSync(elsewhere), "mine\n");
});

Deno.test({
  name: "takeLock() names a process that holds the file lock without a record, and does not wait for it",
  // What nobody waits for any more may be given the lock after the test.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: namesHolder,
});

async function namesHolder(): Promise<void> {
  using temp = new TempFolder();
  const path = temp.at("lock");
  const held = Deno.openSync(`${path}.held`, { write: true, create: true });
  held.close();
  const foreign = new Deno.Command("flock", { args: ["--no-fork", `${path}.held`, "sleep", "60"] }).spawn();
  try {
    for (let look = 0; look < 500 && !isLocked(`${path}.held`); look++) {
      await new Promise((wake) => setTimeout(wake, 10));
    }
    await assert.rejects(takeLock(path, { session: "session" }), {
      code: "conflict",
      message: /^Cannot work on session: (?:process \d+|a process that cannot be seen here.*) holds its lock /,
    });
    assert.equal(lockHolder(path), undefined);
  } finally {
    foreign.kill("SIGKILL");
    await foreign.status;
  }
  using _lock = await takeLock(path, { session: "session" });
}

function isLocked(path: string): boolean {
  return !new Deno.Command("flock", { args: ["--nonblock", path, "true"] }).outputSync().success;
}
