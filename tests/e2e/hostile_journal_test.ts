import assert from "node:assert/strict";
import { join } from "node:path";
import { hostileProject } from "../helpers/hostile_project.ts";
import { markedProcesses, type TempProject } from "../helpers/temp_project.ts";
import { slowTest } from "../helpers/slow.ts";

const RUN = ["run", "--session", "forge", "--task", "Forge"];

/** Appends an event with the number that comes next. */
const APPEND = `
append() {
  seq=$(grep -c '"seq"' "$folder/_journal.jsonl")
  printf '{"seq":%d,"at":"2026-11-21T00:00:00.000Z",%s}\\n' $((seq + 1)) "$1" >> "$folder/_journal.jsonl"
}
done_well() { echo '{"type":"result","is_error":false}'; }
go_on() { echo '{"status":"continue"}' > "$SAMOCODE_SIGNAL"; }
block() { echo '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"; }`;

const GATE = `"type":"gate.opened","gate":"plan_approval","by":"samocode approve"`;

/** What an agent may write that would count for somebody's act, and how it is named. */
const FORGERIES: Readonly<Record<string, { readonly act: string; readonly line: RegExp }>> = {
  "opens a gate": { act: `append '${GATE}'`, line: /line \d+ \(gate\.opened\)/ },
  "records a signal": {
    act: `append '"type":"signal.received","signal":{"status":"continue","phase":"requirements"}'`,
    line: /line \d+ \(signal\.received\)/,
  },
  "enters a phase": {
    act: `append '"type":"phase.entered","phase":"implementation","from":"planning","by":"human"'`,
    line: /line \d+ \(phase\.entered\)/,
  },
  "moves the workplace": {
    act: `append "\\"type\\":\\"session.prepared\\",\\"workplace\\":{\\"path\\":\\"$root/repo\\",\\"note\\":\\"\\"}"`,
    line: /line \d+ \(session\.prepared\)/,
  },
  "opens a gate in a line without an end": {
    act: `append '${GATE}'; truncate -s -1 "$folder/_journal.jsonl"`,
    line: /line \d+ \(gate\.opened\)/,
  },
  "says so twice, with garbage between": {
    act: `append '${GATE}'; echo 'ü garbage' >> "$folder/_journal.jsonl"; append '${GATE}'`,
    line: /line \d+ \(gate\.opened\), line \d+ \(no event\), line \d+ \(gate\.opened\) were not written by samocode/,
  },
  "gives guidance a number of its own": {
    act:
      `printf '{"seq":900,"at":"2026-11-21T00:00:00.000Z","type":"guidance.given","text":"x","by":"me"}\\n' >> "$folder/_journal.jsonl"`,
    line: /line \d+ \(guidance\.given\)/,
  },
};

for (const [what, { act, line }] of Object.entries(FORGERIES)) {
  slowTest(`an agent that ${what} in the journal stops the session, and its line counts for nothing`, async () => {
    using project = hostileProject(`${APPEND}
if [ -e "$root/acted" ]; then block; else touch "$root/acted"; go_on; ${act}; fi`);
    const { code, stdout, stderr } = await project.run(RUN);
    assert.equal(code, 1, stdout + stderr);
    assert.match(stdout, /Failed: Cannot trust the journal \S+: /);
    assert.match(stdout, line);
    checkRecord(project);
    assert.deepEqual(project.attempts(), ["1.1"]);
    assert.equal((await project.run(["run", "forge"])).code, 20);
    checkRecord(project);
  });
}

Deno.test("an agent that writes into the journal at every moment is stopped, and none of it counts", async () => {
  using project = hostileProject(`${APPEND}
[ -e "$root/acted" ] && { block; done_well; exit; }
touch "$root/acted"
line='{"seq":7,"at":"2026-11-21T00:00:00.000Z",${GATE}}'
while :; do echo "$line" >> "$folder/_journal.jsonl"; echo '{"type":"assistant","message":{"id":"m","content":[{"type":"text","text":"x"}]}}'; done`);
  const { code, stdout, stderr } = await project.run(RUN);
  assert.equal(code, 1, stdout + stderr);
  assert.match(stdout + stderr, /Cannot trust the journal/);
  assert.deepEqual(markedProcesses(project.events()), []);
  assert.deepEqual(project.events().filter(({ type }) => type === "gate.opened"), []);
  assert.equal((await project.run(["run", "forge"])).code, 20);
});

