import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { statusOf } from "../../src/operations/read_status.ts";
import type { Status } from "../../src/operations/status.ts";
import { SessionFolder } from "../../src/session/session_folder.ts";
import { describeEvent } from "../../src/messages/describe_event.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import { stateFolder } from "../../src/system/user_folders.ts";
import { NO_USAGE } from "../../src/workflow/usage.ts";
import { eventLine } from "../../src/workflow/event_line.ts";
import { CommandLine } from "../cli/command_line.ts";

const CREATED: SessionEvent = { type: "session.created", name: "top", task: "Add --top", dive: "" };
const STARTED: SessionEvent = { type: "session.started", provider: "demo", version: "1", pid: 1 };

function stopped(outcome: Extract<SessionEvent, { type: "session.stopped" }>["outcome"]): SessionEvent {
  return { type: "session.stopped", outcome };
}

/** Writes a session as its journal has it. */
function record(
  line: CommandLine,
  events: readonly SessionEvent[],
  name = "26-01-02-top",
  at: (index: number) => string = () => "2026-01-02T03:04:05.000Z",
): { readonly lock: string } {
  const folder = join(line.project.root, "sessions", name);
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(
    join(folder, "_journal.jsonl"),
    events.map((event, index) => eventLine({ ...event, seq: index + 1, at: at(index) })).join(""),
  );
  return { lock: line.project.own(folder) };
}

/** Makes a process hold a session's lock: `running` for as long as this one lives. */
function hold({ lock }: { readonly lock: string }): void {
  const fields = Deno.readTextFileSync("/proc/self/stat").split(") ")[1]?.split(" ") ?? [];
  const boot = Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
  const holder = { pid: Deno.pid, startId: `${boot}/${fields[19]}`, since: "2026-01-02T03:04:05.000Z" };
  Deno.writeTextFileSync(lock, JSON.stringify(holder));
}

Deno.test("a worker that came to its end after the journal was read has not died", async () => {
  using line = new CommandLine();
  record(line, [CREATED, STARTED]);
  const path = join(line.project.root, "sessions", "26-01-02-top");
  const options = { stateFolder: stateFolder(line.project.env) };
  using seen = SessionFolder.open(path, { ...options, readOnly: true });
  assert.equal(statusOf(seen).state, "crashed");
  {
    using worker = SessionFolder.open(path, options);
    using _lock = await worker.lock();
    worker.journal.append(stopped({ kind: "done", summary: "Done" }));
  }
  assert.equal(seen.holder, undefined);
  assert.equal(statusOf(seen).state, "running", "as it was when the journal was read");
  seen.journal.refresh();
  assert.equal(statusOf(seen).state, "done");
});

interface Case {
  readonly events: readonly SessionEvent[];
  readonly held?: boolean;
  readonly state: string;
  readonly needs?: string;
  readonly shows: RegExp;
}

const CASES: Readonly<Record<string, Case>> = {
  "running": {
    events: [CREATED, STARTED],
    held: true,
    state: "running",
    shows: /^● running[^]*next {2}samocode status top --watch\n {2}next {2}samocode stop top\n$/,
  },
  "crashed": {
    events: [CREATED, STARTED],
    state: "crashed",
    shows: /^✗ crashed[^]*The worker died; run the session again to continue[^]*next {2}samocode run top\n$/,
  },
  "waiting for what no gate guards": {
    events: [CREATED, STARTED, stopped({ kind: "waiting", for: "file_update", gate: undefined, detail: "a file" })],
    state: "waiting",
    needs: "unblock",
    shows: /^◆ waiting[^]*Why {5}a file\n[^]*next {2}samocode run top\n {2}next {2}samocode phase top PHASE\n$/,
  },
  "blocked": {
    events: [CREATED, STARTED, stopped({ kind: "blocked", reason: "No key", needs: "clarification" })],
    state: "blocked",
    needs: "unblock",
    shows: /^■ blocked[^]*Why {5}No key\n[^]*next {2}samocode guide top "what/,
  },
  "blocked by its budget": {
    events: [CREATED, STARTED, stopped({ kind: "blocked", reason: "Too dear", needs: "budget" })],
    state: "blocked",
    needs: "budget",
    shows: /next {2}samocode raise top\n {2}next {2}samocode run top\n$/,
  },
  "done": {
    events: [CREATED, STARTED, stopped({ kind: "done", summary: "All of it" })],
    state: "done",
    shows:
      /^✓ done[^]*Summary {1}All of it\n[^]*Folder [^\n]*\n\n {2}next {2}samocode continue top --task "what to do"\n$/,
  },
  "failed": {
    events: [CREATED, STARTED, stopped({ kind: "failed", reason: "No agent" })],
    state: "failed",
    shows:
      /^✗ failed[^]*No agent[^]*next {2}samocode doctor\n {2}next {2}samocode logs top\n {2}next {2}samocode run top\n$/,
  },
  "stopped": {
    events: [CREATED, STARTED, stopped({ kind: "stopped", by: "you" })],
    state: "stopped",
    shows: /^‖ stopped[^]*Stopped by you[^]*next {2}samocode run top\n$/,
  },
  "not begun": { events: [CREATED], state: "stopped", shows: /^‖ stopped[^]*It has not started/ },
};

