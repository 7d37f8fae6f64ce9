import assert from "node:assert/strict";
import type { Fact, SpanFact } from "../../src/telemetry/fact.ts";
import { SessionFacts } from "../../src/telemetry/session_facts.ts";
import type { RecordedEvent, SessionEvent } from "../../src/workflow/session_event.ts";
import { NO_USAGE, type Usage } from "../../src/workflow/usage.ts";
import { recordStory, script } from "../helpers/story_events.ts";

const FIRST_AT_MS = Date.parse("2026-11-20T10:00:00Z");

const CREATED: SessionEvent = { type: "session.created", name: "tally", task: "Count", dive: "" };
const STARTED: SessionEvent = { type: "session.started", provider: "claude", version: "1.2.3", pid: 1 };
const BEGUN: SessionEvent = {
  ...{ type: "iteration.started", iteration: 1, attempt: 2, phase: "planning", marker: "m", log: "l" },
  ...{ provider: "claude", model: "opus" },
};
const USED: Usage = {
  ...{ costUsd: 0.5, inputTokens: 100, outputTokens: 40, cacheReadTokens: 1000, cacheWriteTokens: 10, modelCalls: 3 },
};
const ENDED: SessionEvent = {
  ...{ type: "iteration.ended", iteration: 1, attempt: 2, phase: "planning", end: { kind: "finished" }, durationMs: 9 },
  ...{ usage: USED, denials: 1, unrecorded: 0 },
};

Deno.test("SessionFacts tells an attempt as a span with what it used, and as measures", () => {
  const facts = factsOf([
    CREATED,
    STARTED,
    BEGUN,
    { type: "agent.started", model: "claude-opus-5", version: "2.1.0", id: "c1" },
    { type: "agent.used", usage: { ...NO_USAGE, inputTokens: 60, outputTokens: 5 } },
    ENDED,
  ]);
  const who = {
    "gen_ai.operation.name": "invoke_agent",
    "gen_ai.provider.name": "anthropic",
    "gen_ai.agent.name": "Claude Code",
    "gen_ai.request.model": "opus",
    "gen_ai.response.model": "claude-opus-5",
    "samocode.phase": "planning",
  };
  const [span] = spansIn(facts).slice(1);
  assert.deepEqual(known(span?.attributes), {
    ...who,
    "samocode.session.name": "tally",
    "samocode.iteration": 1,
    "samocode.attempt": 2,
    "gen_ai.agent.version": "2.1.0",
    "gen_ai.conversation.id": "c1",
    "gen_ai.usage.input_tokens": 1110,
    "gen_ai.usage.output_tokens": 40,
    "gen_ai.usage.cache_read.input_tokens": 1000,
    "gen_ai.usage.cache_creation.input_tokens": 10,
    "samocode.model_calls": 3,
    "samocode.cost.amount": 0.5,
    "samocode.cost.source": "provider",
    "samocode.end": "finished",
    "samocode.denials": 1,
  });
  assert.deepEqual([span?.name, span?.startedAt, span?.endedAt], ["invoke_agent Claude Code", at(2), at(5)]);
  const tokens = "gen_ai.client.token.usage";
  assert.deepEqual(
    facts.flatMap((fact) => fact.kind === "measure" ? [[fact.metric, fact.value, known(fact.attributes)]] : []),
    [
      [tokens, 60, { ...who, "gen_ai.token.type": "input" }],
      [tokens, 5, { ...who, "gen_ai.token.type": "output" }],
      [tokens, 1050, { ...who, "gen_ai.token.type": "input" }],
      [tokens, 35, { ...who, "gen_ai.token.type": "output" }],
      ["gen_ai.client.operation.duration", 3, who],
      ["gen_ai.invoke_agent.duration", 3, who],
      ["samocode.cost.usage", 0.5, { ...who, "samocode.cost.source": "provider" }],
    ],
  );
});

