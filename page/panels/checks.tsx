/**
 * What the project's own checks said, round by round.
 *
 * @module
 */
import type { JSX } from "preact";
import { formatDuration } from "../../src/text/format.ts";
import type { ChecksAnswer } from "../../src/view/contract.ts";
import type { PanelProps } from "../panel.ts";
import { Problem } from "./problem.tsx";
import { useAnswer } from "./use_answer.ts";

type Round = ChecksAnswer["rounds"][number];
type Run = Round["runs"][number];

/** Shows the newest rounds. */
export function Checks({ facts, api }: PanelProps): JSX.Element {
  const { answer, failure } = useAnswer<ChecksAnswer>({ api }, { path: "checks", version: facts.storyVersion });
  if (failure !== undefined) return <Problem failure={failure} />;
  if (answer === undefined) return <p class="empty">Loading…</p>;
  if (answer.rounds.length === 0) return <p class="empty">The project's checks have not run yet</p>;
  return (
    <div class="checks">
      {answer.rounds.map((round) => <RoundOfChecks key={round.stage} round={round} latest={facts.commit?.hash} />)}
    </div>
  );
}

function RoundOfChecks(
  { round: { stage, isFresh, runs }, latest }: { readonly round: Round; readonly latest: string | undefined },
): JSX.Element {
  const isLatest = latest !== undefined && runs.every(({ commit }) => commit?.startsWith(latest));
  return (
    <section class="round">
      <header>
        <h2>{stage}</h2>
        {isFresh !== undefined && (
          <span class="freshness" data-tone={isFresh || isLatest ? "good" : "need"}>
            {isLatest ? "on the latest commit" : isFresh ? "no agent has worked since" : "an agent has worked since"}
          </span>
        )}
      </header>
      <ul>{runs.map((run, index) => <RunOfCheck key={index} {...run} />)}</ul>
    </section>
  );
}

const SIGNS: Readonly<Record<string, string>> = { passed: "✓", failed: "✕" };

function RunOfCheck({ command, result, detail, durationMs, commit, tail }: Run): JSX.Element {
  return (
    <li class="run" data-result={result}>
      <p class="run-line">
        <span class="run-result">
          <span aria-hidden="true">{SIGNS[result] ?? "–"}</span> {result}
        </span>
        <code class="run-command">{command}</code>
        <span class="run-facts">
          {formatDuration(durationMs)}
          {commit !== undefined && (
            <>
              {" · "}
              <code>{commit.slice(0, 7)}</code>
            </>
          )}
          {detail !== "" && <>{" · "}{detail}</>}
        </span>
      </p>
      {tail !== "" && (
        <details open={result !== "passed"}>
          <summary>Last lines of its output</summary>
          <pre tabindex={0}>{tail}</pre>
        </details>
      )}
    </li>
  );
}
