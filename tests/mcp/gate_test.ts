/**
 * Who may open the plan's gate: the person before the call, the person in a form, or the agent alone.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "../helpers/program_under_test.ts";
import { type ClientOptions, McpClient, McpProject, type Wire } from "./mcp_client.ts";
import { slowTest } from "../helpers/slow.ts";

const FORMS = { elicitation: { form: {} } };

/** Claude Code, which asks before the call. */
const CLAUDE = { name: "claude-code", clientVersion: "2.1.328", capabilities: FORMS };

async function planned(project: McpProject, options: ClientOptions): Promise<{ client: McpClient; approval: Wire }> {
  const env = { SAMOCODE_GATE_ANSWERS: "agent", ...options.env };
  const client = await McpClient.connect(project, { ...options, env });
  await client.status("start_session", { task: "Add --top", session: "top" });
  await client.status("wait_session", { session: "top" });
  await client.status("answer_qa", { session: "top", answers: { Q1: "A", Q2: "A" } });
  const { plan } = await client.status("wait_session", { session: "top" });
  return { client, approval: { session: "top", decision: "approve", plan: plan.label, sha256: plan.sha256 } };
}

function openedBy(project: McpProject): readonly string[] {
  return project.events().flatMap((event) => event.type === "gate.opened" ? [event.by] : []);
}

slowTest(
  "SAMOCODE_GATE=ask marks what decides for clients that ask before the call, and accepts their call as the user's",
  async () => {
    using project = new McpProject();
    await using client = await McpClient.connect(project, CLAUDE);
    const { tools } = await client.result("tools/list");
    assert.deepEqual(marked(tools), ["answer_qa", "approve_plan", "raise_budget", "finish_session"]);
    await client.status("start_session", { task: "Add --top", session: "top" });
    await client.status("wait_session", { session: "top" });
    await client.call("answer_qa", { session: "top", accept_suggestions: true }, { "claudecode/toolUseId": "toolu_1" });
    const { plan } = await client.status("wait_session", { session: "top" });
    const approval = { session: "top", decision: "approve", sha256: plan.sha256 };
    assert.match(await client.refusal("approve_plan", approval), /plan is missing[^]*plan\.label/);
    await client.call("approve_plan", { ...approval, plan: plan.label }, { "claudecode/toolUseId": "toolu_2" });
    assert.deepEqual(openedBy(project), [1, 2].map((call) => `a person through claude-code 2.1.328 (toolu_${call})`));
  },
);

for (
  const [env, expected] of [
    [{ SAMOCODE_GATE: "agent" }, ["raise_budget", "finish_session"]],
    [{ SAMOCODE_GATE: "form" }, ["answer_qa", "approve_plan", "raise_budget", "finish_session"]],
    [{ SAMOCODE_GATE_ANSWERS: "agent" }, ["approve_plan", "raise_budget", "finish_session"]],
  ] as const
) {
  Deno.test(`${JSON.stringify(env)} marks ${expected.join(", ")}`, async () => {
    using project = new McpProject();
    await using client = await McpClient.connect(project, { ...CLAUDE, env });
    assert.deepEqual(marked((await client.result("tools/list")).tools), expected);
  });
}

Deno.test("docs/mcp.md names every tool that asks its user, by default and where agents decide", () => {
  const rows = Deno.readTextFileSync(join(ROOT, "docs", "mcp.md")).split("\n");
  const named = (gate: string) => rows.find((row) => row.startsWith(`| \`${gate}\``))?.match(/`\w+_\w+`/g);
  assert.deepEqual(named("ask"), ["`answer_qa`", "`approve_plan`", "`raise_budget`", "`finish_session`"]);
  assert.deepEqual(named("agent"), ["`raise_budget`", "`finish_session`"]);
});

function marked(tools: readonly Wire[]): readonly string[] {
  return tools.filter((tool) => tool._meta?.["anthropic/requiresUserInteraction"]).map(({ name }) => name);
}