Deno.test("SessionFacts names as an error what failed, and not what somebody ended", () => {
  const ends = [
    [{ kind: "finished" }, undefined],
    [{ kind: "aborted", by: "you" }, undefined],
    [{ kind: "over-budget", detail: "" }, undefined],
    [{ kind: "timed-out", afterMs: 1 }, "timed-out"],
    [{ kind: "rate-limited", until: undefined, detail: "" }, "rate-limited"],
    [{ kind: "crashed", cause: "auth", detail: "", exitCode: 1 }, "auth"],
  ] as const;
  for (const [end, error] of ends) {
    const [, attempt] = spansIn(factsOf([CREATED, STARTED, BEGUN, { ...ENDED, end }]));
    assert.deepEqual([attempt?.attributes["samocode.end"], attempt?.attributes["error.type"]], [end.kind, error]);
  }
});

Deno.test("SessionFacts ends in the next run what a worker left open that died, under the ids that its children name", () => {
  const check: SessionEvent = {
    ...{ type: "check.started", stage: "end", command: ["npm", "test"], uncommitted: 0, log: "c", number: 1, of: 2 },
    ...{ marker: "m", tree: "t" },
  };
  const facts = new SessionFacts(agentOf);
  const events = recorded([
    CREATED,
    STARTED,
    check,
    BEGUN,
    { type: "agent.used", usage: { ...NO_USAGE, inputTokens: 70 } },
    { type: "resume.requested", by: "you" },
    STARTED,
    { ...ENDED, end: { kind: "crashed", cause: "interrupted", detail: "the worker died", exitCode: undefined } },
    { type: "session.stopped", outcome: { kind: "done", summary: "" } },
  ]);
  const before = events.slice(0, 6).flatMap((event) => facts.next(event));
  // The next process has only read what the first one heard.
  const next = new SessionFacts(agentOf);
  for (const event of events.slice(0, 6)) next.next(event);
  const after = events.slice(6).flatMap((event) => next.next(event));
  const [root, ...none] = spansIn(before);
  assert.deepEqual([root?.name, none], ["session", []]);
  const [checked, died, attempt, run, ...more] = spansIn(after);
  assert.deepEqual(more, []);
  assert.deepEqual(
    [checked, died, attempt, run].map((
      span,
    ) => [span?.name, span?.startedAt, span?.endedAt, span?.attributes["error.type"]]),
    [
      ["check", at(2), at(4), "worker_died"],
      ["invoke_workflow samocode", at(1), at(4), "worker_died"],
      ["invoke_agent Claude Code", at(3), at(4), "interrupted"],
      ["invoke_workflow samocode", at(6), at(8), undefined],
    ],
  );
  assert.deepEqual([died?.parent, run?.parent], [root?.id, root?.id]);
  assert.deepEqual([checked?.parent, attempt?.parent], [died?.id, died?.id]);
  const told = [...before, ...after].flatMap((fact) =>
    fact.kind === "measure" && fact.metric === "gen_ai.client.token.usage" ? [fact.value] : []
  );
  assert.deepEqual(told, [70, 1040, 40], "nothing is counted twice");
});

