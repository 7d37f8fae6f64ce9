import assert from "node:assert/strict";
import { join } from "node:path";
import { Interrupted } from "../../src/cli/cli_io.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";
import { CommandLine, START, type Typed, type Typing, WHOLE_AGENT } from "./command_line.ts";
import { slowTest } from "../helpers/slow.ts";

const PLAN = "11-20-0500-plan-top.md";

/** A person at a terminal; what they do not type is the end of input. */
function at(answers: readonly (string | Typed)[], more: Typing = {}): Typing {
  return { answers, isOutputTerminal: true, ...more };
}

/** Waits until a prompt is taken back. */
async function takenBack(abort: AbortSignal | undefined): Promise<undefined> {
  if (abort?.aborted === false) await new Promise((resolve) => abort.addEventListener("abort", resolve));
  return undefined;
}

function decisions({ project }: CommandLine): readonly RecordedEvent[] {
  return project.events().filter((event) => "by" in event && event.type !== "phase.entered");
}

Deno.test("run asks at each gate in a terminal, with the lock free, and comes to the end in one process", async () => {
  using line = new CommandLine();
  const seen: unknown[] = [];
  const look: Typed = async () => {
    const { state, needs, workerPid } = await line.status("top");
    seen.push({ state, needs, workerPid, last: line.project.events().at(-1)?.type });
    return "a";
  };
  const typing = at(["?", "", "for  a reason", "no", "ok", "lgtm", "Write less", look]);
  const { code, out, error } = await line.typeWithAgent(WHOLE_AGENT, START, typing);
  assert.deepEqual({ code, error }, { code: 0, error: "" });
  assert.deepEqual(seen, [{ state: "waiting", needs: "approval", workerPid: undefined, last: "session.stopped" }]);
  assert.match(out, /Your answer: {3}│ ### Q1: Which\?\n {2}│\n {2}│ A\) This\n/);
  assert.match(out, /Answered Q1, Q2\.[^]*│ # Plan\n[^]*│ \[ \] Phase 1: do it\n/);
  assert.match(out, /a: approve it · e: edit it · s: show it again · l: later · or say what to change\n/);
  assert.doesNotMatch(out, /samocode (?:answer|approve)/, "nothing to type elsewhere");
  assert.match(Deno.readTextFileSync(line.path("_qa.md")), /\*\*Answer:\*\* for {2}a reason\n/);
  const told = decisions(line).map((event) => [event.type, "by" in event && event.by]);
  const by = "a person at a terminal (samocode run)";
  assert.deepEqual(told, [["answers.given", by], ["gate.opened", by], ["plan.rejected", by], ["gate.opened", by]]);
});

Deno.test("what is left for later keeps the session waiting, and its commands are told", async () => {
  using line = new CommandLine();
  const first = await line.typeWithAgent(WHOLE_AGENT, START, at(["B"]));
  assert.equal(first.code, 10);
  assert.match((await line.type(["answer", "top", "Q2=?"])).error, /Cannot answer: Q2 needs an answer\n/);
  assert.match(first.out, /Answered Q1; the others are still open\.\n[^]*For later:\n {4}samocode answer top\n/);
  const second = await line.typeWithAgent(WHOLE_AGENT, ["run", "top"], at(["so", "l"]));
  assert.equal(second.code, 10);
  assert.match(second.out, /For later:\n {4}samocode approve top\n/);
  assert.equal((await line.status("top")).needs, "approval");
  const unasked = await line.typeWithAgent(WHOLE_AGENT, ["run", "top"], { answers: ["a"] });
  assert.equal(unasked.code, 10);
  assert.match(unasked.out, /Next: samocode approve top\n/);
});

Deno.test("a prompt is taken back when another door decides first, and the session goes on", async () => {
  using line = new CommandLine();
  const answer: Typed = async (abort) => {
    await line.type(["answer", "top", "Q1=A", "Q2=so"]);
    return await takenBack(abort);
  };
  const approve: Typed = async (abort) => {
    await line.type(["approve", "top", "--sha256", (await line.status("top")).plan?.sha256 ?? ""]);
    return await takenBack(abort);
  };
  const { code, out } = await line.typeWithAgent(WHOLE_AGENT, START, at([answer, approve]));
  assert.equal(code, 0, out);
  // deno-lint-ignore no-control-regex -- a title ends in one, too
  const bells = out.replace(/\x1b\]2;[^\x07]*\x07/g, "").match(/\x07/g)?.length;
  assert.equal(bells, 3 + 2, "one at the end of each run; one for each decision, as a pager may have the screen");
  assert.match(
    out,
    /Decided elsewhere: The questions are answered \(the command line, without a terminal \(samocode answer\)\)\n/,
  );
  assert.match(
    out,
    /Decided elsewhere: The plan is approved \(the command line, without a terminal \(samocode approve\)\)\n/,
  );
});

slowTest("where another door also starts a worker, run waits for it and then asks again", async () => {
  using line = new CommandLine();
  const env = { SAMOCODE_PROVIDER: "demo" };
  const goOn: Typed = async (abort) => {
    await line.type(["answer", "top", "--accept-suggestions"]);
    const { code, error } = await line.type(["start", "top"]);
    assert.ok(code === 0 || /locked by process|waits for nobody now/.test(error), error);
    return await takenBack(abort);
  };
  const { code, out } = await line.type(START, at([goOn, "a"], { env }));
  assert.equal(code, 0, out);
  assert.match(out, /Decided elsewhere: /);
  const by = line.project.events().findLast((event) => event.type === "gate.opened");
  assert.equal(by?.type === "gate.opened" && by.by, "a person at a terminal (samocode run)");
});

Deno.test("answers that the person writes into the file while run or continue asks count as theirs", async () => {
  using line = new CommandLine();
  const byHand: Typed = async (abort) => {
    line.edit("_qa.md", (text) => text.replaceAll("_waiting_", "so"));
    return await takenBack(abort);
  };
  for (const words of [START, ["continue", "top", "--task", "Add --bottom"]]) {
    const { code, out } = await line.typeWithAgent(WHOLE_AGENT, words, at([byHand, "l"]));
    assert.equal(code, 10, out);
    assert.equal((await line.status("top")).needs, "approval");
  }
});

Deno.test("what another door ran until it needs somebody is asked about, and not run again", async () => {
  using line = new CommandLine();
  const blocked = `echo '{"status":"blocked","reason":"No key","needs":"human_decision"}' > "$signal"`;
  const agent = `if [ $phase = implementation ]; then ${blocked}; else ${WHOLE_AGENT}\nfi`;
  const runElsewhere: Typed = async (abort) => {
    await line.type(["approve", "top", "--sha256", (await line.status("top")).plan?.sha256 ?? ""]);
    await line.typeWithAgent(agent, ["run", "top"]);
    return await takenBack(abort);
  };
  const { code, out } = await line.typeWithAgent(agent, START, at(["", "so", runElsewhere, "l"]));
  assert.equal(code, 20);
  assert.match(out, /Decided elsewhere: [^]*No key\n {2}c: continue · l: later/);
  assert.equal(line.project.attempts().length, 5);
});

Deno.test("a prompt is taken back when its session is renamed, archived or removed, and nothing is made of its name", async () => {
  for (const words of [["rename", "top", "other"], ["archive", "top"], ["rm", "top", "--discard", "--yes"]]) {
    using line = new CommandLine();
    const away: Typed = async (abort) => {
      const { code, error } = await line.type(words);
      assert.equal(code, 0, error);
      return await takenBack(abort);
    };
    const { code, error } = await line.typeWithAgent(WHOLE_AGENT, START, at([away]));
    assert.equal(code, 2);
    assert.match(
      error,
      /^samocode: Cannot follow top: .*top was moved or removed meanwhile\n.*samocode list --archived\n$/,
    );
  }
});

Deno.test("Ctrl-C at a prompt exits with 130, and the session still waits", async () => {
  using line = new CommandLine();
  const interrupt: Typed = () => Promise.reject(new Interrupted("SIGINT"));
  const { code, out } = await line.typeWithAgent(WHOLE_AGENT, START, at([interrupt]));
  assert.equal(code, 130);
  assert.match(out, /For later:\n {4}samocode answer top\n/);
  assert.equal((await line.status("top")).needs, "answers");
  assert.equal((await line.type(["answer", "top"], at([interrupt]))).code, 130);
});

Deno.test("only the text that was shown is approved; an edited plan is shown again, and what changed", async () => {
  using line = new CommandLine();
  const change: Typed = () => {
    line.edit(PLAN, (text) => text.replace("do it", "do more"));
    return Promise.resolve("a");
  };
  const run: string[] = [];
  const onAttach: Typing["onAttach"] = ({ command, cwd = "/" }) => {
    const [program = "", ...args] = command;
    run.push(program === "git" ? "git" : args[1] ?? "");
    const path = args.at(-1) ?? "";
    if (program === "sh") Deno.writeTextFileSync(path, `${Deno.readTextFileSync(path)}- [ ] Phase 2: mine\n`);
    else run.push(new TextDecoder().decode(new Deno.Command(program, { args, cwd }).outputSync().stdout));
    return { code: 0 };
  };
  const typing = at(["", "so", change, "d", "e", "a"], { env: { EDITOR: "my-editor", TERM: "xterm" }, onAttach });
  const { code, out, error } = await line.typeWithAgent(WHOLE_AGENT, START, typing);
  assert.deepEqual({ code, error }, { code: 0, error: "" });
  assert.match(out, /Cannot approve: 11-20-0500-plan-top\.md changed since it was shown/);
  const [git, changes = "", editor] = run;
  assert.deepEqual([git, editor], ["git", 'my-editor "$@"']);
  assert.match(changes, /\n-- \[ \] Phase 1: do it\n\+- \[ \] Phase 1: do more\n/);
  assert.deepEqual(out.match(/│ \[ \] Phase .*/g), [
    ...["│ [ ] Phase 1: do it", "│ [ ] Phase 1: do more"],
    ...["│ [ ] Phase 1: do more", "│ [ ] Phase 2: mine"],
  ]);
  assert.match(Deno.readTextFileSync(line.path(PLAN)), /- \[x\] Phase 2: mine\n/);
});

Deno.test("run asks whether to raise a used-up budget, and by how much", async () => {
  using line = new CommandLine();
  const typing = at(["much", "1", "y", "3"], { env: { SAMOCODE_MAX_STARTS: "1" } });
  const { code, out } = await line.typeWithAgent(WHOLE_AGENT, START, typing);
  assert.equal(code, 10);
  assert.match(out, /Raise it to 2 agent starts for this session\? y: yes · l: later · or type another limit\n/);
  assert.match(out, /Name more than 1 agent starts?, the limit now/);
  const raised = line.project.events().flatMap((event) => event.type === "budget.raised" ? event.raised : []);
  assert.deepEqual(raised.map(({ measure, to }) => [measure, to]), [["starts", 2]]);
  assert.equal((await line.status("top")).needs, "answers");
});

Deno.test("run asks about checks that fail before any change: repeat them, or go on", async () => {
  using line = new CommandLine();
  const file = join(line.project.root, ".samocode");
  Deno.writeTextFileSync(file, "CHECK=false\n", { append: true });
  line.project.trust();
  const { code, out } = await line.typeWithAgent(WHOLE_AGENT, START, at(["r", "a"]));
  assert.equal(code, 10);
  assert.equal(out.match(/✗ false failed · .* · on /g)?.length, 2, out);
  assert.deepEqual(decisions(line).map(({ type }) => type), ["baseline.accepted"]);
  assert.equal((await line.status("top")).needs, "answers");
});

Deno.test("a blocked session takes a note for the next agent and goes on", async () => {
  using line = new CommandLine();
  const agent = `echo '{"status":"blocked","reason":"No key store","needs":"human_decision"}' > "$signal"`;
  const { code, out } = await line.typeWithAgent(agent, START, at(["x", "use the old one", "c", "l"]));
  assert.equal(code, 20);
  assert.match(out, /No key store\n {2}c: continue · l: later · or type a note for the next agent\n/);
  assert.deepEqual(decisions(line).map((event) => event.type === "guidance.given" && event.text), ["use the old one"]);
  assert.equal(line.project.events().filter(({ type }) => type === "iteration.started").length, 3);
});

Deno.test("plan shows the plan, in a pipe as it is, and approve takes a decision on what it shows", async () => {
  using line = new CommandLine();
  await line.typeWithAgent(WHOLE_AGENT, START, at(["", "so"]));
  assert.equal((await line.type(["plan", "top"])).out, "# Plan\n\n- [ ] Phase 1: do it\n");
  const shown = await line.type(["plan", "top"], at([]));
  assert.match(shown.out, /^\n {2}11-20-0500-plan-top\.md · 1 step\n {2}│ # Plan\n {2}│\n {2}│ \[ \] Phase 1: do it\n/);
  const { sha256, text } = JSON.parse((await line.type(["plan", "top", "--json"])).out);
  assert.equal(text, "# Plan\n\n- [ ] Phase 1: do it\n");

  const sent = await line.type(["approve", "top", "--reject", "shorter", "--sha256", "0".repeat(64)]);
  assert.equal(sent.code, 2);
  assert.match(
    sent.error,
    /^samocode: Cannot send the plan back: 11-20-0500-plan-top\.md changed since it was shown\n/,
  );
  const later = await line.type(["approve", "top"], at(["later"]));
  assert.match(later.out, /^top {2}planning, iteration \d+\n {2}Task {4}Add --top\n[^]*Nothing was decided\.\n/);
  assert.equal((await line.type(["approve", "top"], at(["y"]))).code, 0);
  const opened = line.project.events().findLast(({ type }) => type === "gate.opened");
  assert.deepEqual(opened?.type === "gate.opened" && [opened.sha256, opened.by], [
    sha256,
    "a person at a terminal (samocode approve)",
  ]);
});

Deno.test("an agent at a terminal is not asked", async () => {
  using line = new CommandLine();
  const env = { CLAUDECODE: "1", TMPDIR: join(line.project.root, "home") };
  const { code, out } = await line.typeWithAgent(WHOLE_AGENT, START, at(["a"], { env }));
  assert.equal(code, 10, out);
  assert.doesNotMatch(out, /Your answer/);
});
