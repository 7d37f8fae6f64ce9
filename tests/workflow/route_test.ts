import assert from "node:assert/strict";
import { decide } from "../../src/workflow/decide.ts";
import type { LoopEvent, LoopState } from "../../src/workflow/decision.ts";
import { fold } from "../../src/workflow/fold_history.ts";
import { boundDocuments, type GateDocuments, isGateOpen } from "../../src/workflow/gates.ts";
import { type History, NO_HISTORY, summaryOf } from "../../src/workflow/history.ts";
import { nextAttempt } from "../../src/workflow/attempt.ts";
import {
  AGENT_PHASES,
  isAgentPhase,
  isPreparation,
  type Phase,
  PHASE_NAMES,
  PHASES,
} from "../../src/workflow/phases.ts";
import { describeEarlier, describeRoute, entryPhase } from "../../src/workflow/route.ts";
import type { Assignment, RecordedEvent, SessionEvent } from "../../src/workflow/session_event.ts";
import { randomNumbers } from "../helpers/random_numbers.ts";
import { CALM, NO_SIGNALS, SIGNALS } from "./decision_cases.ts";

const OPENED = { by: "ada", document: "plan.md", sha256: "aa" };

Deno.test("entryPhase() is the first phase, or the one behind the plan that was approved with the task", () => {
  assert.equal(entryPhase({}), "investigation");
  assert.equal(entryPhase({ qa_answers: OPENED }), "investigation");
  assert.equal(entryPhase({ plan_approval: OPENED }), "implementation");
});

Deno.test("describeRoute() and describeEarlier() say what is missing, and nothing of a session on the usual way", () => {
  assert.deepEqual([describeRoute(NO_HISTORY), describeEarlier(NO_HISTORY)], ["", ""]);
  assert.equal(
    describeRoute({ light: true, givenPlan: undefined }),
    "light: a small change; no questions, no task definition, a plan in one step",
  );
  assert.equal(
    describeRoute({ light: false, givenPlan: "plan.md" }),
    "plan: plan.md was given with the task; no dive, no task definition",
  );
  assert.equal(
    describeEarlier({ earlierTasks: 2, taskCommit: "0123456789abcdef" }),
    "documents of earlier work are in earlier-2/ and no longer count; this task begins after commit 0123456789",
  );
});

Deno.test("no route leads an agent to carry out what no human approved, whatever it signals, writes and leaves out", () => {
  const reached = new Set<string>();
  for (let seed = 1; seed <= 400; seed++) new Model(seed, reached).play(120);
  // Else the law was held against too little.
  const expected = ["task.given", "plan given", "light", "moved", "approved", "plan changed", "paused at the plan"];
  assert.deepEqual(expected.filter((what) => !reached.has(what)), []);
});

/** A session whose agents do anything that they can, and whose person takes any route at any rest. */
class Model {
  readonly #random: () => number;
  readonly #reached: Set<string>;
  #history: History = NO_HISTORY;
  #seq = 0;
  /** What agents can write at any time. */
  #documents: GateDocuments = { questions: 0, openQuestions: 0, plan: undefined };
  /** The text that a human approved for the present task; `"any"` where they moved the session past the gate. */
  #approved: string | undefined;

  constructor(seed: number, reached: Set<string>) {
    this.#random = randomNumbers(seed);
    this.#reached = reached;
    this.#record({ type: "session.created", name: "top", ...this.#assignment() });
  }

  play(steps: number): void {
    while (this.#seq < steps) {
      this.#run();
      this.#actAsPerson();
    }
  }