Deno.test("SessionFacts tells waits between runs, as long as the gate was closed, and between attempts", () => {
  const waits = (
    outcome: Extract<SessionEvent, { type: "session.stopped" }>["outcome"],
    between: readonly SessionEvent[],
  ) =>
    spansIn(factsOf([CREATED, STARTED, { type: "session.stopped", outcome }, ...between, STARTED]))
      .filter(({ name }) => name === "wait")
      .map(({ attributes, startedAt, endedAt }) => [attributes["samocode.wait.for"], startedAt, endedAt]);
  const gate = { kind: "waiting", for: "plan_approval", gate: "plan_approval", detail: "" } as const;
  const opened: SessionEvent = {
    ...{ type: "gate.opened", gate: "plan_approval", by: "you", document: undefined, sha256: undefined },
  };
  const queued: SessionEvent = { type: "session.queued", by: "you", running: 1, most: 1 };
  assert.deepEqual(waits(gate, []), [["plan_approval", at(2), at(3)]]);
  assert.deepEqual(waits(gate, [opened, { type: "resume.requested", by: "you" }]), [["plan_approval", at(2), at(3)]]);
  assert.deepEqual(waits({ kind: "blocked", reason: "", needs: "clarification" }, []), [["blocked", at(2), at(3)]]);
  assert.deepEqual(waits({ kind: "stopped", by: "you" }, []), []);
  assert.deepEqual(waits(gate, [opened, queued]), [["plan_approval", at(2), at(3)], ["turn", at(4), at(5)]]);
  const retried: SessionEvent = {
    ...{ type: "iteration.retried", iteration: 1, attempt: 2, because: "", delayMs: 5, repair: false },
    wait: { for: "limit" },
  };
  const pauses = spansIn(factsOf([CREATED, STARTED, retried, BEGUN, ENDED])).filter(({ name }) => name === "wait");
  assert.deepEqual(
    pauses.map(({ attributes, startedAt, endedAt }) => [attributes["samocode.wait.for"], startedAt, endedAt]),
    [
      ["limit", at(2), at(3)],
    ],
  );
});

Deno.test("SessionFacts says nothing that people or agents wrote, in a story with every kind of event", () => {
  const said = JSON.stringify(factsOf(script()));
  const texts = script().flatMap((event) => Object.entries(event)).filter(([field]) => FREE_TEXT.includes(field));
  assert.ok(texts.length > 20);
  for (const [field, text] of texts) {
    if (typeof text === "string" && text.length > 12) assert.equal(said.includes(text), false, `${field}: ${text}`);
  }
});

Deno.test("SessionFacts gives every session a trace of its own, and the same one whenever it is read", () => {
  const [first, second] = [CREATED, { ...CREATED, name: "other" }].map((created) => factsOf([created, STARTED]));
  const [again] = [factsOf([CREATED, STARTED])];
  const trace = (facts: readonly Fact[] = []) => spansIn(facts)[0]?.trace;
  assert.notEqual(trace(first), trace(second));
  assert.equal(trace(first), trace(again));
});

Deno.test("SessionFacts leaves out secrets and control characters of names, and cuts long ones", () => {
  const model = `\u001b[31m${"m".repeat(500)}`;
  const [, attempt] = spansIn(
    factsOf([CREATED, STARTED, BEGUN, { type: "agent.started", model, version: "", id: "" }, ENDED]),
  );
  assert.match(String(attempt?.attributes["gen_ai.response.model"]), /^m{90,100}…?$/);
  assert.equal(attempt?.attributes["gen_ai.conversation.id"], undefined);
});

/** The fields of events that people, agents and commands fill. */
const FREE_TEXT = [
  "task",
  "dive",
  "text",
  "about",
  "detail",
  "feedback",
  "because",
  "tail",
  "reason",
  "summary",
  "by",
  "note",
];

function agentOf(name: string): { readonly title: string; readonly modelProvider: string } | undefined {
  return name === "claude" ? { title: "Claude Code", modelProvider: "anthropic" } : undefined;
}

function factsOf(events: readonly SessionEvent[]): readonly Fact[] {
  const facts = new SessionFacts(agentOf);
  return recorded(events).flatMap((event) => facts.next(event));
}

function recorded(events: readonly SessionEvent[]): readonly RecordedEvent[] {
  return recordStory(events, { firstAtMs: FIRST_AT_MS, stepMs: 1000 });
}

function at(step: number): string {
  return new Date(FIRST_AT_MS + step * 1000).toISOString();
}

function spansIn(facts: readonly Fact[]): readonly SpanFact[] {
  return facts.filter((fact) => fact.kind === "span");
}

function known(attributes: object = {}): object {
  return JSON.parse(JSON.stringify(attributes));
}