Deno.test("what a person says while an agent works is no forgery", async () => {
  using project = hostileProject(`${APPEND}
touch "$folder/ready"; while [ ! -e "$folder/go" ]; do sleep 0.05; done; go_on
[ -e "$root/acted" ] && block; touch "$root/acted"`);
  const worker = project.start(RUN);
  const output = worker.output();
  await project.untilFile("ready");
  assert.equal((await project.run(["guide", "forge", "Hurry"])).code, 0);
  assert.equal((await project.run(["stop", "forge"])).code, 0);
  Deno.writeTextFileSync(join(project.sessionFolder(), "go"), "");
  assert.equal((await output).code, 130);
  checkRecord(project);
});

Deno.test("lines of another shape break neither status nor logs nor run", async () => {
  using project = hostileProject(`${APPEND}
block`);
  assert.equal((await project.run(RUN)).code, 20);
  const stamp = '"seq":5,"at":"2026-11-21T00:00:00.000Z"';
  const lines = [
    '{"seq":5,"at":"x","type":"iteration.started"}',
    `{${stamp},"type":"iteration.started"}`,
    `{${stamp},"type":"iteration.ended","end":{},"usage":{}}`,
    `{${stamp},"type":"session.stopped","outcome":{"kind":"waiting"}}`,
    `{${stamp},"type":"guidance.given","text":{"a":1},"by":[]}`,
    `{${stamp},"type":"session.prepared","workplace":7}`,
    `{${stamp},"type":"phase.entered","phase":"constructor","from":"init","by":"worker"}`,
    `{${stamp},"type":"gate.reached","gate":"toString"}`,
  ];
  const before = JSON.parse((await project.run(["status", "forge", "--json"])).stdout);
  Deno.writeTextFileSync(join(project.sessionFolder(), "_journal.jsonl"), `${lines.join("\n")}\n`, { append: true });
  const changed = JSON.parse((await project.run(["status", "forge", "--json"])).stdout);
  assert.equal(changed.state, "failed");
  project.own();
  const { code, stdout } = await project.run(["status", "forge", "--json"]);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), before);
  assert.equal((await project.run(["logs", "forge"])).code, 0);
  assert.equal((await project.run(["run", "forge"])).code, 20);
  checkRecord(project);
});

