/**
 * The timeline as a table: the same data for a screen reader, for the keyboard, and for whoever wants the numbers.
 *
 * @module
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { formatCost, formatCount, formatDuration, formatTokens } from "../../src/text/format.ts";
import { MARK_SHAPES } from "./mark_shapes.ts";
import type { Amounts, Bar, Column, PlacedMark, Timeline } from "./timeline_data.ts";
import { Moment } from "./moment.tsx";

/** A table of thousands of rows takes seconds to lay out. */
const ROWS_AT_ONCE = 200;

/** Shows all attempts with what happened between them, the newest last. */
export function TimelineTable(
  { timeline: { columns, marks, isEstimated }, limit }: {
    readonly timeline: Timeline;
    readonly limit: number | undefined;
  },
): JSX.Element {
  const [most, setMost] = useState(ROWS_AT_ONCE);
  const all = rowsOf(columns, marks);
  const rows = all.slice(-most);
  const left = all.length - rows.length;
  const { costSoFar = 0 } = columns.at(-1) ?? {};
  const ofLimit = limit === undefined ? "" : ` of ${formatCost(limit)}`;
  return (
    <div class="table-box" tabindex={0} role="region" aria-label="Timeline as a table">
      {left > 0 && <button type="button" onClick={() => setMost(most * 4)}>{formatCount(left, "earlier row")}</button>}
      <table>
        <caption>
          {formatCount(columns.length, "iteration")}, {isEstimated ? "about " : ""}
          {formatCost(costSoFar)}
          {ofLimit}
        </caption>
        <thead>
          <tr>
            {["Iteration", "Phase", "Began", "Duration", "Tokens", "Cost", "Cost so far", "How it ended"].map((
              name,
            ) => <th scope="col" key={name}>{name}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) =>
            "kind" in row
              ? <MarkRow key={all.length - rows.length + index} mark={row} />
              : <BarRow key={all.length - rows.length + index} {...row} />
          )}
        </tbody>
      </table>
    </div>
  );
}

/** One iteration in words, as the plot reads it out. */
export function describeColumn({ iteration, bars, amounts, costSoFar, marks }: Column): string {
  const [first] = bars;
  const last = bars.at(-1);
  if (first === undefined || last === undefined) return "";
  const { phase, provider, model } = last.attempt;
  return [
    `Iteration ${iteration}, ${phase}`,
    bars.length > 1 ? formatCount(bars.length, "attempt") : "",
    [provider, model].filter((name) => name !== "").join(" "),
    new Date(first.fromMs).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }),
    describeAmounts(amounts),
    `${formatCost(costSoFar)} so far`,
    last.attempt.end || "still at work",
    ...marks.map(describeMark),
  ].filter((part) => part !== "").join(" · ");
}

function describeAmounts({ duration, tokens, cost }: Amounts): string {
  return `${formatDuration(duration)}, ${formatTokens(tokens)} tokens, ${formatCost(cost)}`;
}

function describeMark({ kind, text }: PlacedMark): string {
  const { word } = MARK_SHAPES[kind];
  return text === "" ? word : `${word}: ${text}`;
}

interface BarOfColumn {
  readonly bar: Bar;
  readonly costSoFar: number;
}

function rowsOf(columns: readonly Column[], marks: readonly PlacedMark[]): readonly (BarOfColumn | PlacedMark)[] {
  const bars = columns.flatMap(({ bars, costSoFar, amounts }) =>
    bars.map((bar) => ({ bar, costSoFar: costSoFar - amounts.cost + bar.below.cost + bar.amounts.cost }))
  );
  const at = (row: BarOfColumn | PlacedMark): number => "kind" in row ? row.ms : row.bar.fromMs;
  return [...bars, ...marks].sort((a, b) => at(a) - at(b));
}

function BarRow({ bar: { attempt, amounts }, costSoFar }: BarOfColumn): JSX.Element {
  const number = attempt.attempt > 1 ? `${attempt.iteration}, attempt ${attempt.attempt}` : `${attempt.iteration}`;
  return (
    <tr>
      <th scope="row">{number}</th>
      <td>{attempt.phase}</td>
      <td>
        <Moment at={attempt.startedAt} />
      </td>
      <td>{formatDuration(amounts.duration)}</td>
      <td>{formatTokens(amounts.tokens)}</td>
      <td>{formatCost(amounts.cost)}</td>
      <td>{formatCost(costSoFar)}</td>
      <td>{attempt.end || "still at work"}</td>
    </tr>
  );
}

function MarkRow({ mark }: { readonly mark: PlacedMark }): JSX.Element {
  return (
    <tr class="mark">
      <th scope="row">{MARK_SHAPES[mark.kind].word}</th>
      <td />
      <td>
        <Moment at={mark.at} />
      </td>
      <td colSpan={5}>{mark.text}</td>
    </tr>
  );
}
