/**
 * The two plots of a timeline: what each iteration took, and what the session has cost by then.
 *
 * @module
 */
import uPlot from "uplot";
import { clockTime, formatCost, formatDuration, formatTokens } from "../../src/text/format.ts";
import type { Amounts, Measure } from "./timeline_data.ts";
import {
  drawBars,
  type Drawing,
  drawLimit,
  drawMarks,
  drawPhases,
  HEAD_HEIGHT,
  type TimelineView,
} from "./timeline_draw.ts";

/** Heights in CSS pixels, axes included. */
export const HEIGHTS = { bars: 300, cost: 150 } as const;

/** How an amount is written. */
export const FORMATS: Readonly<Record<Measure, (amount: number) => string>> = {
  duration: formatDuration,
  tokens: formatTokens,
  cost: formatCost,
};

/** Wide enough for `1h 05m` and `$100.00`; the same in both, so that the plots stand one above the other. */
const AXIS_WIDTH = 58;

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];
const DURATIONS = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12, 24, 48, 96, 192].map((count) => count * HOUR),
];
const TIMES = DURATIONS.map((ms) => ms / 1000);
const COUNTS = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();
const PRICES = Array.from({ length: 8 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** (power - 2))).flat();
const STEPS: Readonly<Record<Measure, number[]>> = { duration: DURATIONS, tokens: COUNTS, cost: PRICES };

/** What happens in a plot. */
export interface PlotEvents {
  /** The pointer is at an iteration, counted from 0, or has left. */
  readonly point: (index: number | undefined) => void;
  /** Another part is shown; `undefined` for all. */
  readonly zoom: (part: Part | undefined) => void;
}

/** A part of the width, in the units of the scale. */
export interface Part {
  readonly min: number;
  readonly max: number;
}

/** Makes the plot of what each iteration took. */
export function barPlot(drawing: Drawing, { box, ...events }: PlotEvents & { readonly box: HTMLElement }): uPlot {
  const { view } = drawing;
  return new uPlot(
    {
      ...shared(drawing, { box, ...events, measure: () => view.measure, atLeast: () => 0 }),
      height: HEIGHTS.bars,
      padding: [HEAD_HEIGHT, 12, 0, 0],
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: {
        draw: [(plot) => {
          drawBars(plot, drawing);
          drawPhases(plot, drawing);
          drawMarks(plot, drawing);
        }],
        ...hooks(events),
      },
    },
    dataOf(view, amountShown(view)),
    box,
  );
}

/** Makes the plot of what the session has cost. */
export function costPlot(drawing: Drawing, { box, ...events }: PlotEvents & { readonly box: HTMLElement }): uPlot {
  const { view } = drawing;
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  return new uPlot(
    {
      ...shared(drawing, { box, ...events, measure: () => "cost", atLeast: () => view.limit ?? 0 }),
      height: HEIGHTS.cost,
      padding: [14, 12, 0, 0],
      series: [{}, {
        ...(stepped !== undefined && { paths: stepped }),
        stroke: () => drawing.palette.colour("--accent"),
        fill: () => drawing.palette.colour("--accent-soft"),
        width: 2,
        points: { show: ({ data: [xs] }) => xs.length < 2, size: 6 },
      }],
      hooks: { draw: [(plot) => drawLimit(plot, drawing)], ...hooks(events) },
    },
    dataOf(view, ({ costSoFar }) => costSoFar),
    box,
  );
}

/** Shows what the view has become. */
export function refresh(
  { bars, cost }: { readonly bars: uPlot; readonly cost: uPlot },
  { view, part }: { readonly view: TimelineView; readonly part: Part | undefined },
): void {
  bars.setData(dataOf(view, amountShown(view)), part === undefined);
  cost.setData(dataOf(view, ({ costSoFar }) => costSoFar), part === undefined);
  for (const plot of [bars, cost]) {
    if (part !== undefined) plot.setScale("x", part);
    // The scale stays as it is while few iterations leave room; uPlot would keep the labels, too.
    plot.redraw(false, true);
  }
}

/** The place of an iteration on the scale. */
export function placeOf({ timeline: { columns }, spread }: TimelineView, index: number): number {
  if (spread === "iterations") return index + 1;
  const bars = columns[index]?.bars ?? [];
  return ((bars[0]?.fromMs ?? 0) + (bars.at(-1)?.toMs ?? 0)) / 2000;
}

