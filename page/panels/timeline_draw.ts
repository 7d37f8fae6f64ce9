/**
 * What the timeline draws by itself on the plot's canvas: bars, phases, marks and the limit. Lengths are in CSS pixels
 * times the screen's ratio, as uPlot counts them.
 *
 * @module
 */
import uPlot from "uplot";
import { formatCost } from "../../src/text/format.ts";
import { MARK_SHAPES } from "./mark_shapes.ts";
import type { Palette } from "./palette.ts";
import { type Phase, PHASE_NAMES } from "../../src/workflow/phases.ts";
import type { Bar, Measure, PlacedMark, Timeline } from "./timeline_data.ts";

/** What a plot's width stands for: each iteration has the same, or it is time. */
export type Spread = "iterations" | "clock";

/** What is shown, and how. It changes in place while the plots stay. */
export interface TimelineView {
  timeline: Timeline;
  measure: Measure;
  spread: Spread;
  /** In US dollars; `undefined` for none. */
  limit: number | undefined;
}

/** What to draw, with which colours. */
export interface Drawing {
  readonly view: TimelineView;
  readonly palette: Palette;
}

/** Room above the bars for three rows of marks and the names of the phases. */
export const HEAD_HEIGHT = 70;

const ROW_HEIGHT = 16;
const MARK_ROWS = 3;
const MARK_SIZE = 12;
const PHASE_HEIGHT = 4;
const WIDEST_BAR = 44;
const NARROWEST_BAR = 2;

/** The bars of all attempts, stacked by iteration or side by side in time. */
export function drawBars(plot: uPlot, { view: { timeline, measure, spread }, palette }: Drawing): void {
  const { ctx, bbox } = plot;
  const ratio = uPlot.pxRatio;
  const fills = new Map<string, string>();
  const floor = plot.valToPos(0, "y", true);
  const slot = Math.abs(plot.valToPos(1, "x", true) - plot.valToPos(0, "x", true));
  const wide = Math.min(WIDEST_BAR * ratio, Math.max(1, slot * 0.8));
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const [index, { bars }] of timeline.columns.entries()) {
    for (const bar of bars) {
      const { phase } = bar.attempt;
      const fill = fills.get(phase) ?? palette.colour(phaseColour(phase));
      fills.set(phase, fill);
      const [left, width] = spread === "clock"
        ? spanInTime(plot, bar)
        : [plot.valToPos(index + 1, "x", true) - wide / 2, wide];
      const below = spread === "clock" ? 0 : bar.below[measure];
      const top = plot.valToPos(below + bar.amounts[measure], "y", true);
      const bottom = below === 0 ? floor : plot.valToPos(below, "y", true) - ratio;
      ctx.fillStyle = fill;
      ctx.fillRect(left, top, width, Math.max(bottom - top, bar.amounts[measure] > 0 ? ratio : 0));
    }
  }
  ctx.restore();
}

function spanInTime(plot: uPlot, { fromMs, toMs }: Bar): readonly [left: number, width: number] {
  const left = plot.valToPos(fromMs / 1000, "x", true);
  return [left, Math.max(NARROWEST_BAR * uPlot.pxRatio, plot.valToPos(toMs / 1000, "x", true) - left)];
}

/** A strip above the bars: which phase, with its name where there is room for it. */
export function drawPhases(plot: uPlot, { view: { timeline: { columns }, spread }, palette }: Drawing): void {
  const { ctx, bbox } = plot;
  const ratio = uPlot.pxRatio;
  const ink = palette.colour("--muted");
  const y = bbox.top - (PHASE_HEIGHT + 4) * ratio;
  prepareText(plot);
  let next = 0;
  while (next < columns.length) {
    const first = next;
    const phase = columns[first]?.bars[0]?.attempt.phase;
    while (next < columns.length && columns[next]?.bars[0]?.attempt.phase === phase) next++;
    const begin = spread === "clock" ? (columns[first]?.bars[0]?.fromMs ?? 0) / 1000 : first + 0.5;
    const end = spread === "clock" ? (columns[next - 1]?.bars.at(-1)?.toMs ?? 0) / 1000 : next + 0.5;
    const left = Math.max(bbox.left, plot.valToPos(begin, "x", true) + ratio);
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(end, "x", true) - ratio);
    if (right <= left && spread === "iterations") continue;
    ctx.fillStyle = palette.colour(phaseColour(phase));
    ctx.fillRect(left, y, Math.max(ratio, right - left), PHASE_HEIGHT * ratio);
    if (phase === undefined || ctx.measureText(phase).width > right - left) continue;
    ctx.fillStyle = ink;
    ctx.fillText(phase, left, y - 8 * ratio);
  }
  ctx.restore();
}

