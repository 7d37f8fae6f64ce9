/**
 * The stream, by real connections: goes on at the byte, keeps up, holds no memory for whoever does not read, and ends.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { JournalRow } from "../../src/view/contract.ts";
import { openJournal } from "../helpers/own_journal.ts";
import { stateFolder } from "../../src/system/user_folders.ts";
import { slowTest } from "../helpers/slow.ts";
import { TempProject } from "../helpers/temp_project.ts";
import { type Browser, ViewServer } from "../helpers/view_page.ts";

const DEMO = { SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "0" };

/** A session at its first gate, and a way to append to its journal. */
async function atGate(project: TempProject): Promise<Disposable & { readonly append: (text: string) => void }> {
  await project.run(["run", "--session", "tally", "--task", "Count"]);
  const path = join(project.sessionFolder(), "_journal.jsonl");
  const journal = openJournal(path, { stateFolder: stateFolder(project.env) });
  return {
    append: (text) => void journal.append({ type: "agent.said", text }),
    [Symbol.dispose]: () => journal[Symbol.dispose](),
  };
}

Deno.test("an appended line reaches a browser when it is written, long before the server looks by itself", async () => {
  using project = new TempProject(DEMO);
  using gate = await atGate(project);
  await using server = await ViewServer.start(project);
  const browser = await server.open();
  const { key, journalBytes } = await browser.session();
  const stream = browser.hear(`${key}:${journalBytes}`);
  const first = [(await stream.next()).value, (await stream.next()).value];
  assert.deepEqual(first.map((message) => message?.event), ["sessions", "facts"]);
  // The server looks at a session that waits once a minute.
  const begun = performance.now();
  gate.append("note");
  for (let isThere = false; !isThere;) {
    const { value: message } = await stream.next();
    isThere = message?.event === "lines" && message.data.rows.some(({ text }: JournalRow) => text === "note");
  }
  assert.ok(performance.now() - begun < 20_000);
  await stream.return(undefined);
});

Deno.test("a stream that broke goes on at the byte, and tells no line twice", async () => {
  using project = new TempProject(DEMO);
  using gate = await atGate(project);
  await using server = await ViewServer.start(project);
  const browser = await server.open();
  const { key } = await browser.session();
  const texts: string[] = [];
  const take = (rows: readonly JournalRow[]) =>
    texts.push(...rows.map(({ text }) => /^note \d+$/.exec(text)?.[0] ?? ""));
  let id = "";
  const hearUntil = async (watch: string, last: string, headers = {}) => {
    for await (const message of browser.hear(watch, headers)) {
      ({ id } = message);
      if (message.event === "lines") take(message.data.rows);
      if (texts.includes(last)) return;
    }
  };
  gate.append("note 1");
  await hearUntil(`${key}:0`, "note 1");
  assert.match(id, new RegExp(`^${key}:\\d+$`));
  gate.append("note 2");
  gate.append("note 3");
  // The browser repeats the address, and says where it was.
  await hearUntil(`${key}:0`, "note 3", { "last-event-id": id });
  gate.append("note 4");
  await hearUntil(`${key}:0`, "note 4", { "last-event-id": id });
  assert.deepEqual(texts.filter((text) => text !== ""), ["note 1", "note 2", "note 3", "note 4"]);
  // A byte inside of a line, behind the end, and of no session.
  const end = Number(id.split(":")[1]);
  for (const watch of [`${key}:${end - 5}`, `${key}:${end + 1_000}`, "0".repeat(16), "x:y", `${key}:-1`, key]) {
    const stream = browser.hear(watch);
    assert.equal((await stream.next()).value?.event, "sessions");
    await stream.return(undefined);
  }
});

Deno.test("browsers that come and go leave nothing, and too many at once are told so", async () => {
  using project = new TempProject();
  await using server = await ViewServer.start(project);
  const browser = await server.open();
  for (let round = 0; round < 3; round++) {
    const streams = Array.from({ length: 64 }, () => browser.hear());
    await Promise.all(streams.map((stream) => stream.next()));
    assert.equal((await browser.get("/api/stream")).status, 503);
    await Promise.all(streams.map((stream) => stream.return(undefined)));
    await until(async () => {
      const { body, status } = await browser.get("/api/stream");
      await body?.cancel();
      return status === 200;
    });
  }
});

slowTest("whoever does not read takes no memory, and does not hold the server's end", async () => {
  using project = new TempProject(DEMO);
  using gate = await atGate(project);
  await using server = await ViewServer.start(project);
  const browser = await server.open();
  const { key } = await browser.session();
  using idle = await neverRead(server, browser, `/api/stream?watch=${key}:0`);
  assert.ok(idle);
  const text = "x".repeat(900);
  for (let line = 0; line < 2_000; line++) gate.append(text);
  const before = residentMb(server.pid);
  for (let line = 0; line < 20_000; line++) gate.append(text);
  await untilRead(browser, key);
  const grown = residentMb(server.pid) - before;
  assert.ok(grown < 40, `${Math.round(grown)} MB more`);
  const begun = performance.now();
  assert.equal((await server.end("SIGTERM")).code, 0);
  assert.ok(performance.now() - begun < 5_000);
});

Deno.test("without files for more connections the server pauses, and goes on", async () => {
  using project = new TempProject();
  const limited = new TempProject({}, ["sh", "-c", 'ulimit -n 90; exec "$@"', "sh", ...project.program]);
  using _limited = limited;
  await using server = await ViewServer.start(limited);
  const browser = await server.open();
  const { hostname, port } = new URL(server.origin);
  const connections: Deno.Conn[] = [];
  try {
    for (let count = 0; count < 120; count++) connections.push(await Deno.connect({ hostname, port: Number(port) }));
  } catch {
    // It takes no more.
  }
  await new Promise((wake) => setTimeout(wake, 300));
  for (const connection of connections) connection.close();
  await until(async () => {
    const answer = await browser.get("/api/sessions").catch(() => undefined);
    await answer?.body?.cancel();
    return answer?.status === 200;
  });
  assert.equal((await server.end()).code, 0);
});

/** Asks and never reads the answer. */
async function neverRead(server: ViewServer, { cookie }: Browser, path: string): Promise<Deno.Conn> {
  const { hostname, port, host } = new URL(server.origin);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(
    new TextEncoder().encode(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\ncookie: ${cookie}\r\n\r\n`),
  );
  return connection;
}

/** Resolves once the server has read a whole journal. */
async function untilRead(browser: Browser, key: string): Promise<void> {
  await until(async () =>
    (await browser.json<{ journalBytes: number }>(`/api/sessions/${key}`)).journalBytes > 20_000_000
  );
}

function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]) / 1024;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!await isSo()) {
    if (performance.now() > deadline) throw new Error("it did not come to that");
    await new Promise((wake) => setTimeout(wake, 50));
  }
}
