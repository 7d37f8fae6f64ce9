import assert from "node:assert/strict";
import { join } from "node:path";
import { isGone, PROGRAMS } from "../helpers/agent_stage.ts";
import { programUnderTest } from "../helpers/program_under_test.ts";
import { finished, markedProcesses, TempProject } from "../helpers/temp_project.ts";
import { slowTest } from "../helpers/slow.ts";

const ENV = { SAMOCODE_MAX_RETRIES: "0", CLAUDE_PATH: join(PROGRAMS, "chatter.sh") };
const RUN = ["run", "--session", "held", "--task", "Talk"];

/** A session that was not held takes less than a tenth of this. */
const HELD_MS = 40_000;

slowTest("a terminal that does not read holds neither the time limit nor the end", async () => {
  await withTerminal([...RUN, "--timeout", "6"], async ({ project, worker }) => {
    await soon(project.until((events) => events.some(({ type }) => type === "session.stopped")));
    assert.ok(await isGone(worker()), "the worker is gone");
    const end = project.events().find(({ type }) => type === "iteration.ended");
    assert.deepEqual(end?.type === "iteration.ended" && end.end, { kind: "timed-out", afterMs: 6000 });
    assert.deepEqual(markedProcesses(project.events()), []);
  });
});

slowTest("stop --now ends a session whose terminal does not read", async () => {
  await withTerminal(RUN, async ({ project, worker }) => {
    const { code, stderr } = await soon(project.run(["stop", "held", "--now"]));
    assert.equal(code, 0, stderr);
    assert.ok(await isGone(worker()), "the worker is gone");
    assert.deepEqual(markedProcesses(project.events()), []);
  });
});

slowTest("SIGTERM ends a session whose terminal does not read", async () => {
  await withTerminal(RUN, async ({ project, worker }) => {
    const pid = worker();
    Deno.kill(pid, "SIGTERM");
    await soon(project.until((events) => events.at(-1)?.type === "session.stopped"));
    assert.ok(await isGone(pid), "the worker is gone");
    assert.deepEqual(markedProcesses(project.events()), []);
  });
});

slowTest("a stalled pipe blocks no session either", async () => {
  using project = new TempProject(ENV);
  const worker = project.start([...RUN, "--timeout", "8"]);
  const { code } = await soon(worker.status);
  assert.equal(code, 1);
  assert.equal(project.events().at(-1)?.type, "session.stopped");
  const { stdout } = await finished(worker);
  assert.doesNotMatch(stdout, /Failed/, "what comes behind a full pipe is given up");
});

slowTest("a command's output is complete, however slowly it is read", async () => {
  using project = new TempProject(ENV);
  await finished(project.start([...RUN, "--timeout", "4"]));
  const journal = join(project.sessionFolder(), "_journal.jsonl");
  const said = project.events().find(({ type }) => type === "agent.said") ?? assert.fail("nothing was said");
  let { seq } = project.events().at(-1) ?? said;
  const more = Array.from({ length: 2000 }, () => `${JSON.stringify({ ...said, seq: ++seq })}\n`);
  Deno.writeTextFileSync(journal, more.join(""), { append: true });
  project.own();
  const child = project.start(["logs", "held", "--json"]);
  // Longer than anybody waits for a reader at the end.
  await new Promise((wake) => setTimeout(wake, 4000));
  const { code, stdout } = await finished(child);
  assert.equal(code, 0);
  assert.equal(stdout.trim().split("\n").length, seq);
});

interface Held {
  readonly project: TempProject;
  readonly worker: () => number;
}

/** Runs the program in a terminal that stops reading as soon as the agent speaks. */
async function withTerminal(args: readonly string[], act: (held: Held) => Promise<void>): Promise<void> {
  using project = new TempProject(ENV);
  const command = [...programUnderTest(), ...args].map((word) => `'${word}'`).join(" ");
  const terminal = new Deno.Command("script", {
    args: ["--quiet", "--return", "--command", command, "/dev/null"],
    cwd: project.root,
    clearEnv: true,
    env: { ...project.env, TERM: "xterm", SHELL: "/bin/sh" },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const shown = new Response(terminal.stdout).text();
  try {
    await soon(project.until((events) => events.some(({ type }) => type === "agent.said")));
    terminal.kill("SIGSTOP");
    const told = project.events().length;
    // By then the terminal's own buffer is long full.
    await soon(project.until((events) => events.length > told + 60));
    const started = project.events().findLast(({ type }) => type === "session.started");
    await act({ project, worker: () => started?.type === "session.started" ? started.pid : 0 });
  } finally {
    try {
      terminal.kill("SIGCONT");
      terminal.kill("SIGTERM");
    } catch {
      // Gone already.
    }
    await shown;
    await terminal.status;
  }
}

async function soon<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${HELD_MS / 1000} s`)), HELD_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
