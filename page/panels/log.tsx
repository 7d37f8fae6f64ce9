/**
 * What the agent of an iteration said and did: its text, its tools and what it was refused told apart.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { formatCost, formatDuration } from "../../src/text/format.ts";
import type { LogAnswer } from "../../src/view/contract.ts";
import type { AttemptStory } from "../../src/workflow/story.ts";
import type { PanelProps } from "../panel.ts";
import { Choice } from "./choice.tsx";
import { Problem } from "./problem.tsx";
import { SearchField } from "./search_field.tsx";
import { amountsOf } from "./timeline_data.ts";
import { queryOf, useAnswer } from "./use_answer.ts";

type LogRow = LogAnswer["rows"][number];

/** What a row is, in a word. */
const WORDS: Readonly<Record<LogRow["kind"], string>> = {
  attempt: "attempt",
  said: "said",
  acted: "tool",
  denied: "refused",
  other: "note",
};

/** How often the log of an agent at work is read, in milliseconds. */
const AGAIN_MS = 2_000;

/** Shows the log of one iteration, by default of the last one; `2.1` in the address is the first attempt of the second. */
export function Log({ facts, story, api, place, go }: PanelProps): JSX.Element {
  const last = facts.iteration;
  const [, first, second] = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(place) ?? [];
  const iteration = Math.max(1, Math.min(last, first === undefined ? last : Number(first)));
  const chosen = second === undefined ? undefined : Number(second);
  const [search, setSearch] = useState("");
  const attempts = story?.attempts.filter((attempt) => attempt.iteration === iteration) ?? [];
  const choose = (to: number): void => {
    if (to >= 1 && to <= last) go(String(to));
  };
  return (
    <div class="log">
      <div class="toolbar">
        <div class="stepper-field">
          <button
            type="button"
            aria-label="Iteration before"
            disabled={iteration <= 1}
            onClick={() => choose(iteration - 1)}
          >
            ‹
          </button>
          <label>
            Iteration
            <input
              class="field"
              type="number"
              min={1}
              max={last}
              value={iteration}
              onChange={({ currentTarget }) => choose(currentTarget.valueAsNumber)}
            />
            of {last}
          </label>
          <button
            type="button"
            aria-label="Iteration after"
            disabled={iteration >= last}
            onClick={() => choose(iteration + 1)}
          >
            ›
          </button>
        </div>
        {attempts.length > 1 && (
          <Choice
            label="Attempt"
            options={Object.fromEntries([
              ["", "All"],
              ...attempts.map(({ attempt }) => [`.${attempt}`, `Attempt ${attempt}`]),
            ])}
            chosen={chosen === undefined ? "" : `.${chosen}`}
            choose={(name) => go(`${iteration}${name}`)}
          />
        )}
        <SearchField label="Search this iteration" search={setSearch} />
      </div>
      <ul class="attempt-facts">{attempts.map((attempt) => <Attempt key={attempt.attempt} attempt={attempt} />)}</ul>
      {last === 0 ? <p class="empty">No agent has been started yet</p> : (
        <LogRows
          key={`${iteration} ${chosen} ${search}`}
          api={api}
          query={{ iteration, attempt: chosen, search }}
          version={iteration === last && facts.state === "running" ? Math.floor(Date.parse(facts.at) / AGAIN_MS) : 0}
        />
      )}
    </div>
  );
}

function Attempt({ attempt }: { readonly attempt: AttemptStory }): JSX.Element {
  const { duration, cost } = amountsOf(attempt);
  const words = [
    attempt.phase,
    [attempt.provider, attempt.model].filter((name) => name !== "").join(" "),
    attempt.endedAt === undefined && attempt.end === "" ? "at work" : formatDuration(duration),
    cost > 0 ? formatCost(cost) : "",
    attempt.end,
  ];
  return (
    <li>
      <b>Attempt {attempt.attempt}</b> {words.filter((word) => word !== "").join(" · ")}
    </li>
  );
}

interface LogRowsProps extends Pick<PanelProps, "api"> {
  readonly query: {
    readonly iteration: number;
    readonly attempt: number | undefined;
    readonly search: string;
  };
  readonly version: number;
}

function LogRows({ api, query, version }: LogRowsProps): JSX.Element {
  const { answer, failure, isLoading } = useAnswer<LogAnswer>({ api }, { path: `log${queryOf(query)}`, version });
  const [older, setOlder] = useState<LogAnswer>();
  const [problem, setProblem] = useState<unknown>();
  const first = answer?.rows[0]?.n ?? Infinity;
  const rows = [...(older?.rows ?? []).filter(({ n }) => n < first), ...answer?.rows ?? []];
  const before = older === undefined ? answer?.before : older.before;
  // New rows push old ones off the newest page: ask for those between, too.
  const isGap = older !== undefined && answer?.before !== undefined && (older.rows.at(-1)?.n ?? 0) < answer.before - 1;
  useEffect(() => {
    if (isGap) setOlder(undefined);
  }, [isGap]);
  const readOlder = (): void => {
    api.read<LogAnswer>(`log${queryOf({ ...query, before })}`).then((page) => {
      setOlder({ rows: [...page.rows, ...older?.rows ?? []], before: page.before });
      setProblem(undefined);
    }, setProblem);
  };
  if (failure !== undefined) return <Problem failure={failure} />;
  if (answer === undefined) return <p class="empty" aria-busy={isLoading}>Loading…</p>;
  if (rows.length === 0) {
    return <p class="empty">{query.search === "" ? "Nothing was said or done yet" : "Nothing found"}</p>;
  }
  return (
    <>
      {problem !== undefined && <Problem failure={problem} />}
      {before !== undefined && <button type="button" class="older" onClick={readOlder}>Show what came before</button>}
      <ol class="log-rows">
        {rows.map(({ n, kind, text }) => (
          <li key={n} data-kind={kind}>
            <span class="log-kind">{WORDS[kind]}</span>
            <span class="log-text">{text}</span>
          </li>
        ))}
      </ol>
    </>
  );
}
