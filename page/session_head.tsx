/**
 * The head of a session: what it is, how it stands, how far it has come.
 *
 * @module
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { formatCost, formatDuration } from "../src/text/format.ts";
import { AGENT_PHASES, PHASES } from "../src/workflow/phases.ts";
import type { SessionFacts, StoryAnswer } from "../src/view/contract.ts";
import { Glyph } from "./glyph.tsx";
import { Elapsed, Growing } from "./live_time.tsx";
import { addressOf, NO_FILTER } from "./route.ts";
import { costOf, groupOf, standingOf } from "./words.ts";

/** Above this a task is folded. */
const LONG_TASK = 170;

/** The head, above all tabs. */
export function SessionHead(
  { facts, story }: { readonly facts: SessionFacts; readonly story: StoryAnswer | undefined },
): JSX.Element {
  return (
    <header class="head">
      <p class="crumbs">
        <a href={addressOf({ view: "list", filter: NO_FILTER })}>Sessions</a>
        <span class="muted" aria-hidden="true">/</span>
        <a href={addressOf({ view: "list", filter: { ...NO_FILTER, project: facts.project } })}>{facts.project}</a>
      </p>
      <div class="title">
        <h1>{facts.session}</h1>
        <span class={`standing ${groupOf(facts)} ${facts.state}`}>
          <Glyph state={facts.state} needs={facts.needs} />
          {standingOf(facts)}
        </span>
        <dl class="totals">
          <div>
            <dt>Elapsed</dt>
            <dd>
              <Elapsed row={facts} />
            </dd>
          </div>
          <div>
            <dt>Worked</dt>
            <dd class="number">{formatDuration(facts.workedMs)}</dd>
          </div>
          <div>
            <dt>Cost</dt>
            <dd class="number">{costOf(facts)}</dd>
          </div>
        </dl>
      </div>
      <Task text={facts.task} />
      <Stepper facts={facts} story={story} />
    </header>
  );
}

function Task({ text }: { readonly text: string }): JSX.Element {
  const [isWhole, setIsWhole] = useState(false);
  const isLong = text.length > LONG_TASK || text.split("\n").length > 2;
  return (
    <div class="task">
      <p class={isLong && !isWhole ? "folded" : ""}>{text}</p>
      {isLong && (
        <button type="button" class="link" aria-expanded={isWhole} onClick={() => setIsWhole(!isWhole)}>
          {isWhole ? "Show less" : "Show the whole task"}
        </button>
      )}
    </div>
  );
}

/** The phases, with the time and the money that each took. */
function Stepper(
  { facts, story }: { readonly facts: SessionFacts; readonly story: StoryAnswer | undefined },
): JSX.Element {
  // The story counts an attempt once it has ended.
  const since = facts.now?.attempt?.startedAt;
  return (
    <ol class="stepper" aria-label="Phases">
      {AGENT_PHASES.map((phase) => {
        const stays = story?.phases.filter((stay) => stay.phase === phase) ?? [];
        const isNow = facts.phase === phase;
        const isDone = facts.state === "done" && isNow;
        const kind = isDone ? "was" : isNow ? "now" : stays.length > 0 ? "was" : "to-come";
        const workedMs = stays.reduce((sum, stay) => sum + stay.workedMs, 0);
        const cost = stays.reduce((sum, { usage }) => sum + (usage.costUsd ?? 0) + (usage.estimatedUsd ?? 0), 0);
        return (
          <li key={phase} class={kind} aria-current={isNow ? "step" : undefined}>
            <span class="step-mark" aria-hidden="true" />
            <span class="step-name">
              <span class="wide-only">{phase}</span>
              <span class="narrow-only" aria-hidden="true">{PHASES[phase].short}</span>
              <span class="unseen">{kind === "was" ? ", passed" : kind === "now" ? ", now" : ", to come"}</span>
            </span>
            <span class="step-facts number">
              {stays.length === 0 ? " " : (
                <>
                  {isNow && since !== undefined
                    ? <Growing ms={workedMs} since={since} />
                    : <span>{formatDuration(workedMs)}</span>}
                  {cost > 0 && <span>{formatCost(cost)}</span>}
                  {stays.length > 1 && <span title={`${stays.length} stays`}>×{stays.length}</span>}
                </>
              )}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