for (const [name, { events, held = false, state, needs = "none", shows }] of Object.entries(CASES)) {
  Deno.test(`status shows a session that is ${name}, in words, in colour and as one line of JSON`, async () => {
    using line = new CommandLine();
    const session = record(line, events);
    if (held) hold(session);
    const { code, out, error } = await line.type(["status", "top"]);
    assert.deepEqual({ code, error }, { code: 0, error: "" });
    assert.match(out, shows);
    assert.doesNotMatch(out, /[^\P{Cc}\n]/u);
    const colored = (await line.type(["status", "top"], { color: true })).out;
    assert.notEqual(colored, out);
    // deno-lint-ignore no-control-regex -- the colours themselves
    assert.equal(colored.replace(/\x1b\[\d+m/g, ""), out);
    const json = (await line.type(["status", "top", "--json"])).out;
    assert.match(json, /^[^\n]+\n$/);
    const status = JSON.parse(json);
    assert.deepEqual({ session: status.session, state: status.state, needs: status.needs, task: status.task }, {
      session: "top",
      state,
      needs,
      task: "Add --top",
    });
    // While it runs, time passes.
    const still = ({ elapsedMs, ...rest }: Status) => ({ ...rest, ...(!held && { elapsedMs }) });
    const watched = (await line.type(["status", "top", "--watch", "--json"], held ? stopAtFirst : {})).out;
    assert.deepEqual(still(JSON.parse(watched)), still(status));
    const [{ project, ...listed }] = JSON.parse((await line.type(["list", "--json"])).out);
    assert.deepEqual([project, still(listed)], ["repo", still(status)]);
    assert.match((await line.type(["list"])).out, new RegExp(`^STATE .*\n. ${state} +top `));
  });
}

const stopAtFirst = { onWrite: (_: string, raise: (name: Deno.Signal) => void): void => raise("SIGINT") };

Deno.test("list shows the newest first, and status without a name the same", async () => {
  using line = new CommandLine();
  const done = stopped({ kind: "done", summary: "All of it" });
  record(line, [CREATED, STARTED, done], "26-01-02-old");
  record(line, [CREATED], "26-03-02-new");
  Deno.mkdirSync(join(line.project.root, "sessions", "26-04-02-no-session"));
  Deno.mkdirSync(join(line.project.root, "sessions", ".hidden"));
  const { out } = await line.type(["list"]);
  assert.equal(
    out.replace(/\b\d+w/g, (age) => "9w".padStart(age.length)),
    "STATE      SESSION  AGE  PHASE  IT  ABOUT\n" +
      "‖ stopped  new       9w  init    0  It has not started\n" +
      "✓ done     old       9w  init    0  All of it\n",
  );
  assert.deepEqual(await line.type(["status"]), { code: 0, out, error: "" });
});

Deno.test("status bears a journal whose times go back and lie ahead of the clock, and counts no pause as longer", async () => {
  using line = new CommandLine();
  const attempt = { iteration: 1, attempt: 1, phase: "init" } as const;
  const usage = NO_USAGE;
  const end = { kind: "crashed", cause: "service", detail: "overloaded", exitCode: 1 } as const;
  const wait = {
    for: "outage",
    since: "2099-01-01T00:00:00.000Z",
    tries: 1,
    until: "2099-01-01T06:00:00.000Z",
  } as const;
  const session = record(
    line,
    [
      ...[CREATED, STARTED],
      { ...attempt, type: "iteration.started", marker: "m", log: "l" },
      { ...attempt, type: "iteration.ended", end, durationMs: 5_000, usage, denials: 0, unrecorded: 0 },
      { type: "iteration.retried", iteration: 1, attempt: 2, because: "why", delayMs: 300_000, repair: false, wait },
    ],
    "26-01-02-top",
    (index) => `2099-01-0${9 - index}T00:00:00.000Z`,
  );
  hold(session);
  const status = JSON.parse((await line.type(["status", "top", "--json"])).out);
  assert.deepEqual(
    [status.state, status.workedMs, status.wait.leftMs, status.activity],
    ["running", 5_000, 300_000, "Waiting 5m 00s in an outage (1 failure so far): why"],
  );
  assert.match((await line.type(["list"])).out, /\n● running {2}top/);
});

Deno.test("list says how to start if there is no session", async () => {
  using line = new CommandLine();
  assert.equal((await line.type(["list"])).out, 'No session yet. Start one: samocode run "what to do"\n');
  assert.equal((await line.type(["list", "--json"])).out, "[]\n");
});

Deno.test("list shows broken sessions as they are, among the others", async () => {
  using line = new CommandLine();
  const journal = (name: string): string => join(line.project.root, "sessions", name, "_journal.jsonl");
  record(line, [CREATED], "26-01-01-whole");
  record(line, [CREATED], "26-01-02-torn");
  Deno.writeTextFileSync(journal("26-01-02-torn"), '{"seq":2,"at":"2026-', { append: true });
  record(line, [], "26-01-03-empty");
  record(line, [CREATED], "26-01-04-garbage");
  Deno.writeFileSync(journal("26-01-04-garbage"), crypto.getRandomValues(new Uint8Array(4096)), { append: true });
  record(line, [], "26-01-05-folder");
  Deno.removeSync(journal("26-01-05-folder"));
  Deno.mkdirSync(journal("26-01-05-folder"));
  for (const file of ["_qa.md", "_overview.md", "11-20-0500-plan-x.md"]) {
    record(line, [CREATED], "26-01-06-unreadable");
    Deno.mkdirSync(join(line.project.root, "sessions", "26-01-06-unreadable", file), { recursive: true });
  }
  record(line, [CREATED], "26-01-07-evil\x1b[2J\u202e");
  const { code, out, error } = await line.type(["list"]);
  assert.deepEqual({ code, error }, { code: 0, error: "" });
  assert.doesNotMatch(out, /[^\P{Cc}\n]|\p{Cf}/u);
  assert.deepEqual(
    out.trimEnd().split("\n").slice(1).map((row) => row.split(/ +/).slice(1, 3)),
    [
      ["stopped", "evil"],
      ["stopped", "unreadable"],
      ["failed", "folder"],
      ["failed", "garbage"],
      ["stopped", "empty"],
      ["failed", "torn"],
      ["stopped", "whole"],
    ],
  );
  assert.match(out, /^✗ failed +folder .*Cannot read the journal/m);
  const { note } = await line.status("unreadable");
  assert.match(note, /^Cannot read .+_qa\.md: not a regular file$/);
  assert.equal((await line.status("torn")).task, "Add --top");
});

Deno.test("logs prints events in words or as in the journal", async () => {
  using line = new CommandLine();
  const events = [CREATED, STARTED, stopped({ kind: "done", summary: "All\x1b[2J of it" })];
  // Those of each model call are only in the journal.
  record(line, [...events.slice(0, 2), { type: "agent.resumed" }, ...events.slice(2)]);
  const { out } = await line.type(["logs", "top"]);
  assert.equal(out, events.map((event) => `2026-01-02T03:04:05Z  ${describeEvent(event)}\n`).join(""));
  assert.doesNotMatch(out, /[^\P{Cc}\n]/u);
  assert.equal((await line.type(["logs", "top", "--follow"])).out, out);
  assert.equal((await line.type(["logs", "top", "--json"])).out, Deno.readTextFileSync(line.path("_journal.jsonl")));
});

Deno.test("chooseSession() takes the only session in the state that a command needs, and fails if there are several", async () => {
  using line = new CommandLine();
  const waiting = stopped({ kind: "waiting", for: "human_action", gate: undefined, detail: "a key" });
  record(line, [CREATED, STARTED, waiting], "26-01-02-one");
  record(line, [CREATED, STARTED, stopped({ kind: "done", summary: "" })], "26-01-03-two");
  assert.match(
    (await line.type(["approve"])).error,
    /Cannot approve: no plan is waiting, the session is waiting in init/,
  );
  record(line, [CREATED, STARTED, waiting], "26-01-04-three");
  assert.deepEqual(await line.type(["approve"]), {
    code: 2,
    out: "",
    error: "samocode: Cannot tell which session is meant: 2 are waiting\n  Name one of three, one\n",
  });
});

Deno.test("status, list and their commands tell sessions of one name apart", async () => {
  using line = new CommandLine();
  const blocked = stopped({ kind: "blocked", reason: "No key", needs: "clarification" });
  record(line, [CREATED, STARTED, blocked], "26-01-02-top");
  record(line, [CREATED, STARTED, stopped({ kind: "done", summary: "All of it" })], "26-01-03-top");
  const listed: readonly Status[] = JSON.parse((await line.type(["list", "--json"])).out);
  assert.deepEqual(listed.map(({ session, folder }) => [session, basename(folder)]), [
    ["top", "26-01-03-top"],
    ["26-01-02-top", "26-01-02-top"],
  ]);
  assert.match(
    (await line.type(["status", "26-01-02-top"])).out,
    /^■ blocked {2}26-01-02-top [^]*guide 26-01-02-top "[^]*run 26-01-02-top\n/,
  );
  assert.match((await line.type(["status", "26-01-03-top"])).out, /^✓ done {2}top /);
  assert.match((await line.type(["status", "nobody"])).error, /The newest are top, 26-01-02-top\n/);
});

Deno.test("a command that takes the only session in a state takes that one, not a newer one of its name", async () => {
  using line = new CommandLine();
  const waiting = stopped({ kind: "waiting", for: "qa_answers", gate: "qa_answers", detail: "One question" });
  const gate = { type: "gate.reached", gate: "qa_answers", wants: undefined, document: "_qa.md", sha256: "" } as const;
  record(line, [CREATED, STARTED, gate, waiting]);
  const folder = join(line.project.root, "sessions", "26-01-02-top");
  record(line, [CREATED, STARTED, stopped({ kind: "done", summary: "All of it" })], "26-01-03-top");
  Deno.writeTextFileSync(join(folder, "_qa.md"), "### Q1: Which?\n\n**Answer:** _waiting_\n");
  const { error } = await line.type(["answer", "Q1=both"]);
  assert.equal(error, "");
  assert.match(Deno.readTextFileSync(join(folder, "_qa.md")), /both/);
});

Deno.test("elapsedMs is the time since a session was created, up to now while it is at work, else up to its last event", async () => {
  using line = new CommandLine();
  const at = (index: number) => `2026-01-02T03:0${index}:00.000Z`;
  record(line, [CREATED, STARTED, stopped({ kind: "done", summary: "All of it" })], "26-01-02-old", at);
  assert.equal((await line.status("old")).elapsedMs, 120_000);
  hold(record(line, [CREATED, STARTED], "26-01-02-top", at));
  const { elapsedMs = 0 } = await line.status("top");
  const expected = Date.now() - Date.parse(at(0));
  assert.ok(elapsedMs > expected - 60_000 && elapsedMs <= expected, `${elapsedMs} of ${expected}`);
});
