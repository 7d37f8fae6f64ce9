import assert from "node:assert/strict";
import { CommandLine, START, WHOLE_AGENT } from "../cli/command_line.ts";

const PLAN = "11-20-0500-plan-top.md";

async function waitingForApproval(): Promise<CommandLine> {
  const line = new CommandLine();
  await line.typeWithAgent(WHOLE_AGENT, START);
  await line.type(["answer", "top", "Q1=A", "Q2=so"]);
  const { code, error } = await line.typeWithAgent(WHOLE_AGENT, ["run", "top"]);
  assert.deepEqual({ code, error }, { code: 10, error: "" });
  assert.equal((await line.status("top")).needs, "approval");
  return line;
}

function approvals(line: CommandLine): readonly (string | undefined)[] {
  return line.project.events().flatMap((event) =>
    event.type === "gate.opened" && event.gate === "plan_approval" ? [event.sha256] : []
  );
}

Deno.test("approve refuses a hash that is not the plan's, and records nothing", async () => {
  using line = await waitingForApproval();
  const before = line.listing();
  assert.deepEqual(await line.type(["approve", "top", "--sha256", "0".repeat(64)]), {
    code: 2,
    out: "",
    error: `samocode: Cannot approve: ${PLAN} changed since it was shown\n  Read it again: samocode plan top --json\n`,
  });
  assert.deepEqual(line.listing(), before);
});

Deno.test("approve records the plan's current text, even if it was edited since it was shown", async () => {
  using line = await waitingForApproval();
  const shown = (await line.status("top")).plan?.sha256;
  line.edit(PLAN, (text) => `${text}- [ ] Phase 2: mine\n`);
  const { code } = await line.type(["approve", "top"]);
  assert.equal(code, 0);
  const now = (await line.status("top")).plan?.sha256;
  assert.notEqual(now, shown);
  assert.deepEqual(approvals(line), [now]);
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, ["run", "top"])).code, 0);
});

Deno.test("editing a plan after its approval closes the gate, and the status asks for another approval", async () => {
  using line = await waitingForApproval();
  await line.type(["approve", "top"]);
  const { iteration, needs } = await line.status("top");
  assert.equal(needs, "none");
  line.edit(PLAN, (text) => text.replace("do it", "do something else"));
  assert.equal((await line.status("top")).needs, "approval");
  const again = await line.typeWithAgent(WHOLE_AGENT, ["run", "top"]);
  assert.equal(again.code, 10);
  assert.match(again.out, /The plan was changed after it was approved and needs your approval again\n/);
  assert.match(again.out, /Next: samocode approve top\n/);
  const status = await line.status("top");
  assert.deepEqual({ phase: status.phase, needs: status.needs, iteration: status.iteration }, {
    phase: "planning",
    needs: "approval",
    iteration,
  });
  assert.match((await line.type(["status", "top"])).out, /next {2}samocode approve top\n/);
  await line.type(["approve", "top"]);
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, ["run", "top"])).code, 0);
});

Deno.test("ticking the plan's boxes after its approval leaves the gate open", async () => {
  using line = await waitingForApproval();
  await line.type(["approve", "top"]);
  line.edit(PLAN, (text) => text.replace("[ ]", "[x]"));
  assert.equal((await line.status("top")).needs, "none");
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, ["run", "top"])).code, 0);
});

Deno.test("approve refuses if no plan is waiting, and says what the session is doing", async () => {
  using line = new CommandLine();
  await line.typeWithAgent(WHOLE_AGENT, START);
  assert.deepEqual(await line.type(["approve", "top"]), {
    code: 2,
    out: "",
    error: "samocode: Cannot approve: no plan is waiting, the session is waiting in requirements\n" +
      "  Answer its questions: samocode answer top\n",
  });
});

Deno.test("approve refuses if the plan's file is gone or the feedback is empty", async () => {
  using line = await waitingForApproval();
  assert.equal(
    (await line.type(["approve", "top", "--reject", " "])).error,
    "samocode: Cannot send the plan back: no feedback was given\n" +
      '  Say what to change: samocode approve top --reject "what to change"\n',
  );
  Deno.removeSync(line.path(PLAN));
  const { code, error } = await line.type(["approve", "top"]);
  assert.deepEqual({ code, error }, {
    code: 2,
    error: "samocode: Cannot approve: the plan's file is gone\n" +
      '  Ask the agent to write it again: samocode approve top --reject "what to change"\n',
  });
  assert.deepEqual(approvals(line), []);
});

Deno.test("a plan's hostile name reaches the terminal without its control characters", async () => {
  using line = await waitingForApproval();
  const hostile = "99-plan-\x1b[2J\x1b]0;owned\x07\u202e.md";
  Deno.renameSync(line.path(PLAN), line.path(hostile));
  for (const args of [["status", "top"], ["approve", "top", "--sha256", "0"], ["approve", "top"], ["logs", "top"]]) {
    const { out, error } = await line.type(args);
    assert.doesNotMatch(out + error, /[^\P{Cc}\n]|\p{Cf}/u);
  }
});
