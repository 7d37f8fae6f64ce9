/**
 * Who may open the plan's gate: the person before the call, the person in a form, or the agent alone.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type ClientOptions, McpClient, McpProject, type Wire } from "./mcp_client.ts";

const FORMS = { elicitation: { form: {} } };

async function planned(project: McpProject, options: ClientOptions): Promise<{ client: McpClient; approval: Wire }> {
  const client = await McpClient.connect(project, options);
  await client.status("start_session", { task: "Add --top", session: "top" });
  await client.status("wait_session", { session: "top" });
  await client.status("answer_qa", { session: "top", answers: { Q1: "A", Q2: "A" } });
  const { plan } = await client.status("wait_session", { session: "top" });
  return { client, approval: { session: "top", decision: "approve", sha256: plan.sha256 } };
}

function openedBy(project: McpProject): readonly string[] {
  return project.events().flatMap((event) => event.type === "gate.opened" ? [event.by] : []).slice(-1);
}

Deno.test("SAMOCODE_GATE=ask marks approve_plan for clients that ask before the call, and accepts their call as the user's", async () => {
  using project = new McpProject();
  const { client, approval } = await planned(project, { name: "claude-code", capabilities: FORMS });
  await using _ = client;
  const { tools } = await client.result("tools/list");
  assert.deepEqual(
    tools.filter((tool: Wire) => tool._meta?.["anthropic/requiresUserInteraction"]).map(({ name }: Wire) => name),
    ["approve_plan", "raise_budget"],
  );
  await client.call("approve_plan", approval, { "claudecode/toolUseId": "toolu_1" });
  assert.deepEqual(openedBy(project), ["a person, asked by claude-code 1.0 (toolu_1)"]);
});

for (const era of ["modern", "legacy"] as const) {
  Deno.test(`SAMOCODE_GATE=ask asks in a form if the ${era} client has forms and does not ask by itself`, async () => {
    using project = new McpProject();
    const shown: string[] = [];
    const answers = [{ action: "decline" }, { action: "accept", content: { approve: false } }, {
      action: "accept",
      content: { approve: true },
    }];
    const { client, approval } = await planned(project, {
      era,
      capabilities: FORMS,
      onRequest: (method, { message }) => {
        shown.push(`${method}: ${message}`);
        return answers.shift();
      },
    });
    await using _ = client;
    for (const _refused of [1, 2]) {
      assert.match(await client.refusal("approve_plan", approval), /the user did not say yes[^]*needs approval/);
    }
    assert.equal((await client.status("approve_plan", approval)).plan, undefined);
    assert.match(
      shown.join("\n"),
      /^elicitation\/create: Let samocode implement the plan of top\? .*plan-tally-top\.md, \d steps/,
    );
    assert.deepEqual(openedBy(project), ["a person, in a form of tester 1.0"]);
  });
}

Deno.test("SAMOCODE_GATE=ask relies on the client's own approval if it has neither", async () => {
  using project = new McpProject();
  const { client, approval } = await planned(project, {});
  await using _ = client;
  await client.status("approve_plan", approval);
  assert.deepEqual(openedBy(project), ["tester 1.0"]);
});

Deno.test("SAMOCODE_GATE=form asks the questions in a form, prefilled with the proposals", async () => {
  using project = new McpProject();
  const forms: Wire[] = [];
  await using client = await McpClient.connect(project, {
    capabilities: FORMS,
    env: { SAMOCODE_GATE: "form" },
    onRequest: (_method, { requestedSchema }) => {
      forms.push(requestedSchema.properties);
      return { action: "accept", content: { Q1: "A", Q2: "mine" } };
    },
  });
  await client.status("start_session", { task: "Add --top", session: "top" });
  await client.status("wait_session", { session: "top" });
  const after = await client.status("answer_qa", { session: "top", answers: { Q1: "25" }, accept_suggestions: true });
  assert.notEqual(after.needs, "answers");
  assert.deepEqual(forms.map(({ Q1, Q2 }) => [Q1.default, Q2.default]), [["25", "A"]]);
  assert.deepEqual(forms[0].Q2.title, "Q2: Which of two equally frequent words should come first?");
  assert.deepEqual(openedBy(project), ["a person, in a form of tester 1.0"]);
});

Deno.test("SAMOCODE_GATE=form refuses a client without forms, and names the alternatives", async () => {
  using project = new McpProject();
  await using client = await McpClient.connect(project, { env: { SAMOCODE_GATE: "form" } });
  await client.status("start_session", { task: "Add --top", session: "top" });
  await client.status("wait_session", { session: "top" });
  assert.match(
    await client.refusal("answer_qa", { session: "top", accept_suggestions: true }),
    /tester 1\.0 shows no forms[^]*SAMOCODE_GATE=ask/,
  );
  assert.deepEqual(openedBy(project), []);
});

Deno.test("SAMOCODE_GATE=form does not let an agent change what a person answered elsewhere", async () => {
  using project = new McpProject();
  await using client = await McpClient.connect(project, {
    capabilities: FORMS,
    env: { SAMOCODE_GATE: "form" },
    onRequest: () => assert.fail("nobody is to be asked"),
  });
  await client.status("start_session", { task: "Add --top", session: "top" });
  await client.status("wait_session", { session: "top" });
  const { code } = await project.run(["answer", "top", "--accept-suggestions"]);
  assert.equal(code, 0);
  assert.match(
    await client.refusal("answer_qa", { session: "top", answers: { Q1: "B" } }),
    /top does not wait for answers[^]*Next: resume_session/,
  );
  assert.match(Deno.readTextFileSync(join(project.sessionFolder(), "_qa.md")), /Answer:\*\* A[^]*Answer:\*\* A/);
});

for (const gate of ["ask", "form"] as const) {
  Deno.test(`SAMOCODE_GATE=${gate} needs a person's decision if the agent answered its own questions`, async () => {
    using project = new McpProject();
    const shown: string[] = [];
    await using client = await McpClient.connect(project, {
      capabilities: FORMS,
      env: { SAMOCODE_GATE: gate },
      onRequest: (_method, { message }) => {
        shown.push(message);
        return { action: "accept", content: {} };
      },
    });
    await client.status("start_session", { task: "Add --top", session: "top" });
    await client.status("wait_session", { session: "top" });
    const file = join(project.sessionFolder(), "_qa.md");
    Deno.writeTextFileSync(file, Deno.readTextFileSync(file).replaceAll("_waiting_", "A"));
    if (gate === "ask") {
      assert.match(await client.refusal("answer_qa", { session: "top" }), /No question is open[^]*accept_suggestions/);
      await client.status("answer_qa", { session: "top", accept_suggestions: true });
    } else {
      await client.status("answer_qa", { session: "top" });
      assert.match(shown.join(), /Every question is answered/);
    }
    assert.equal((await client.status("wait_session", { session: "top" })).needs, "approval");
  });
}

for (const gate of ["ask", "form", "agent"] as const) {
  Deno.test(`SAMOCODE_GATE=${gate}: raise_budget asks a person in a form, and lets the session go on`, async () => {
    using project = new McpProject();
    const shown: string[] = [];
    const env = { SAMOCODE_GATE: gate, SAMOCODE_MAX_STARTS: "1" };
    const answers = [{ action: "decline" }, { action: "accept", content: { approve: true } }];
    await using client = await McpClient.connect(project, {
      capabilities: FORMS,
      env,
      onRequest: (_method, { message }) => (shown.push(message), answers.shift()),
    });
    await client.status("start_session", { task: "Add --top", session: "top" });
    const spent = await client.status("wait_session", { session: "top" });
    assert.deepEqual([spent.state, spent.needs, spent.next], [
      "waiting",
      "budget",
      { tool: "raise_budget", arguments: { session: "top" } },
    ]);
    assert.match(await client.refusal("raise_budget", { session: "top" }), /the user did not say yes[^]*needs budget/);
    assert.equal((await client.status("raise_budget", { session: "top" })).needs, "answers");
    assert.equal(shown[0], "Raise the budget of top to 2 agent starts for this session?");
    const by = project.events().flatMap((event) => event.type === "budget.raised" ? [event.by] : []);
    assert.deepEqual(by, ["a person, in a form of tester 1.0"]);
  });
}

Deno.test("SAMOCODE_GATE=agent lets no agent raise its budget alone", async () => {
  using project = new McpProject();
  const env = { SAMOCODE_GATE: "agent", SAMOCODE_MAX_STARTS: "1" };
  await using client = await McpClient.connect(project, { env });
  await client.status("start_session", { task: "Add --top", session: "top" });
  await client.status("wait_session", { session: "top" });
  assert.match(await client.refusal("raise_budget", { session: "top", starts: 9 }), /tester 1\.0 shows no forms/);
  assert.match(await client.refusal("raise_budget", { session: "top", cost: 9 }), /Name more than \$50\.00/);
  assert.match(await client.refusal("raise_budget", { session: "top", hours: 1e305 }), /hours/);
});

Deno.test("no gate opens and no budget is raised where one of samocode's agents started the server", async () => {
  using project = new McpProject();
  const env = { SAMOCODE_MARKER: "1", TMPDIR: "/nowhere" };
  await using client = await McpClient.connect(project, { name: "claude-code", capabilities: FORMS, env });
  const acts: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ["raise_budget", { cost: 99 }],
    ["answer_qa", { accept_suggestions: true }],
    ["approve_plan", { decision: "approve", sha256: "0".repeat(64) }],
    ["approve_plan", { decision: "revise", feedback: "less" }],
    ["resume_session", { task: "Something else" }],
  ];
  for (const [tool, rest] of acts) {
    assert.match(await client.refusal(tool, { session: "top", ...rest }), /\(SAMOCODE_MARKER is set\)/);
  }
});