/**
 * The marks above that, each with its word where there is room. Those of one kind that would touch are one, with their
 * number.
 */
export function drawMarks(plot: uPlot, { view: { timeline: { marks }, spread }, palette }: Drawing): void {
  const { ctx, bbox } = plot;
  const ratio = uPlot.pxRatio;
  const size = MARK_SIZE * ratio;
  prepareText(plot);
  const xOf = (mark: PlacedMark): number => plot.valToPos(spread === "clock" ? mark.ms / 1000 : mark.place, "x", true);
  const inSight = marks.map((mark) => ({ kind: mark.kind, x: xOf(mark) }))
    .filter(({ x }) => x >= bbox.left && x <= bbox.left + bbox.width);
  const room = { size, right: bbox.left + bbox.width, widthOf: (text: string) => ctx.measureText(text).width };
  for (const { kind, x, row, label, isLeft } of arrange(inSight, room)) {
    const y = bbox.top - (HEAD_HEIGHT - (row + 0.5) * ROW_HEIGHT) * ratio;
    const { path, colour } = MARK_SHAPES[kind];
    ctx.save();
    ctx.translate(x - size / 2, y - size / 2);
    ctx.scale(ratio, ratio);
    ctx.fillStyle = palette.colour(colour);
    ctx.fill(new Path2D(path), "evenodd");
    ctx.restore();
    ctx.fillStyle = palette.colour("--muted");
    ctx.textAlign = isLeft ? "right" : "left";
    ctx.fillText(label, x + size * (isLeft ? -0.8 : 0.8), y);
  }
  ctx.restore();
}

interface Arranged {
  readonly kind: PlacedMark["kind"];
  readonly x: number;
  readonly row: number;
  readonly count: number;
  readonly label: string;
  /** At the right edge, a word stands before its mark. */
  readonly isLeft: boolean;
}

interface MarkRoom {
  readonly size: number;
  readonly right: number;
  readonly widthOf: (text: string) => number;
}

/** Finds a row for each mark. A word gives way to a mark; a mark without any room moves on to the right. */
function arrange(
  marks: readonly Pick<Arranged, "kind" | "x">[],
  { size, right, widthOf }: MarkRoom,
): readonly Arranged[] {
  const rows: Arranged[][] = Array.from({ length: MARK_ROWS }, () => []);
  const gap = size * 1.2;
  const endOf = (mark: Arranged | undefined): number =>
    mark === undefined ? -Infinity : mark.x + gap + (mark.isLeft ? 0 : widthOf(mark.label));
  for (const { kind, x } of marks) {
    const { word } = MARK_SHAPES[kind];
    const same = rows.find((row) => row.at(-1)?.kind === kind && x - (row.at(-1)?.x ?? 0) < gap);
    const twin = same?.pop();
    if (same !== undefined && twin !== undefined) {
      same.push({ ...twin, count: twin.count + 1, label: `${word} ×${twin.count + 1}` });
      continue;
    }
    const isLeft = x + gap + widthOf(word) > right;
    const begin = x - size - (isLeft ? widthOf(word) : 0);
    const roomy = rows.findIndex((row) => endOf(row.at(-1)) <= begin);
    const ends = rows.map((row) => (row.at(-1)?.x ?? -Infinity) + gap);
    const row = roomy >= 0 ? roomy : ends.indexOf(Math.min(...ends));
    const before = rows[row]?.pop();
    if (before !== undefined) rows[row]?.push(roomy >= 0 ? before : { ...before, label: "" });
    const label = roomy < 0 && isLeft ? "" : word;
    rows[row]?.push({ kind, x: Math.max(x, ends[row] ?? x), row, count: 1, label, isLeft });
  }
  return rows.flat();
}

/** The limit on the cost, as a dashed line with its amount. */
export function drawLimit(plot: uPlot, { view: { limit }, palette }: Drawing): void {
  if (limit === undefined) return;
  const { ctx, bbox } = plot;
  const ratio = uPlot.pxRatio;
  const y = Math.round(plot.valToPos(limit, "y", true));
  prepareText(plot);
  ctx.strokeStyle = ctx.fillStyle = palette.colour("--bad");
  ctx.lineWidth = 2 * ratio;
  ctx.setLineDash([6 * ratio, 4 * ratio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.fillText(`limit ${formatCost(limit)}`, bbox.left + 6 * ratio, y - 8 * ratio);
  ctx.restore();
}

/** Whoever calls it restores the context. */
function prepareText({ ctx, root }: uPlot): void {
  ctx.save();
  ctx.font = `${11 * uPlot.pxRatio}px ${getComputedStyle(root).fontFamily}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
}

function phaseColour(phase: Phase | undefined): string {
  return phase === undefined ? "--muted" : `--phase-${PHASE_NAMES.indexOf(phase) + 1}`;
}
