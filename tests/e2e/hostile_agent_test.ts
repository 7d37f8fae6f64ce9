import assert from "node:assert/strict";
import { join } from "node:path";
import { type Finished, markedProcesses, TempProject } from "../helpers/temp_project.ts";
import { slowTest } from "../helpers/slow.ts";

const RUN = ["run", "--session", "hostile", "--task", "Anything"];

/** The last line of an agent that says it did well. */
const WELL = `echo '{"type":"result","is_error":false,"total_cost_usd":0.01}'`;
const BLOCK = `printf '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"`;

interface Case {
  /** What the agent does, in its first attempt and in all others. */
  readonly agent: string;
  readonly code: number;
  /** Stands in what the person sees. */
  readonly says: RegExp;
  readonly attempts: readonly string[];
}

interface BadSignal {
  readonly make: string;
  /** Stands in what the person sees. */
  readonly problem: RegExp;
  /** Stands in what the agent is told, if that differs. */
  readonly told?: RegExp;
}

/** Whatever stands where the signal should be is told to the agent once, in these words, then the session blocks. */
const BAD_SIGNALS: Readonly<Record<string, BadSignal>> = {
  "that is a list": { make: `echo '[1]' > "$SAMOCODE_SIGNAL"`, problem: /must be a JSON object, found a list/ },
  "that is a number": { make: `echo 7 > "$SAMOCODE_SIGNAL"`, problem: /must be a JSON object, found a number/ },
  "that is null": { make: `echo null > "$SAMOCODE_SIGNAL"`, problem: /must be a JSON object, found null/ },
  "of 1 MB": { make: `head -c 1000000 /dev/zero > "$SAMOCODE_SIGNAL"`, problem: /is over 64 KiB/ },
  "half written": { make: `printf '{"status":"cont' > "$SAMOCODE_SIGNAL"`, problem: /is not JSON/ },
  "that is empty": { make: `: > "$SAMOCODE_SIGNAL"`, problem: /is empty/ },
  "that is not UTF-8": {
    make: `printf '{"status":"done","summary":"\\377"}' > "$SAMOCODE_SIGNAL"`,
    problem: /is not UTF-8/,
  },
  "with a phase that is a number": {
    make: `echo '{"status":"continue","phase":3}' > "$SAMOCODE_SIGNAL"`,
    problem: /has a bad "phase"/,
  },
  "that is a folder": { make: `mkdir -p "$SAMOCODE_SIGNAL/x"`, problem: /is not a regular file/ },
  "that is a pipe": { make: `mkfifo "$SAMOCODE_SIGNAL"`, problem: /is not a regular file/ },
  "that is a link": { make: `ln -s /etc/hostname "$SAMOCODE_SIGNAL"`, problem: /is not a regular file/ },
  "that is missing": { make: `:`, problem: /was not written/, told: /usable signal: none was found/ },
};

for (const [what, { make, problem, told = problem }] of Object.entries(BAD_SIGNALS)) {
  slowTest(`a signal ${what} is told to the agent once, then the session blocks`, async () => {
    await play({ agent: `${make}\n${WELL}`, code: 20, says: problem, attempts: ["1.1", "1.2"] }, (project) => {
      assert.doesNotMatch(contextOf(project, 1), told);
      assert.match(contextOf(project, 2), told);
    });
  });
}

