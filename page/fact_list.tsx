/**
 * The facts beside a session.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import type { SessionFacts } from "../src/view/contract.ts";
import { formatCost, formatCount, formatDuration, formatTokens } from "../src/text/format.ts";
import { usedOf, WARNING_SHARE } from "../src/workflow/budget.ts";
import { PlanBar } from "./list.tsx";
import { serverNow } from "./store.ts";
import { momentOf } from "./words.ts";

/** Those that are known. */
export function FactList({ facts }: { readonly facts: SessionFacts }): JSX.Element {
  const { budget, branch, commit, work, note, kept, next } = facts;
  return (
    <>
      <section class="card" aria-labelledby="facts-progress">
        <h2 id="facts-progress">Progress</h2>
        <dl class="facts">
          <Fact name="Plan">
            <PlanBar plan={facts.plan} />
          </Fact>
          <Fact name="Checks">{facts.checks}</Fact>
          <Fact name="Branch">{branch && <code>{branch}</code>}</Fact>
          <Fact name="Commit">
            {commit && (
              <>
                {commit.subject} <span class="muted number">{momentOf(commit.at, serverNow())}</span>
              </>
            )}
          </Fact>
          <Fact name="Work">{work && describeWork(work)}</Fact>
          <Fact name="Checkpoints">
            {kept.problem || (kept.checkpoints > 0 && formatCount(kept.checkpoints, "checkpoint"))}
          </Fact>
          <Fact name="Note">{note}</Fact>
        </dl>
      </section>
      <section class="card" aria-labelledby="facts-use">
        <h2 id="facts-use">Use</h2>
        {budget.length > 0 && (
          <ul class="shares" aria-label="Budget">
            {budget.map((share) => <Share key={share.measure} {...share} />)}
          </ul>
        )}
        <dl class="facts">
          <Fact name="Tokens">
            <span class="number">{formatTokens(facts.tokens.input)}</span> in,{" "}
            <span class="number">{formatTokens(facts.tokens.output)}</span> out
          </Fact>
          <Fact name="Agent">{[facts.provider, facts.model].filter(Boolean).join(", ")}</Fact>
          <Fact name="Guard">{facts.guard}</Fact>
          <Fact name="Route">{facts.route}</Fact>
        </dl>
      </section>
      {next.length > 0 && (
        <section class="card" aria-labelledby="facts-next">
          <h2 id="facts-next">In a terminal</h2>
          <dl class="commands">
            {next.map(({ verb, words, command }) => (
              <div key={verb}>
                <dt>{words}</dt>
                <dd>
                  <code>{command}</code>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element | null {
  if (!children) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const MEASURE_NAMES: Readonly<Record<SessionFacts["budget"][number]["measure"], string>> = {
  cost: "Cost",
  tokens: "Tokens",
  starts: "Agent starts",
  time: "Work",
};

/** One limit, and how much of it is used. */
function Share({ measure, spent, limit }: SessionFacts["budget"][number]): JSX.Element {
  const used = usedOf({ spent, limit });
  const kind = used >= 1 ? "over" : used >= WARNING_SHARE ? "near" : "";
  return (
    <li class={`share ${kind}`}>
      <span class="muted">{MEASURE_NAMES[measure]}</span>
      <span class="number">
        <b>{shortAmount(measure, spent)}</b> <span class="muted">of {shortAmount(measure, limit)}</span>
      </span>
      <span class="number share-part">{kind === "over" ? "used up" : `${Math.round(100 * used)}%`}</span>
      <span class="track" aria-hidden="true">
        <span class="fill" style={{ width: `${Math.min(100, 100 * used)}%` }} />
      </span>
    </li>
  );
}

/** An amount beside its measure's name. */
function shortAmount(measure: SessionFacts["budget"][number]["measure"], amount: number): string {
  if (measure === "cost") return formatCost(amount);
  if (measure === "tokens") return formatTokens(amount);
  return measure === "time" ? formatDuration(amount) : String(amount);
}

function describeWork({ commits }: NonNullable<SessionFacts["work"]>): string {
  return formatCount(commits, "commit");
}