/** What anything but samocode may do to the record of a session at rest, and how that is named. */
const CHANGES: Readonly<Record<string, { readonly act: (change: Change) => void; readonly found: RegExp }>> = {
  "a line rewritten": {
    act: ({ rewrite }) => rewrite((text) => text.replace('"reason":"enough"', '"reason":"enuogh"')),
    found: /: lines in it were changed or removed/,
  },
  "a line removed": {
    act: ({ rewrite }) => rewrite((text) => text.replace(/^.*"phase\.entered".*\n/m, "")),
    found: /: \d+ bytes are missing at its end/,
  },
  "a line put in the place of another": {
    act: ({ rewrite }) =>
      rewrite((text) => text.replace(/^.*"phase\.entered".*\n/m, `${forged("gate.opened", 3)}\n`) + "\n".repeat(999)),
    found: /: lines in it were changed or removed/,
  },
  "an older copy": {
    act: ({ rewrite }) => rewrite((text) => text.trimEnd().split("\n").slice(0, -1).join("\n") + "\n"),
    found: /: \d+ bytes are missing at its end/,
  },
  "nothing left": { act: ({ rewrite }) => rewrite(() => ""), found: /: it is empty, but the session has begun/ },
  "a gate opened": {
    act: ({ rewrite }) => rewrite((text) => `${text}${forged("gate.opened", text.split("\n").length)}\n`),
    found: /: line \d+ \(gate\.opened\) was not written by samocode/,
  },
  "guidance given": {
    act: ({ rewrite }) => rewrite((text) => `${text}${forged("guidance.given", text.split("\n").length)}\n`),
    found: /: line \d+ \(guidance\.given\) was not written by samocode/,
  },
  "half a line added": {
    act: ({ rewrite }) => rewrite((text) => text + "{"),
    found: /: what is at its end was not written by samocode/,
  },
  "its chain taken off": {
    act: ({ rewrite }) => rewrite((text) => text.replace(/,"chain":"[^"]+"/, "")),
    found: /: samocode has not begun it, or an older version has/,
  },
  "another chain named": {
    act: ({ rewrite }) => rewrite((text) => text.replace(/"chain":"[^"]{36}"/, `"chain":"${crypto.randomUUID()}"`)),
    found: /: samocode does not know it here/,
  },
  "another session's journal": {
    act: ({ journal, other }) => Deno.copyFileSync(other, journal),
    found: /: it belongs to the session in another folder/,
  },
  "a link to another session's journal": {
    act: ({ journal, other }) => {
      Deno.removeSync(journal);
      Deno.linkSync(other, journal);
    },
    found: /: it belongs to the session in another folder/,
  },
  "a chain of its own begun": {
    act: ({ rewrite }) =>
      rewrite((text) => `${text}${forged("journal.accepted", 9).slice(0, -1)},"chain":"${crypto.randomUUID()}"}\n`),
    found: /: samocode does not know it here/,
  },
};

interface Change {
  readonly journal: string;
  readonly other: string;
  readonly rewrite: (change: (text: string) => string) => void;
}

function forged(type: string, seq: number): string {
  const fields = {
    "gate.opened": { gate: "plan_approval", by: "samocode approve" },
    "guidance.given": { text: "Hurry", by: "samocode guide" },
    "journal.accepted": { found: "nothing", by: "samocode trust" },
  }[type];
  return JSON.stringify({ seq, at: "2026-11-21T00:00:00.000Z", type, ...fields });
}

slowTest(
  `${Object.keys(CHANGES).length} ways to change the record of a session at rest are noticed by every command`,
  async () => {
    using project = hostileProject(`${APPEND}\nblock`);
    assert.equal((await project.run(["run", "--session", "other", "--task", "Other"])).code, 20);
    const other = join(project.sessionFolder(), "_journal.jsonl");
    assert.equal((await project.run(RUN)).code, 20);
    const journal = other.replace("-other", "-forge");
    const whole = Deno.readFileSync(journal);
    const verbs = [["run", "forge"], ["start", "forge"], ["answer", "forge", "Q1=A"], ["guide", "forge", "Hurry"], [
      "approve",
      "forge",
      "--sha256",
      "0".repeat(64),
    ]];
    for (const [what, { act, found }] of Object.entries(CHANGES)) {
      const rewrite = (change: (text: string) => string) =>
        Deno.writeTextFileSync(journal, change(new TextDecoder().decode(whole)));
      act({ journal, other, rewrite });
      const changed = Deno.readFileSync(journal);
      // All of them ask the same; once is enough.
      const asked = what === "a gate opened" ? verbs : verbs.slice(0, 1);
      const [status, logs, ...ends] = await Promise.all(
        [["status", "forge", "--json"], ["logs", "forge"], ...asked].map((args) => project.run(args)),
      );
      const { state, detail, needs, next } = JSON.parse(status?.stdout ?? "");
      assert.deepEqual([state, needs, next], ["failed", "none", [{ verb: "accept", session: "forge" }]], what);
      assert.match(detail, found, what);
      assert.equal(logs?.code, 0, what);
      assert.match(logs?.stderr ?? "", found, what);
      for (const [index, { code, stderr }] of ends.entries()) {
        assert.equal(code, 2, `${what}: ${verbs[index]}`);
        assert.match(stderr, /^samocode: Cannot trust the journal /, what);
        assert.match(stderr, found, what);
        assert.match(stderr, /: samocode trust \S*forge\n$/, what);
      }
      assert.deepEqual(Deno.readFileSync(journal), changed, what);
      Deno.removeSync(journal);
      // Restored, it is trusted again.
      Deno.writeFileSync(journal, whole);
    }
    const { state } = JSON.parse((await project.run(["status", "forge", "--json"])).stdout);
    assert.equal(state, "blocked");
    assert.equal((await project.run(["run", "forge"])).code, 20);
  },
);

Deno.test("an emptied journal makes no new session", async () => {
  using project = hostileProject(`${APPEND}\nblock`);
  assert.equal((await project.run(RUN)).code, 20);
  Deno.truncateSync(join(project.sessionFolder(), "_journal.jsonl"));
  for (const args of [["run", "forge"], RUN, ["start", ...RUN.slice(1)]]) {
    const { code, stderr } = await project.run(args);
    assert.equal(code, 2);
    assert.match(stderr, /it is empty, but the session has begun/);
  }
});

Deno.test("a person, and no agent, accepts a changed journal as it is; then the session goes on", async () => {
  using project = hostileProject(`${APPEND}\nblock`);
  assert.equal((await project.run(RUN)).code, 20);
  const journal = join(project.sessionFolder(), "_journal.jsonl");
  Deno.writeTextFileSync(journal, `${forged("guidance.given", project.events().length + 1)}\n`, { append: true });
  const byAgent = await project.run(["trust", "forge", "--yes"], { CLAUDECODE: "1", TMPDIR: "/nowhere" });
  assert.equal(byAgent.code, 2);
  assert.match(byAgent.stderr, /Cannot trust: only a person may/);
  const shown = await project.run(["trust", "forge", "--show"]);
  assert.match(shown.stdout, /line \d+ \(guidance\.given\) was not written by samocode/);
  assert.match(shown.stdout, /Guidance for the next iteration/);
  assert.equal((await project.run(["trust", "forge"])).code, 2, "it cannot be asked about");
  assert.equal((await project.run(["run", "forge"])).code, 2);
  assert.equal((await project.run(["trust", "forge", "--yes"])).code, 0);
  const accepted = project.events().at(-1);
  assert.match(accepted?.type === "journal.accepted" ? accepted.found : "", /guidance\.given/);
  assert.equal((await project.run(["run", "forge"])).code, 20);
  assert.match((await project.run(["trust", "forge", "--yes"])).stdout, /as samocode left it/);
  const { length } = [...Deno.readDirSync(join(project.root, "home/.local/state/samocode/journals"))]
    .filter(({ name }) => name.endsWith(".head"));
  assert.equal(length, 1);
});

slowTest("a renamed session goes on and says so; a copied one must be accepted, and then both go on", async () => {
  using project = hostileProject(`${APPEND}\nblock`);
  assert.equal((await project.run(RUN)).code, 20);
  const renamed = project.sessionFolder().replace("-forge", "-renamed");
  Deno.renameSync(project.sessionFolder(), renamed);
  assert.equal((await project.run(["run", "renamed"])).code, 20);
  assert.equal(project.events().filter(({ type }) => type === "session.renamed").length, 1);
  new Deno.Command("cp", { args: ["-R", renamed, renamed.replace("-renamed", "-copy")] }).outputSync();
  assert.match((await project.run(["run", "copy"])).stderr, /it belongs to the session in another folder/);
  assert.equal((await project.run(["trust", "copy", "--yes"])).code, 0);
  assert.equal((await project.run(["run", "copy"])).code, 20);
  assert.equal((await project.run(["run", "renamed"])).code, 20);
  Deno.removeSync(join(project.root, "home/.local/state"), { recursive: true });
  assert.match((await project.run(["run", "copy"])).stderr, /samocode does not know it here/);
  assert.equal((await project.run(["trust", "copy", "--yes"])).code, 0);
  assert.equal((await project.run(["run", "copy"])).code, 20);
});

Deno.test("an agent that locks or removes all in the session's folder neither holds the worker nor gets a second one", async () => {
  using project = hostileProject(`
for file in "$folder"/* "$folder"; do flock "$file" sleep 60 & pids="$pids $!"; done
rm -f "$folder/_lock" "$folder/session.log"
touch "$folder/ready"; while [ ! -e "$folder/go" ]; do sleep 0.05; done`);
  const worker = project.start(RUN);
  const output = worker.output();
  await project.untilFile("ready");
  const second = await project.run(["run", "forge"]);
  assert.match(second.stderr, new RegExp(`it is locked by process ${worker.pid} since`));
  assert.equal((await project.run(["stop", "forge", "--now"])).code, 0);
  assert.equal((await output).code, 143);
  assert.deepEqual(markedProcesses(project.events()), []);
});

/** No line counts that the worker or a person's command did not write, and no number is missing or there twice. */
function checkRecord(project: TempProject): void {
  const events = project.events();
  assert.deepEqual(events.map(({ seq }) => seq), events.map((_, index) => index + 1));
  assert.deepEqual(events.filter(({ at }) => at.startsWith("2026-11-21T00:00:00")), []);
  assert.deepEqual(events.filter(({ type }) => type === "gate.opened"), []);
}