const CASES: Readonly<Record<string, Case>> = {
  "output that is not UTF-8 harms nothing": {
    agent: `printf '\\377\\376\\000garbage\\n{"type":'\n${WELL}\n${BLOCK}`,
    code: 20,
    says: /enough/,
    attempts: ["1.1"],
  },
  "a line of 50 MB harms nothing, and what comes after it is read": {
    agent: `head -c 50000000 /dev/zero | tr '\\0' x\necho\n${WELL}\n${BLOCK}`,
    code: 20,
    says: /\$0\.01/,
    attempts: ["1.1"],
  },
  "a signal is honoured although the agent crashed after it": {
    agent: `${BLOCK}\nexit 3`,
    code: 20,
    says: /enough/,
    attempts: ["1.1"],
  },
  "a flood on standard error hangs nobody": {
    agent: `head -c 20000000 /dev/zero >&2\n${WELL}\n${BLOCK}`,
    code: 20,
    says: /enough/,
    attempts: ["1.1"],
  },
  "a background process that holds the output delays nobody and is ended": {
    agent: `sleep 300 &\n${WELL}\n${BLOCK}`,
    code: 20,
    says: /Ended leftover processes/,
    attempts: ["1.1"],
  },
  "a deleted notebook is begun again from the record": {
    agent: `rm "$(dirname "$SAMOCODE_SIGNAL")/_overview.md"\n${WELL}\n${BLOCK}`,
    code: 20,
    says: /enough/,
    attempts: ["1.1"],
  },
  "a notebook with a phase that no human wrote moves nothing": {
    agent: `sed -i 's/^Phase: .*/Phase: done/' "$(dirname "$SAMOCODE_SIGNAL")/_overview.md"\n${WELL}\n${BLOCK}`,
    code: 20,
    says: /enough/,
    attempts: ["1.1"],
  },
  "escape sequences never reach the terminal": {
    agent:
      `printf '{"type":"assistant","message":{"id":"m","content":[{"type":"text","text":"\\\\u001b]0;owned\\\\u0007red"}]}}\\n'\n${WELL}\n${BLOCK}`,
    code: 20,
    says: /^[^\p{Cc}]*(?:\n[^\p{Cc}]*)*$/u,
    attempts: ["1.1"],
  },
  "an agent that leaves the phase for one that may not follow blocks the session": {
    agent: `echo '{"status":"continue","phase":"done"}' > "$SAMOCODE_SIGNAL"\n${WELL}`,
    code: 20,
    says: /asked to go from investigation to done/,
    attempts: ["1.1"],
  },
  "an agent that says done too early blocks the session": {
    agent: `echo '{"status":"done","summary":"all of it"}' > "$SAMOCODE_SIGNAL"\n${WELL}`,
    code: 20,
    says: /signaled "done"/,
    attempts: ["1.1"],
  },
  "an agent that only crashes fails after its retries": {
    agent: `echo '{"type":"system","subtype":"init"}'; echo broken >&2; exit 7`,
    code: 1,
    says: /exit code 7 without a result: broken/,
    attempts: ["1.1", "1.2", "1.3"],
  },
};

for (const [name, expected] of Object.entries(CASES)) Deno.test(name, () => play(expected));

Deno.test("an agent that deletes its working directory is followed by a clear end", async () => {
  const agent = `rm -rf "$PWD"\necho '{"status":"continue"}' > "$SAMOCODE_SIGNAL"\n${WELL}`;
  await play({ agent, code: 20, says: /worktrees\/hostile/, attempts: ["1.1", "2.1"] });
});

Deno.test("a git lock that an agent left is named to the human and to the next agent, and is left alone", async () => {
  const agent = `touch "$(git rev-parse --git-path index.lock)"\necho '{"status":"continue"}' > "$SAMOCODE_SIGNAL"\n` +
    `[ -e "$(dirname "$0")/context.2" ] && ${BLOCK}\n${WELL}`;
  using project = projectWith(agent);
  const { code, stdout } = await project.run(RUN);
  assert.equal(code, 20, stdout);
  const lock = join(project.repo, ".git", "worktrees", "hostile", "index.lock");
  assert.deepEqual(
    project.events().flatMap((event) => event.type === "locks.found" ? [event.paths] : []),
    [[lock]],
  );
  assert.ok(stdout.includes(`Git is locked by ${lock} · `), stdout);
  assert.ok(!contextOf(project, 1).includes("Git is locked"));
  assert.ok(contextOf(project, 2).includes(`Git is locked here by ${lock}, `));
  assert.equal(Deno.readTextFileSync(lock), "");
});

