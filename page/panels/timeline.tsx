/**
 * The timeline of a session: what each iteration took, what happened on the way, and what the session has cost, as plots
 * or as a table.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import type { Story } from "../../src/workflow/story.ts";
import type { PanelProps } from "../panel.ts";
import { hear } from "../store.ts";
import { Choice } from "./choice.tsx";
import { Palette } from "./palette.ts";
import { kindsAmong, MARK_SHAPES } from "./mark_shapes.ts";
import { type Measure, timelineOf } from "./timeline_data.ts";
import type { Spread, TimelineView } from "./timeline_draw.ts";
import { barPlot, costPlot, HEIGHTS, type Part, placeOf, refresh } from "./timeline_plot.ts";
import { describeColumn, TimelineTable } from "./timeline_table.tsx";

const MEASURES: Readonly<Record<Measure, string>> = { duration: "Duration", tokens: "Tokens", cost: "Cost" };
const SPREADS: Readonly<Record<Spread, string>> = { iterations: "By iteration", clock: "By time" };

const GROWS_MS = 5_000;

/** Shows a story; room for it is there before it has come. */
export function Timeline(
  { story, facts }: Pick<PanelProps, "story" | "facts">,
): JSX.Element {
  const [measure, setMeasure] = useState<Measure>("duration");
  const [spread, setSpread] = useState<Spread>("iterations");
  const [isTable, setTable] = useState(false);
  // A long story is laid out anew no more often than a bar grows by a pixel.
  const nowMs = facts.state === "running" ? Math.floor(Date.parse(facts.at) / GROWS_MS) * GROWS_MS : undefined;
  const timeline = useMemo(() => timelineOf(story ?? { attempts: [], marks: [] }, { nowMs }), [story, nowMs]);
  const limit = facts.budget.find((share) => share.measure === "cost")?.limit;
  return (
    <section class="timeline" aria-label="Timeline">
      <div class="toolbar">
        <Choice label="Measure" options={MEASURES} chosen={measure} choose={setMeasure} isOff={isTable} />
        <Choice label="Axis" options={SPREADS} chosen={spread} choose={setSpread} isOff={isTable} />
        <button type="button" class="as-table" onClick={() => setTable(!isTable)}>
          {isTable ? "As plot" : "As table"}
        </button>
      </div>
      {isTable
        ? <TimelineTable timeline={timeline} limit={limit} />
        : <Plots view={{ timeline, measure, spread, limit }} isLoading={story === undefined} />}
      <Legend marks={timeline.marks} />
    </section>
  );
}

/** What the shapes mean, and how often each is there. */
function Legend({ marks }: { readonly marks: Story["marks"] }): JSX.Element {
  return (
    <ul class="mark-legend" aria-label="Marks">
      {kindsAmong(marks).map(({ kind, count }) => (
        <li key={kind}>
          <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" data-mark={kind}>
            <path d={MARK_SHAPES[kind].path} fill-rule="evenodd" />
          </svg>
          {count === 1 ? MARK_SHAPES[kind].word : `${MARK_SHAPES[kind].word} ×${count}`}
        </li>
      ))}
    </ul>
  );
}

function Plots({ view, isLoading }: { readonly view: TimelineView; readonly isLoading: boolean }): JSX.Element {
  const shown = useRef(view);
  const barsBox = useRef<HTMLDivElement>(null);
  const costBox = useRef<HTMLDivElement>(null);
  const plots = useRef<{ readonly bars: uPlot; readonly cost: uPlot }>(undefined);
  const [pointed, setPointed] = useState<number>();
  const [part, setPart] = useState<Part>();
  Object.assign(shown.current, view);
  const { columns } = view.timeline;

  useLayoutEffect(() => {
    const [box, below] = [barsBox.current, costBox.current];
    if (box === null || below === null) return;
    const events = { point: setPointed, zoom: setPart };
    const palette = new Palette();
    const drawing = { view: shown.current, palette };
    const made = { bars: barPlot(drawing, { box, ...events }), cost: costPlot(drawing, { box: below, ...events }) };
    plots.current = made;
    const redraw = (): void => {
      palette.forget();
      Object.values(made).forEach((plot) => plot.redraw(false, true));
    };
    const resized = new ResizeObserver(() => {
      made.bars.setSize({ width: box.clientWidth, height: HEIGHTS.bars });
      made.cost.setSize({ width: below.clientWidth, height: HEIGHTS.cost });
    });
    resized.observe(box);
    const leave = hear("theme", redraw);
    return () => {
      resized.disconnect();
      leave();
      Object.values(made).forEach((plot) => plot.destroy());
    };
  }, []);

  useEffect(() => {
    if (plots.current !== undefined) refresh(plots.current, { view: shown.current, part });
    // Another part of the same is the plots' own affair.
  }, [view.timeline, view.limit, view.measure]);
  useEffect(() => {
    if (plots.current !== undefined) refresh(plots.current, { view: shown.current, part: undefined });
  }, [view.spread]);

  const index = Math.min(pointed ?? Infinity, columns.length - 1);
  const column = columns[index];
  const words = column === undefined ? "" : describeColumn(column);
  const go = (to: number): void => {
    const next = Math.max(0, Math.min(columns.length - 1, to));
    setPointed(next);
    if (plots.current === undefined) return;
    for (const plot of Object.values(plots.current)) {
      plot.setCursor({ left: plot.valToPos(placeOf(shown.current, next), "x"), top: 0 }, false);
    }
  };
  const onKey = (event: KeyboardEvent): void => {
    const to = KEYS[event.key]?.(index, columns.length);
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <>
      <div
        class="plots"
        role="slider"
        tabindex={0}
        aria-label="Iterations"
        aria-orientation="horizontal"
        aria-valuemin={columns.length === 0 ? 0 : 1}
        aria-valuemax={columns.length}
        aria-valuenow={index + 1}
        aria-valuetext={words || "none yet"}
        onKeyDown={onKey}
      >
        <Figure title={`${MEASURES[view.measure]} of each iteration`}>
          <div class="bar-plot" ref={barsBox} />
        </Figure>
        <Figure title={view.timeline.isEstimated ? "Cost so far, by list price" : "Cost so far"}>
          <div class="cost-plot" ref={costBox} />
        </Figure>
        {columns.length === 0 && <p class="empty">{isLoading ? "Loading…" : "No agent has been started yet"}</p>}
      </div>
      <div class="read-out">
        <p>{words}</p>
        {part !== undefined && (
          <button
            type="button"
            onClick={() => plots.current && refresh(plots.current, { view: shown.current, part: undefined })}
          >
            Whole session
          </button>
        )}
      </div>
    </>
  );
}

/** Where a key leads from an iteration, counted from 0. */
const KEYS: Readonly<Record<string, (index: number, count: number) => number>> = {
  ArrowLeft: (index) => index - 1,
  ArrowDown: (index) => index - 1,
  ArrowRight: (index) => index + 1,
  ArrowUp: (index) => index + 1,
  PageDown: (index) => index - 10,
  PageUp: (index) => index + 10,
  Home: () => 0,
  End: (_, count) => count - 1,
};

function Figure({ title, children }: { readonly title: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div class="plot" aria-hidden="true">
      <p class="plot-title">{title}</p>
      {children}
    </div>
  );
}