  #actAsPerson(): void {
    const { phase, pause, running } = this.#history;
    assert.equal(running, false);
    switch (this.#pick(["task", "move", "approve", "nothing", "nothing"] as const)) {
      case "task":
        return this.#record({ type: "task.given", ...this.#assignment(), by: "ada" });
      case "move": {
        if (!isAgentPhase(phase)) return;
        const to = this.#pick(AGENT_PHASES);
        const { gate } = PHASES[phase];
        this.#reached.add("moved");
        if (gate !== undefined) {
          this.#record({ type: "gate.opened", gate, by: "ada", document: undefined, sha256: undefined });
        }
        // Whoever moves it beyond the gate says that it may go on there.
        this.#approved = isPreparation(to) ? undefined : "any";
        return this.#record({ type: "phase.entered", phase: to, from: phase, by: "human" });
      }
      case "approve": {
        const { plan } = this.#documents;
        if (pause?.gate !== "plan_approval" || plan === undefined) return;
        this.#approved = plan.sha256;
        this.#reached.add("approved");
        const { name: document, sha256 } = plan;
        return this.#record({ type: "gate.opened", gate: "plan_approval", by: "ada", document, sha256 });
      }
      case "nothing":
        return;
    }
  }

  #assignment(): Assignment {
    const sha256 = `given ${this.#seq}`;
    const route = this.#pick(["usual", "light", "plan"] as const);
    this.#approved = route === "plan" ? sha256 : undefined;
    // What was written for the task before is set aside.
    this.#documents = {
      questions: 0,
      openQuestions: 0,
      plan: route === "plan" ? { name: "plan-given.md", sha256 } : undefined,
    };
    if (this.#seq > 0) this.#reached.add("task.given");
    if (route !== "usual") this.#reached.add(route === "plan" ? "plan given" : "light");
    const plan = route === "plan" && { plan: { document: "plan-given.md", sha256 } };
    return { task: "x", dive: "", ...(route === "light" && { light: true }), ...plan };
  }

  #run(): void {
    this.#record({ type: "session.started", provider: "demo", version: "1", pid: 1 });
    const { phase, gates } = this.#history;
    if (!isAgentPhase(phase)) this.#enter(entryPhase(gates));
    let event: LoopEvent = { kind: "started" };
    while (true) {
      const decision = decide(this.#state(), event);
      switch (decision.kind) {
        case "stop":
          return this.#record({ type: "session.stopped", outcome: decision.outcome });
        case "pause": {
          const { gate, wants, for: waits } = decision.pause;
          if (decision.phase !== undefined) this.#enter(decision.phase);
          if (gate === "plan_approval") this.#reached.add("paused at the plan");
          const { name: document, sha256 } = this.#documents.plan ?? { name: undefined, sha256: undefined };
          if (gate !== undefined) this.#record({ type: "gate.reached", gate, wants, document, sha256 });
          const outcome = { kind: "waiting", for: waits, gate, detail: "" } as const;
          return this.#record({ type: "session.stopped", outcome });
        }
        case "enter":
          this.#enter(decision.phase);
          break;
        case "continue":
        case "retry":
        case "check":
          break;
      }
      event = this.#iterate();
    }
  }

  #enter(phase: Phase): void {
    const { phase: from, light } = this.#history;
    if (from === "investigation" && phase === "planning") assert.ok(light, "only a light session skips a phase");
    this.#record({ type: "phase.entered", phase, from, by: "worker" });
  }

  /** An agent's work: the law is held against the moment at which it begins. */
  #iterate(): LoopEvent {
    const { phase } = this.#history;
    if (!isPreparation(phase)) {
      assert.notEqual(this.#approved, undefined, `${phase} without an approval`);
      const isText = this.#approved === "any" || this.#approved === this.#documents.plan?.sha256;
      assert.ok(isText, `${phase} with another text than the approved one`);
    }
    const { iteration, attempt } = nextAttempt(this.#history);
    this.#record({ type: "iteration.started", iteration, attempt, phase, marker: "m", log: "l" });
    if (this.#random() < 0.3) {
      this.#reached.add("plan changed");
      const plan = this.#random() < 0.5 ? undefined : { name: "plan.md", sha256: `by an agent ${this.#seq}` };
      this.#documents = { questions: 1, openQuestions: this.#pick([0, 1]), plan };
    }
    const signal = this.#pick(SIGNALS);
    const reading = this.#random() < 0.1 ? this.#pick(NO_SIGNALS) : { kind: "signal", signal } as const;
    if (reading.kind === "signal") this.#record({ type: "signal.received", signal: reading.signal });
    else this.#record({ type: "signal.refused", problem: "_signal.json was not written" });
    return { kind: "ended", end: { kind: "finished" }, reading };
  }

  /** As the loop reads it from journal and documents. */
  #state(): LoopState {
    const history = this.#history;
    const { gate } = PHASES[history.phase];
    const gateOpen = gate === undefined || isGateOpen(gate, history.gates, this.#documents);
    const broken = boundDocuments(history.gates).find(({ gate, document, sha256 }) => {
      const { plan } = this.#documents;
      return PHASES[history.phase].gate !== gate && (plan?.name !== document || plan.sha256 !== sha256);
    });
    return {
      ...CALM,
      ...history,
      ...this.#documents,
      gateOpen,
      isClosedAgain: gate !== undefined && !gateOpen && history.gates[gate] !== undefined,
      brokenGate: broken?.gate,
      summary: summaryOf(history),
      rest: undefined,
      // Nothing else holds these agents.
      review: CALM.review,
    };
  }

  #record(event: SessionEvent): void {
    this.#seq++;
    const recorded: RecordedEvent = { ...event, seq: this.#seq, at: "2026-11-20T12:00:00.000Z" };
    this.#history = fold(this.#history, recorded);
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)] ?? assert.fail("there is nothing to pick");
  }
}

Deno.test("the model's agents can name every phase", () => {
  const named = SIGNALS.flatMap(({ phase }) => phase ?? []);
  assert.deepEqual(new Set(named), new Set(PHASE_NAMES));
});
