import assert from "node:assert/strict";
import { openOrCreate } from "../../src/operations/start_session.ts";
import { loadSamocode } from "../../src/operations/samocode.ts";
import { LEASE_MS } from "../../src/fleet/contract.ts";
import { lineOf, lineReader, machineMs, readFromSession, readToSession } from "../../src/fleet/session_lines.ts";
import type { FromSession, ToSession } from "../../src/fleet/contract.ts";
import { sweep } from "../../src/system/processes/end_processes.ts";
import { slowTest } from "../helpers/slow.ts";
import { TempProject } from "../helpers/temp_project.ts";

/** A session's process whose streams the test reads and writes. */
class HeldSession implements AsyncDisposable {
  readonly asked: FromSession[] = [];
  readonly strange: string[] = [];
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #read: Promise<void>;
  #heard = Promise.withResolvers<void>();

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#input = child.stdin.getWriter();
    this.#read = this.#listen();
  }

  static async start(project: TempProject): Promise<HeldSession> {
    const env = { ...project.env, SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "200" };
    const [program = "", ...before] = project.program;
    const self = [program, ...before];
    const samocode = loadSamocode({
      ...{
        env,
        self,
        workingDirectory: project.root,
        config: undefined,
        flags: {},
        version: "1.0.0",
        shippedRoot: "/",
      },
    });
    const { folder } = await openOrCreate(samocode, "top", { task: "Add --top", dive: undefined });
    folder[Symbol.dispose]();
    const child = new Deno.Command(program, {
      args: [...before, "session-worker", "--leased", "--no-hand-edits", "--session", "top"],
      cwd: project.root,
      clearEnv: true,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    return new HeldSession(child);
  }

  /** Answers barriers up to the first one of this type, which stays unanswered. */
  async passUntil(type: string): Promise<FromSession> {
    for (let next = 0;;) {
      const asked = this.asked[next];
      if (asked === undefined) {
        await this.#heard.promise;
        this.#heard = Promise.withResolvers();
        continue;
      }
      if (asked.type === type) return asked;
      next++;
      await this.say({ passed: asked.barrier });
    }
  }

  async say(message: ToSession): Promise<void> {
    await this.#input.write(new TextEncoder().encode(lineOf(message)));
  }

  async close(): Promise<void> {
    await this.#input.close();
  }

  async ended(): Promise<number> {
    await this.#read;
    return (await this.#child.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // The process has ended.
    }
    await this.#input.close().catch(() => {});
    await this.ended();
  }

  async #listen(): Promise<void> {
    const read = lineReader((line) => {
      const asked = readFromSession(line);
      if (asked === undefined) this.strange.push(line);
      else this.asked.push(asked);
      this.#heard.resolve();
    });
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) read(text);
  }
}

Deno.test("a leased session starts no agent before its worker lets it pass, and ends it when that is gone", async () => {
  using project = new TempProject();
  await using session = await HeldSession.start(project);
  await session.say({ beat: machineMs() });
  const { barrier } = await session.passUntil("iteration.started");
  const seen = project.events();
  assert.equal(seen.at(-1)?.seq, barrier);
  assert.equal(seen.some(({ type }) => type === "iteration.started"), false);
  await session.say({ passed: barrier });
  await project.until((events) => events.some(({ type }) => type === "agent.acted"));
  const marker = markerOf(project);
  await session.close();
  assert.equal(await session.ended(), 130);
  assert.deepEqual(outcomeOf(project), { kind: "stopped", by: "the fleet: its worker is gone" });
  assert.deepEqual(await sweep(marker), [], "its agent was ended");
  assert.deepEqual(session.strange, [], "nothing else is on the stream");
  assert.equal(Deno.readTextFileSync(`${project.sessionFolder()}/_journal.jsonl`).includes("session.recovered"), false);
});

Deno.test("a leased session that is handed over stops before its next iteration, and records none", async () => {
  using project = new TempProject();
  await using session = await HeldSession.start(project);
  await session.say({ beat: machineMs() });
  await session.passUntil("iteration.started");
  await session.say({ end: "the fleet: one is draining" });
  await session.ended();
  assert.deepEqual(outcomeOf(project), { kind: "stopped", by: "the fleet: one is draining" });
  assert.equal(project.attempts().length, 0);
});

slowTest(
  "a leased session without beats ends its agent before its lease does, whatever old beats it reads",
  async () => {
    using project = new TempProject();
    await using session = await HeldSession.start(project);
    await session.say({ beat: machineMs() });
    const { barrier } = await session.passUntil("iteration.started");
    await session.say({ passed: barrier });
    await project.until((events) => events.some(({ type }) => type === "agent.acted"));
    const last = machineMs();
    await session.say({ beat: last });
    const old = setInterval(() => void session.say({ beat: last }).catch(() => {}), 1_000);
    await project.until((events) => events.some(({ type }) => type === "iteration.ended"));
    clearInterval(old);
    const passed = machineMs() - last;
    assert.ok(passed >= LEASE_MS.surrender && passed < LEASE_MS.expires, `after ${passed} ms`);
    await session.ended();
    assert.deepEqual(outcomeOf(project), { kind: "stopped", by: "the fleet: its lease has expired" });
    assert.deepEqual(await sweep(markerOf(project)), []);
  },
);

Deno.test("lines between a worker and a session's process are read, however they are cut, and nothing else", () => {
  const lines: string[] = [];
  const read = lineReader((line) => lines.push(line));
  for (const part of ['{"beat"', ":1}\n{}\n", "x".repeat(200_000), "\n", '{"end":"so"}\n{"passed":', "2}\n"]) {
    read(part);
  }
  assert.deepEqual(lines.map(readToSession), [{ beat: 1 }, undefined, undefined, { end: "so" }, { passed: 2 }]);
  assert.deepEqual(['{"barrier":1,"type":"x"}', '{"barrier":"1","type":"x"}', "[]", "null", "{"].map(readFromSession), [
    { barrier: 1, type: "x" },
    ...[undefined, undefined, undefined, undefined],
  ]);
});

function outcomeOf(project: TempProject): unknown {
  const end = project.events().at(-1);
  return end?.type === "session.stopped" ? end.outcome : end;
}

function markerOf(project: TempProject): string {
  const started = project.events().findLast(({ type }) => type === "iteration.started");
  return started?.type === "iteration.started" ? started.marker : "";
}
