/**
 * The plan: read, approved as it was read, or sent back.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { PlanAnswer, SessionFacts } from "../src/view/contract.ts";
import { useAct, useDraft } from "./act.ts";
import { ActResult } from "./act_result.tsx";
import { Refused } from "./api.ts";
import { Html } from "./html.tsx";
import type { PanelProps } from "./panel.ts";

/** The plan in a tab of its own. */
export function PlanTab(props: PanelProps): JSX.Element {
  if (props.facts.needs === "approval") return <PlanGate {...props} />;
  return <PlanText {...props} />;
}

/** A plan that waits for its approval. */
export function PlanGate({ facts, api }: Pick<PanelProps, "facts" | "api">): JSX.Element {
  const { plan, problem, again } = usePlan(api, "");
  if (problem !== undefined) return <p class="problem" role="alert">{problem}</p>;
  if (plan === undefined) return <span class="bone plan-bone" aria-busy="true" />;
  const isOld = facts.due !== undefined && facts.due.sha256 !== plan.sha256;
  return (
    <section class="card gate" aria-labelledby="plan-title">
      <h2 id="plan-title">Plan to approve</h2>
      <Changes html={plan.changesHtml} />
      <Html html={plan.html} class="document" />
      <Decide key={plan.sha256} facts={facts} plan={plan} isOld={isOld} onReload={again} />
    </section>
  );
}

function PlanText(props: Pick<PanelProps, "facts" | "api">): JSX.Element {
  if (props.facts.plan === undefined) return <p class="empty">There is no plan yet.</p>;
  return <KnownPlan {...props} />;
}

function KnownPlan({ facts, api }: Pick<PanelProps, "facts" | "api">): JSX.Element {
  const { plan, problem } = usePlan(api, String(facts.plan?.done));
  if (problem !== undefined) return <p class="problem" role="alert">{problem}</p>;
  if (plan === undefined) return <span class="bone plan-bone" aria-busy="true" />;
  return (
    <section class="card" aria-label={plan.name}>
      <p class="muted">{plan.name}</p>
      <Html html={plan.html} class="document" />
    </section>
  );
}

function Changes({ html }: { readonly html: string }): JSX.Element | null {
  if (html === "") return null;
  return (
    <details class="changes" open>
      <summary>What changed since you saw it</summary>
      <Html html={html} class="diff-box" />
    </details>
  );
}

/** Approves exactly what was read, by its hash. */
function Decide(
  { facts, plan, isOld, onReload }: {
    readonly facts: SessionFacts;
    readonly plan: PlanAnswer;
    /** Whether the session has another plan by now. */
    readonly isOld: boolean;
    readonly onReload: () => void;
  },
): JSX.Element {
  const { state, act } = useAct(facts);
  const feedback = useDraft(facts.key, "feedback");
  const [isRevising, setIsRevising] = useState(feedback.text !== "");
  const isPending = state.kind === "pending";
  const revise = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await act({ verb: "revise", sha256: plan.sha256, feedback: feedback.text })) feedback.set("");
  };
  return (
    <div class="decide">
      {isOld && (
        <div class="warning" role="alert">
          <p>The plan has changed since it was shown here. Read it as it is now.</p>
          <button type="button" onClick={onReload}>Show the new plan</button>
        </div>
      )}
      {isRevising && (
        <form onSubmit={(event) => void revise(event)}>
          <label class="label" for="feedback">What should be different?</label>
          <textarea
            id="feedback"
            class="field"
            rows={3}
            value={feedback.text}
            onInput={({ currentTarget }) => feedback.set(currentTarget.value)}
          />
          <div class="actions">
            <button type="submit" class="primary" disabled={feedback.text.trim() === "" || isPending}>
              Send back
            </button>
            <button type="button" onClick={() => setIsRevising(false)}>Cancel</button>
          </div>
        </form>
      )}
      {!isRevising && (
        <div class="actions">
          <button
            type="button"
            class="primary"
            data-first
            disabled={isOld || isPending}
            onClick={() => void act({ verb: "approve", sha256: plan.sha256, label: plan.label })}
          >
            Approve this plan
          </button>
          <button
            type="button"
            onClick={() => {
              setIsRevising(true);
              requestAnimationFrame(() => document.getElementById("feedback")?.focus());
            }}
          >
            Send back…
          </button>
          <span class="muted hash" title={plan.sha256}>
            {plan.label} <code>{plan.sha256.slice(0, 8)}</code>
          </span>
        </div>
      )}
      <ActResult state={state} />
    </div>
  );
}

/** Reads the plan, and again when `version` changes or the person asks. */
function usePlan(
  api: PanelProps["api"],
  version: string,
): { readonly plan: PlanAnswer | undefined; readonly problem: string | undefined; readonly again: () => void } {
  const [plan, setPlan] = useState<PlanAnswer>();
  const [problem, setProblem] = useState<string>();
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    api.read<PlanAnswer>("plan", { abort: abort.signal }).then(setPlan, (error) => {
      if (error instanceof Refused) setProblem(`${error.message}. ${error.hint}`);
    });
    return () => abort.abort();
  }, [api, version, asked]);
  return { plan, problem, again: () => setAsked(asked + 1) };
}