Deno.test("after an agent that deletes the worktree's .git file no other works in the repository above", async () => {
  const agent = `git rev-parse --show-toplevel >> "$(dirname "$0")/tops"\nrm .git\n` +
    `echo '{"status":"continue"}' > "$SAMOCODE_SIGNAL"\n${WELL}`;
  using project = projectWith(agent);
  Deno.mkdirSync(join(project.repo, "inside"));
  const folders = "MAIN_REPO=repo\nWORKTREES=repo/inside\nSESSIONS=sessions\n";
  Deno.writeTextFileSync(join(project.root, ".samocode"), folders);
  project.trust();
  const worktree = join(project.repo, "inside", "hostile");
  for (const tops of [[worktree], [worktree, worktree]]) {
    const { code, stdout } = await project.run(RUN);
    assert.equal(code, 1, stdout);
    assert.match(
      stdout,
      /Failed: Cannot go on in \S+inside\/hostile: its \.git file was deleted\. Run the session again/m,
    );
    assert.deepEqual(Deno.readTextFileSync(join(project.root, "tops")).trim().split("\n"), tops);
  }
});

Deno.test("an agent that puts a link in the session folder's place ends the session; nothing is written where it leads", async () => {
  const agent = `s="$(dirname "$SAMOCODE_SIGNAL")"; r="$(dirname "$0")"\ncp -r "$s" "$r/copy"; mv "$s" "$s.moved"\n` +
    `ln -s "$r/copy" "$s"; cp -r "$r/copy" "$r/before"; rm "$r/before/_signal.json" 2>/dev/null\n${WELL}`;
  using project = projectWith(agent);
  const { code, stderr } = await project.run(RUN);
  assert.equal(code, 1);
  assert.match(stderr, /^samocode: Cannot write the journal \S+: another process deleted or replaced it$/m);
  const contents = (folder: string) =>
    ["_journal.jsonl", "_overview.md", "session.log"].map((name) =>
      Deno.readTextFileSync(join(project.root, folder, name))
    );
  assert.deepEqual(contents("copy"), contents("before"));
});

Deno.test("an agent that deletes the session's folder ends the session, and nothing hangs", async () => {
  const agent = `rm -rf "$(dirname "$SAMOCODE_SIGNAL")"\n${WELL}`;
  using project = projectWith(agent);
  const { code, stdout, stderr } = await project.run(RUN);
  assert.equal(code, 1, stdout + stderr);
});

async function play(
  { agent, code, says, attempts }: Case,
  check: (project: TempProject) => void = () => {},
): Promise<void> {
  using project = projectWith(agent);
  const run: Finished = await project.run(RUN);
  assert.equal(run.code, code, run.stdout + run.stderr);
  assert.match(run.stdout, says);
  const events = project.events();
  assert.deepEqual(project.attempts(), attempts);
  assert.equal(events.at(-1)?.type, "session.stopped");
  assert.deepEqual(markedProcesses(events), []);
  assert.match(Deno.readTextFileSync(join(project.sessionFolder(), "_overview.md")), /^Phase: investigation$/m);
  check(project);
}

/** A project whose `claude` is a small shell program; it keeps the context of each attempt. */
function projectWith(agent: string): TempProject {
  const project = new TempProject({ SAMOCODE_MAX_RETRIES: "2", SAMOCODE_RETRY_DELAY: "0" });
  const path = join(project.root, "agent.sh");
  const keepContext =
    `while [ $# -gt 0 ]; do [ "$1" = --append-system-prompt-file ] && cp "$2" "${project.root}/context.$(ls "${project.root}" | grep -c '^context' | awk '{print $1 + 1}')"; shift; done`;
  Deno.writeTextFileSync(path, `#!/bin/sh\n${keepContext}\n${agent}\n`, { mode: 0o755 });
  Deno.writeTextFileSync(join(project.root, ".env"), `CLAUDE_PATH=${path}\n`);
  project.trust();
  return project;
}

function contextOf(project: TempProject, attempt: number): string {
  return Deno.readTextFileSync(join(project.root, `context.${attempt}`));
}