for (const era of ["modern", "legacy"] as const) {
  const test = era === "legacy" ? slowTest : Deno.test;
  test(`SAMOCODE_GATE=ask asks in a form if the ${era} client has forms and does not ask by itself`, async () => {
    using project = new McpProject();
    const shown: string[] = [];
    const answers = [{ action: "decline" }, { action: "cancel" }, { action: "accept", content: { approve: false } }, {
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
    for (const _unanswered of [1, 2]) {
      assert.match(
        await client.refusal("approve_plan", approval),
        /came back without an answer\nWhere nobody sits at tester 1\.0, nobody was asked[^]*samocode approve top/,
      );
    }
    assert.match(await client.refusal("approve_plan", approval), /the user did not say yes[^]*needs approval/);
    assert.equal((await client.status("approve_plan", approval)).plan, undefined);
    assert.equal(
      shown[0]?.split("\n").slice(0, 3).join("\n"),
      `elicitation/create: Let samocode implement the plan of top?\n${approval.plan}\n# Plan: --top N for tally in samocode-demo`,
    );
    assert.deepEqual(openedBy(project).slice(-1), ["a person through tester 1.0"]);
  });
}

for (
  const [client, says] of [
    [{}, /tester 1\.0 cannot ask its user/],
    [
      { ...CLAUDE, clientVersion: "2.1.198" },
      /claude-code 2\.1\.198 does not ask its user before the call[^]*claude update/,
    ],
    [{ ...CLAUDE, clientVersion: "dev" }, /claude-code dev does not ask its user before the call/],
  ] as const
) {
  Deno.test(`SAMOCODE_GATE=ask refuses ${JSON.stringify(client)}, and says how a person decides`, async () => {
    using project = new McpProject();
    await using connected = await McpClient.connect(project, {
      ...client,
      onRequest: () => assert.fail("a hook could fill in the form"),
    });
    await connected.status("start_session", { task: "Add --top", session: "top" });
    await connected.status("wait_session", { session: "top" });
    for (const given of [{ accept_suggestions: true }, { answers: { Q1: "A" } }]) {
      const said = await connected.refusal("answer_qa", { session: "top", ...given });
      assert.match(said, says);
      assert.match(said, /They can decide in a terminal: samocode answer top/);
    }
    assert.deepEqual(openedBy(project), []);
  });
}

Deno.test("what an agent sends back is not said to be a person's", async () => {
  using project = new McpProject();
  const { client } = await planned(project, { capabilities: FORMS });
  await using _ = client;
  await client.status("approve_plan", { session: "top", decision: "revise", feedback: "Less" });
  const sent = project.events().flatMap((event) => event.type === "plan.rejected" ? [event.by] : []);
  assert.deepEqual(sent, ["an agent on its own, through tester 1.0"]);
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
  assert.deepEqual(forms[0].Q2.title, "Q2");
  assert.deepEqual(forms[0].Q2.description.split(" · "), [
    "Which of two equally frequent words should come first?",
    "A) The one that is first alphabetically, as today",
    "B) The one that appears first in the text",
    "Suggested: A - the same words always come out in the same order",
  ]);
  assert.deepEqual(openedBy(project), ["a person through tester 1.0"]);
});

Deno.test("SAMOCODE_GATE=form refuses a client without forms, and names the alternatives", async () => {
  using project = new McpProject();
  await using client = await McpClient.connect(project, { env: { SAMOCODE_GATE: "form" } });
  await client.status("start_session", { task: "Add --top", session: "top" });
  await client.status("wait_session", { session: "top" });
  assert.match(
    await client.refusal("answer_qa", { session: "top", accept_suggestions: true }),
    /tester 1\.0 cannot ask its user\nThey can decide in a terminal: samocode answer top/,
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

for (const client of [CLAUDE, { capabilities: FORMS }]) {
  Deno.test(`${JSON.stringify(client)}: answers that were written into _qa.md by hand need a person's decision`, async () => {
    using project = new McpProject();
    const shown: string[] = [];
    await using connected = await McpClient.connect(project, {
      ...client,
      onRequest: (_method, { message }) => {
        shown.push(message);
        return { action: "accept", content: shown.length > 1 ? { approve: true } : {} };
      },
    });
    await connected.status("start_session", { task: "Add --top", session: "top" });
    await connected.status("wait_session", { session: "top" });
    const file = join(project.sessionFolder(), "_qa.md");
    Deno.writeTextFileSync(file, Deno.readTextFileSync(file).replaceAll("_waiting_", "A"));
    assert.match(
      await connected.refusal("resume_session", { session: "top" }),
      /nobody said that the answers in _qa\.md are theirs\nLet the person decide: answer_qa/,
    );
    const isDialog = "name" in client;
    if (isDialog) {
      // Its dialog shows what the call says, and nothing of the file.
      for (const given of [{}, { accept_suggestions: true }, { answers: { Q1: "A" } }]) {
        const said = await connected.refusal("answer_qa", { session: "top", ...given });
        assert.match(said, /answered by an edit of _qa\.md[^]*add to answers: \{.*"Q2":"A"\}/);
      }
      assert.deepEqual(openedBy(project), []);
    } else {
      assert.match(await connected.refusal("answer_qa", { session: "top" }), /came back without an answer/);
      assert.match(shown.join(), /Every question is answered/);
    }
    const given = isDialog ? { answers: { Q1: "A", Q2: "A" } } : { accept_suggestions: true };
    await connected.status("answer_qa", { session: "top", ...given });
    assert.equal((await connected.status("wait_session", { session: "top" })).needs, "approval");
  });
}

Deno.test("a form shows what somebody else answered in _qa.md beside what is open", async () => {
  using project = new McpProject();
  const forms: Wire[] = [];
  await using client = await McpClient.connect(project, {
    capabilities: FORMS,
    onRequest: (_method, { requestedSchema }) => {
      forms.push(requestedSchema.properties);
      return { action: "accept", content: { Q1: "A", Q2: "B" } };
    },
  });
  await client.status("start_session", { task: "Add --top", session: "top" });
  await client.status("wait_session", { session: "top" });
  const file = join(project.sessionFolder(), "_qa.md");
  Deno.writeTextFileSync(file, Deno.readTextFileSync(file).replace("_waiting_", "an agent's"));
  await client.status("answer_qa", { session: "top" });
  assert.deepEqual(forms.map(({ Q1, Q2 }) => [Q1.default, Q2.default]), [["an agent's", "A"]]);
  assert.match(Deno.readTextFileSync(file), /Answer:\*\* A[^]*Answer:\*\* B/);
});

Deno.test("recorded answers need not be given again", async () => {
  using project = new McpProject();
  await using client = await McpClient.connect(project, CLAUDE);
  await client.status("start_session", { task: "Add --top", session: "top" });
  await client.status("wait_session", { session: "top" });
  assert.equal((await client.status("answer_qa", { session: "top", answers: { Q1: "A" } })).needs, "answers");
  await client.status("answer_qa", { session: "top", answers: { Q2: "A" } });
  assert.equal((await client.status("wait_session", { session: "top" })).needs, "approval");
});

for (const gate of ["ask", "form", "agent"] as const) {
  Deno.test(`SAMOCODE_GATE=${gate}: raise_budget asks a person in a form, and lets the session go on`, async () => {
    using project = new McpProject();
    const shown: string[] = [];
    const env = { SAMOCODE_GATE: gate, SAMOCODE_MAX_STARTS: "1" };
    const answers = [false, true].map((approve) => ({ action: "accept", content: { approve } }));
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
    assert.deepEqual(by, ["a person through tester 1.0"]);
  });
}

Deno.test("SAMOCODE_GATE=agent lets no agent raise its budget alone", async () => {
  using project = new McpProject();
  const env = { SAMOCODE_GATE: "agent", SAMOCODE_MAX_STARTS: "1" };
  await using client = await McpClient.connect(project, { env });
  await client.status("start_session", { task: "Add --top", session: "top" });
  await client.status("wait_session", { session: "top" });
  assert.match(await client.refusal("raise_budget", { session: "top", starts: 9 }), /tester 1\.0 cannot ask its user/);
  assert.match(await client.refusal("raise_budget", { session: "top", cost: 9 }), /Name more than \$50\.00/);
  assert.match(await client.refusal("raise_budget", { session: "top", hours: 1e305 }), /hours/);
});

for (const mark of ["SAMOCODE_MARKER", "CLAUDE_CODE_CHILD_SESSION", "CODEX_THREAD_ID"]) {
  Deno.test(`nothing is decided where ${mark} says that an agent started the server, whoever decides`, async () => {
    using project = new McpProject();
    await using parent = await McpClient.connect(project);
    await parent.status("start_session", { task: "Add --top", session: "top" });
    await parent.status("wait_session", { session: "top" });
    const env = { [mark]: "1", TMPDIR: "/nowhere", SAMOCODE_GATE: "agent" };
    await using client = await McpClient.connect(project, { ...CLAUDE, env });
    const acts: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
      ["raise_budget", { cost: 99 }],
      ["answer_qa", { accept_suggestions: true }],
      ["approve_plan", { decision: "revise", feedback: "less" }],
      ["finish_session", { how: "discard" }],
      ...(mark === "SAMOCODE_MARKER" ? [["resume_session", { task: "Something else" }]] as const : []),
    ];
    for (const [tool, rest] of acts) {
      assert.match(await client.refusal(tool, { session: "top", ...rest }), new RegExp(`\\(${mark} is set\\)`));
    }
    assert.equal((await client.status("read_status", { session: "top" })).needs, "answers");
  });
}

for (
  const [what, script, says] of [
    ["a launcher, which passes on its streams, is the client's", `"$@"; exit $?`, /no answers were given/],
    ["what has other streams is a client that an agent started", `cat | "$@" | cat`, /agent started this MCP server/],
    [
      "a command of an agent is no launcher",
      `CLAUDE_CODE_CHILD_SESSION=1 "$@"; exit $?`,
      /agent started this MCP server/,
    ],
  ] as const
) {
  Deno.test(`between Claude Code and its server, ${what}`, async () => {
    using project = new McpProject();
    // The client's mark is on what it starts.
    const env = { CLAUDECODE: "1", TMPDIR: "/nowhere" };
    const through = ["sh", "-c", script, "sh"];
    await using client = await McpClient.connect(project, { ...CLAUDE, env, through });
    await client.status("start_session", { task: "Add --top", session: "top" });
    assert.match(await client.refusal("answer_qa", { session: "top" }), says);
  });
}
