/**
 * What waits for the person, first of all.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { SessionFacts } from "../src/view/contract.ts";
import { amountIn, usedOf } from "../src/workflow/budget.ts";
import { isAboutToRun, useAct, useDraft } from "./act.ts";
import { ActResult } from "./act_result.tsx";
import type { PanelProps } from "./panel.ts";
import { PlanGate } from "./plan.tsx";
import { QuestionsForm } from "./questions.tsx";
import { useTopics } from "./store.ts";
import { isUnderWay } from "./words.ts";

type Facts = { readonly facts: SessionFacts };

/** What the session needs, and why it rests; nothing while it runs. */
export function Gate(props: PanelProps): JSX.Element | null {
  const { facts } = props;
  switch (facts.needs) {
    case "answers":
      return (
        <Card
          title={facts.questions.length === 1 ? "One question for you" : `${facts.questions.length} questions for you`}
        >
          <QuestionsForm facts={facts} />
        </Card>
      );
    case "approval":
      return <PlanGate {...props} />;
    case "budget":
      return (
        <Card title="The budget is used up">
          <Reason facts={facts} />
          <RaiseForm facts={facts} />
        </Card>
      );
    case "baseline":
      return (
        <Card title="The checks fail before any change">
          <Reason facts={facts} />
          <Baseline facts={facts} />
        </Card>
      );
    case "unblock":
      return (
        <Card title="It is blocked">
          <Reason facts={facts} />
          <ResumeForm facts={facts} />
        </Card>
      );
    case "none":
      return isUnderWay(facts.state) ? null : <Rest facts={facts} />;
  }
}

/** Why a session rests that needs nothing. */
function Rest({ facts }: Facts): JSX.Element {
  useTopics("second");
  if (facts.state === "ready" && isAboutToRun(facts.key)) {
    return (
      <section class="card rest ready" aria-labelledby="gate-title">
        <h2 id="gate-title">Starting…</h2>
      </section>
    );
  }
  const titles = { done: "Done", failed: "It failed", crashed: "Its worker died", ready: "Ready to continue" } as const;
  const title = facts.state in titles ? titles[facts.state as keyof typeof titles] : "It has stopped";
  return (
    <section class={`card rest ${facts.state}`} aria-labelledby="gate-title">
      <h2 id="gate-title">{title}</h2>
      <Reason facts={facts} />
      {facts.state !== "done" && <ResumeForm facts={facts} />}
    </section>
  );
}

function Card({ title, children }: { readonly title: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <section class="card gate" aria-labelledby="gate-title">
      <h2 id="gate-title">{title}</h2>
      {children}
    </section>
  );
}

function Reason({ facts }: Facts): JSX.Element | null {
  return facts.detail === "" ? null : <p class="reason">{facts.detail}</p>;
}

/** Goes on, with a note for the next agent if the person has one. */
function ResumeForm({ facts }: Facts): JSX.Element {
  const { state, act } = useAct(facts);
  const guidance = useDraft(facts.key, "resume");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await act({ verb: "resume", guidance: guidance.text.trim() })) guidance.set("");
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <label class="label" for="resume-note">Note for the next agent, if you have one</label>
      <textarea
        id="resume-note"
        class="field"
        rows={2}
        data-first
        value={guidance.text}
        onInput={({ currentTarget }) => guidance.set(currentTarget.value)}
      />
      <div class="actions">
        <button type="submit" class="primary" disabled={state.kind === "pending"}>
          {guidance.text.trim() === "" ? "Resume" : "Resume with this note"}
        </button>
      </div>
      <ActResult state={state} />
    </form>
  );
}

function Baseline({ facts }: Facts): JSX.Element {
  const { state, act } = useAct(facts);
  return (
    <>
      <div class="actions">
        <button
          type="button"
          class="primary"
          data-first
          disabled={state.kind === "pending"}
          onClick={() => void act({ verb: "accept_baseline" })}
        >
          Continue with these failures
        </button>
      </div>
      <ActResult state={state} />
      <details>
        <summary>They are fixed: run them again</summary>
        <ResumeForm facts={facts} />
      </details>
    </>
  );
}

type Measure = SessionFacts["budget"][number]["measure"];

/** What a person types for a limit, in place of the session's own unit. */
const UNITS: Readonly<Record<Measure, { readonly name: string; readonly size: number; readonly step: number }>> = {
  cost: { name: "US dollars", size: 1, step: 0.01 },
  tokens: { name: "tokens", size: 1, step: 1 },
  starts: { name: "agent starts", size: 1, step: 1 },
  time: { name: "minutes of work", size: 60_000, step: 1 },
};

/** Raises what is used up; twice the limit is proposed. */
function RaiseForm({ facts }: Facts): JSX.Element {
  const { state, act } = useAct(facts);
  const used = facts.budget.filter((share) => usedOf(share) >= 1);
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const valueOf = ({ measure, spent, limit }: SessionFacts["budget"][number]): string =>
    typed[measure] ?? String(Math.ceil(Math.max(2 * limit, spent) / UNITS[measure].size));
  const submit = (event: Event): void => {
    event.preventDefault();
    const to = used.map((share) => [share.measure, Number(valueOf(share)) * UNITS[share.measure].size]);
    void act({ verb: "raise", to: Object.fromEntries(to) });
  };
  return (
    <form onSubmit={submit}>
      {used.map((share, at) => (
        <p key={share.measure} class="raise">
          <label class="label" for={`raise-${share.measure}`}>
            New limit in {UNITS[share.measure].name}, now {amountIn(share.measure, share.limit)}
          </label>
          <input
            id={`raise-${share.measure}`}
            class="field number"
            type="number"
            inputMode="decimal"
            required
            min={UNITS[share.measure].step + share.limit / UNITS[share.measure].size}
            step={UNITS[share.measure].step}
            value={valueOf(share)}
            onInput={({ currentTarget }) => setTyped({ ...typed, [share.measure]: currentTarget.value })}
            {...(at === 0 ? { "data-first": "" } : {})}
          />
        </p>
      ))}
      {used.length === 0 && <p>Today's budget for all sessions is used up. Raising it applies to today only.</p>}
      <div class="actions">
        <button type="submit" class="primary" disabled={state.kind === "pending"}>Raise and continue</button>
      </div>
      <ActResult state={state} />
    </form>
  );
}
