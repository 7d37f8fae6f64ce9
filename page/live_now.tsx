/**
 * What a session does at this moment.
 *
 * @module
 */
import type { JSX } from "preact";
import type { SessionFacts } from "../src/view/contract.ts";
import { formatDuration } from "../src/text/format.ts";
import { Since, Until } from "./live_time.tsx";
import { serverNow } from "./store.ts";
import { momentOf } from "./words.ts";

const DOING: Readonly<Record<NonNullable<SessionFacts["now"]>["kind"], string>> = {
  starting: "Starting the agent",
  thinking: "Thinking",
  acting: "Working",
  retrying: "Waiting for its service",
  checking: "Running the project's checks",
  deciding: "Deciding what comes next",
};

const WAITS: Readonly<Record<NonNullable<SessionFacts["wait"]>["for"], string>> = {
  limit: "Waiting for the usage limit to reset",
  outage: "Waiting for the service to recover",
  retry: "Retrying soon",
};

/** One card of a fixed height: what runs, for how long, and when the agent was last heard. */
export function LiveNow({ facts }: { readonly facts: SessionFacts }): JSX.Element | null {
  const { wait, now } = facts;
  if (wait !== undefined) {
    return (
      <section class="card live" aria-label="Now">
        <p class="live-what">{WAITS[wait.for]}</p>
        <p class="live-clock">
          <Until at={wait.until} />
        </p>
        <p class="live-more">
          <span class="cut">{wait.because}</span>
          <span>
            next try <span class="number">{momentOf(wait.until, serverNow())}</span>
            {wait.givesUpAt !== undefined && `, gives up ${momentOf(wait.givesUpAt, serverNow())}`}
          </span>
        </p>
      </section>
    );
  }
  if (facts.state === "queued") {
    return (
      <section class="card live" aria-label="Now">
        <p class="live-what">Queued</p>
        <p class="live-more">
          <span>{facts.detail || "It starts when a worker is free."}</span>
        </p>
      </section>
    );
  }
  if (now === undefined) return null;
  const { attempt } = now;
  return (
    <section class="card live" aria-label="Now">
      <p class="live-what cut">{facts.activity || DOING[now.kind]}</p>
      <p class="live-clock">
        <Since at={now.since} />
      </p>
      <p class="live-more">
        <span>
          Iteration <span class="number">{facts.iteration}</span>
          {facts.attempt > 1 && (
            <>
              , attempt <span class="number">{facts.attempt}</span>
            </>
          )}
        </span>
        {attempt !== undefined && (
          <>
            <span class="quiet">
              quiet <Since at={attempt.heardAt} />
            </span>
            {attempt.timeoutMs !== undefined && (
              <span class="wide-only">
                time limit <span class="number">{formatDuration(attempt.timeoutMs)}</span>, used{" "}
                <Since at={attempt.startedAt} />
              </span>
            )}
          </>
        )}
      </p>
    </section>
  );
}
