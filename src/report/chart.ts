/**
 * A session's way as SVG: each phase's agents on one line of time, and the cost as it grew. Long waits are shortened, or
 * a night at a gate would leave no room for the work.
 *
 * @module
 */
import { formatCost, formatCount, formatDuration, formatTokens } from "../text/format.ts";
import { PHASE_NAMES } from "../workflow/phases.ts";
import type { AttemptStory, Mark, Story } from "../workflow/story.ts";
import type { Usage } from "../workflow/usage.ts";
import { text } from "./html.ts";

/** All charts have this many units of width, stretched to the page's. */
const WIDTH = 1_000;
/** A wait takes at most this part of all work. */
const LONGEST_WAIT = 0.08;
/** Of more, the last ones are drawn: a bar would be thinner than a pixel. */
const MAX_BARS = 2_000;
const MAX_MARKS = 300;

/** Where moments are on the line. */
interface Scale {
  readonly at: (ms: number) => number;
  /** The waits that were shortened. */
  readonly waits: readonly { readonly from: number; readonly to: number; readonly ms: number }[];
}

/** One phase in the table of phases. */
export interface PhaseRow {
  readonly phase: string;
  readonly starts: number;
  readonly workedMs: number;
  readonly costUsd: number;
  readonly isPriced: boolean;
  readonly tokens: number;
  /** SVG. */
  readonly line: string;
}

/** The phases in which agents worked, in their order. */
export function phaseRows(story: Story, asOf: string): readonly PhaseRow[] {
  const attempts = story.attempts.slice(-MAX_BARS);
  const scale = scaleOf(attempts, Date.parse(asOf));
  const marks = story.marks.slice(-MAX_MARKS);
  return PHASE_NAMES.flatMap((phase, index) => {
    const own = story.attempts.filter((attempt) => attempt.phase === phase);
    if (own.length === 0) return [];
    const costUsd = sum(own.map(({ usage }) => dollars(usage)));
    const workedMs = sum(own.map(({ durationMs }) => durationMs));
    const row = {
      phase,
      starts: own.length,
      workedMs,
      costUsd,
      isPriced: own.some(({ usage }) => isPriced(usage)),
      tokens: sum(own.map(({ usage }) => tokensIn(usage))),
    };
    const label = `${phase}: ${formatCount(own.length, "agent")}, ${formatDuration(workedMs)}`;
    const bars = attempts.filter((attempt) => attempt.phase === phase).map((attempt) => bar(attempt, scale, asOf));
    return [{
      ...row,
      line: `<svg class="line phase-${index + 1}" viewBox="0 0 ${WIDTH} 24" preserveAspectRatio="none" role="img" ` +
        `aria-label="${text(label)}">${waitsOf(scale)}${bars.join("")}${
          marks.map((each) => tick(each, scale)).join("")
        }</svg>`,
    }];
  });
}

/** The waits that the lines shorten, in words; empty if there are none. */
export function shortenedWaits(story: Story, asOf: string): string {
  const { waits } = scaleOf(story.attempts.slice(-MAX_BARS), Date.parse(asOf));
  if (waits.length === 0) return "";
  const longest = formatDuration(Math.max(...waits.map(({ ms }) => ms)));
  return `${formatCount(waits.length, "wait")} shortened, the longest ${longest}`;
}

/** The cost as it grew with each attempt; empty if nothing is known of it. */
export function costChart({ attempts }: Story, asOf: string): string {
  const priced = attempts.filter(({ usage }) => isPriced(usage)).slice(-MAX_BARS);
  const total = sum(attempts.map(({ usage }) => dollars(usage)));
  if (priced.length < 2 || total === 0) return "";
  const scale = scaleOf(attempts.slice(-MAX_BARS), Date.parse(asOf));
  let spent = total - sum(priced.map(({ usage }) => dollars(usage)));
  const height = (usd: number): string => unit(100 - 94 * usd / total);
  const points = [`0,${height(spent)}`];
  for (const { startedAt, usage, durationMs } of priced) {
    const begun = Date.parse(startedAt);
    points.push(`${unit(scale.at(begun))},${height(spent)}`);
    spent += dollars(usage);
    points.push(`${unit(scale.at(begun + durationMs))},${height(spent)}`);
  }
  points.push(`${WIDTH},${height(spent)}`);
  return `<figure class="growth"><figcaption>Cost as it grew, up to <b>${formatCost(total)}</b></figcaption>
<svg viewBox="0 0 ${WIDTH} 100" preserveAspectRatio="none" role="img" aria-label="The cost grew to ${
    formatCost(total)
  } in ${formatCount(attempts.length, "attempt")}"><polygon class="area" points="0,100 ${
    points.join(" ")
  } ${WIDTH},100"/><polyline class="edge" points="${points.join(" ")}"/></svg></figure>`;
}