/** From where to where the whole session reaches. */
export function wholeOf({ timeline: { columns, marks }, spread }: TimelineView): readonly [from: number, to: number] {
  // Few bars would be as wide as the plot.
  if (spread === "iterations") return [0.5, Math.max(columns.length, 6) + 0.5];
  const begin = Math.min(columns[0]?.bars[0]?.fromMs ?? Infinity, marks[0]?.ms ?? Infinity);
  const end = Math.max(columns.at(-1)?.bars.at(-1)?.toMs ?? -Infinity, marks.at(-1)?.ms ?? -Infinity);
  const margin = Math.max(1000, (end - begin) * 0.01);
  return [(begin - margin) / 1000, (end + margin) / 1000];
}

type Amount = (column: TimelineView["timeline"]["columns"][number]) => number;

function amountShown({ measure, spread }: TimelineView): Amount {
  // In time, the attempts stand side by side.
  if (spread === "clock") return ({ bars }) => Math.max(...bars.map(({ amounts }) => amounts[measure]));
  return ({ amounts }: { readonly amounts: Amounts }) => amounts[measure];
}

function dataOf(view: TimelineView, amount: Amount): uPlot.AlignedData {
  const { columns } = view.timeline;
  return [columns.map((_, index) => placeOf(view, index)), columns.map(amount)];
}

function hooks({ point, zoom }: PlotEvents): uPlot.Hooks.Arrays {
  return {
    setCursor: [({ cursor: { idx, left = -1 } }) => point(left < 0 ? undefined : idx ?? undefined)],
    setScale: [(plot, key) => {
      const { min = -Infinity, max = Infinity } = plot.scales["x"] ?? {};
      if (key === "x") zoom(isPart(plot, { min, max }) ? { min, max } : undefined);
    }],
  };
}

interface Shared {
  readonly box: HTMLElement;
  readonly measure: () => Measure;
  /** What the scale reaches at least. */
  readonly atLeast: () => number;
}

function shared(
  { view, palette }: Drawing,
  { box, measure, atLeast }: Shared,
): Omit<uPlot.Options, "height" | "series"> {
  const look = {
    font: `11px ${getComputedStyle(box).fontFamily}`,
    stroke: () => palette.colour("--muted"),
    ticks: { show: false },
  };
  return {
    width: box.clientWidth,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, sync: { key: "timeline" }, drag: { x: true, y: false, dist: 8 } },
    scales: {
      x: { time: false, range: (plot, min, max) => isPart(plot, { min, max }) ? [min, max] : [...wholeOf(view)] },
      y: { range: (_, __, most) => [0, Math.max(most ?? 0, atLeast()) * 1.1 || 1] },
    },
    axes: [
      {
        ...look,
        grid: { show: false },
        size: 40,
        space: 56,
        incrs: () => view.spread === "clock" ? TIMES : COUNTS,
        splits: (_, __, min, max, step) => splitsOf(view, { min, max, step }),
        values: (_, splits) => labelsOf(view, splits),
      },
      {
        ...look,
        grid: { stroke: () => palette.colour("--line"), width: 1 },
        size: AXIS_WIDTH,
        space: 26,
        incrs: () => STEPS[measure()],
        // Whole minutes and hours say so.
        values: (_, splits) => splits.map((split) => FORMATS[measure()](split).replace(/ 00[ms]$/, "")),
      },
    ],
  };
}

/** uPlot asks for all with the first and the last value. */
function isPart({ data: [xs = []] }: uPlot, { min, max }: Part): boolean {
  return min > (xs[0] ?? Infinity) || max < (xs[xs.length - 1] ?? -Infinity);
}

/** Whole hours and days of this time zone, not of UTC. */
function splitsOf(
  { spread }: TimelineView,
  { min, max, step }: Part & { readonly step: number },
): number[] {
  const offset = spread === "clock" ? new Date(min * 1000).getTimezoneOffset() * 60 : 0;
  const first = Math.ceil((min - offset) / step) * step + offset;
  return Array.from({ length: Math.max(0, Math.floor((max - first) / step) + 1) }, (_, index) => first + index * step);
}

/** In two lines: the iteration over its time, or the time over its day where that is another than before. */
function labelsOf({ timeline: { columns }, spread }: TimelineView, splits: readonly number[]): string[] {
  let dayBefore = "";
  const hasSeconds = spread === "clock" && splits.some((split) => split % 60 !== 0);
  return splits.map((split) => {
    const column = columns[split - 1];
    const at = spread === "clock" ? new Date(split * 1000) : new Date(column?.bars[0]?.fromMs ?? NaN);
    if (Number.isNaN(at.getTime())) return "";
    const day = at.toLocaleDateString(undefined, { month: "short", day: "numeric" });
    const isNewDay = day !== dayBefore;
    dayBefore = day;
    if (spread === "clock") {
      const time = hasSeconds ? at.toLocaleTimeString("en-GB") : clockTime(at);
      return isNewDay ? `${time}\n${day}` : time;
    }
    return `${column?.iteration}\n${clockTime(at)}`;
  });
}