/** A bar of one part of a whole. */
export function shareBar(part: number, whole: number, label: string): string {
  const width = whole > 0 ? Math.max(part > 0 ? 4 : 0, WIDTH * part / whole) : 0;
  return `<svg class="share" viewBox="0 0 ${WIDTH} 10" preserveAspectRatio="none" role="img" aria-label="${
    text(label)
  }">` +
    `<rect class="ground" width="${WIDTH}" height="10"/><rect class="part" width="${unit(width)}" height="10"/></svg>`;
}

/** Dollars, reported or by list price. */
export function dollars({ costUsd = 0, estimatedUsd = 0 }: Pick<Usage, "costUsd" | "estimatedUsd">): number {
  return (costUsd ?? 0) + estimatedUsd;
}

/** Whether anything is known of a cost. */
export function isPriced({ costUsd, estimatedUsd = 0 }: Pick<Usage, "costUsd" | "estimatedUsd">): boolean {
  return costUsd !== undefined || estimatedUsd > 0;
}

/** All tokens, in and out. */
export function tokensIn(usage: Usage): number {
  return usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
}

function bar(attempt: AttemptStory, scale: Scale, asOf: string): string {
  const { iteration, attempt: number, startedAt, endedAt, durationMs, usage, end, refusals } = attempt;
  const begun = Date.parse(startedAt);
  const from = scale.at(begun);
  const to = scale.at(endedAt === undefined ? Date.parse(asOf) : begun + durationMs);
  const words = [
    `Iteration ${iteration}${number > 1 ? `, attempt ${number}` : ""}`,
    formatDuration(durationMs),
    ...(isPriced(usage) ? [formatCost(dollars(usage))] : []),
    `${formatTokens(tokensIn(usage))} tokens`,
    end === "" ? "at work" : end,
    ...(refusals > 0 ? [formatCount(refusals, "refusal")] : []),
  ];
  const kind = end === "finished" || end === "" ? "bar" : "bar failed";
  return `<rect class="${kind}" x="${unit(from)}" y="4" width="${unit(Math.max(2, to - from))}" height="16"><title>${
    text(words.join(" · "), 300)
  }</title></rect>`;
}

function tick({ at, kind, text: words }: Mark, scale: Scale): string {
  const x = unit(scale.at(Date.parse(at)));
  return `<line class="tick ${kind}" x1="${x}" x2="${x}" y1="0" y2="24"><title>${text(words, 300)}</title></line>`;
}

function waitsOf({ waits }: Scale): string {
  return waits.map(({ from, to, ms }) =>
    `<rect class="wait" x="${unit(from)}" y="0" width="${unit(to - from)}" height="24"><title>Waited ${
      formatDuration(ms)
    }</title></rect>`
  ).join("");
}

/** Time is piecewise linear: as it passed while agents worked, and faster in long waits. */
function scaleOf(attempts: readonly AttemptStory[], untilMs: number): Scale {
  const spans = attempts.map(({ startedAt, endedAt, durationMs }) => {
    const from = Date.parse(startedAt);
    return { from, to: endedAt === undefined ? Math.max(from, untilMs) : from + durationMs };
  }).sort((a, b) => a.from - b.from);
  const worked = sum(spans.map(({ from, to }) => to - from)) || 1;
  const pieces: { from: number; to: number; size: number; isWait: boolean }[] = [];
  let end = spans[0]?.from ?? 0;
  for (const { from, to } of spans) {
    const gap = from - end;
    if (gap > 0) pieces.push({ from: end, to: from, size: Math.min(gap, worked * LONGEST_WAIT), isWait: true });
    if (to > Math.max(from, end)) {
      pieces.push({ from: Math.max(from, end), to, size: to - Math.max(from, end), isWait: false });
    }
    end = Math.max(end, to);
  }
  const whole = sum(pieces.map(({ size }) => size)) || 1;
  let before = 0;
  const placed = pieces.map((piece) => {
    const x = WIDTH * before / whole;
    before += piece.size;
    return { ...piece, x, width: WIDTH * piece.size / whole };
  });
  return {
    at(ms): number {
      const piece = placed.find(({ to }) => ms <= to);
      if (piece === undefined) return WIDTH;
      return piece.x + piece.width * Math.max(0, ms - piece.from) / (piece.to - piece.from);
    },
    waits: placed.filter(({ isWait, from, to, size }) => isWait && to - from > size)
      .map(({ x, width, from, to }) => ({ from: x, to: x + width, ms: to - from })),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

/** In units of the chart, with as many digits as a pixel needs. */
function unit(value: number): string {
  return String(Math.round(value * 10) / 10);
}
