/**
 * Shows a running session on the console: permanent lines and, on a terminal, a live area below them.
 *
 * @module
 */
import type { LiveOutput } from "../system/output.ts";
import { formatCount } from "../text/format.ts";
import { cutToWidth, plainText, wrapToWidth } from "../text/terminal_text.ts";
import { NO_EVIDENCE } from "../workflow/evidence.ts";
import { isPulse, type RecordedEvent } from "../workflow/session_event.ts";
import { consoleLine } from "./console_line.ts";
import { describeEvent } from "../messages/describe_event.ts";
import type { Listener } from "../listeners/fan_out.ts";
import { closingBlock, liveArea, SPINNER_MS, totalsLines, workLines } from "./live_area.ts";
import { advance, type EarlierRuns, NOTHING_YET, type RunProgress } from "./run_progress.ts";
import { Screen, type Span } from "./screen.ts";

/** Where and how to show a session. */
export interface ConsoleOptions {
  readonly output: LiveOutput;
  /** A function, because windows change their size. */
  readonly columns: () => number;
  readonly isTerminal: boolean;
  readonly color: boolean;
  readonly sessionName: string;
  /** What the person can do once the session rests, one line each. */
  readonly nextSteps: () => readonly string[];
  readonly before?: EarlierRuns;
  readonly now?: () => Date;
  /** Calls `tick` repeatedly until the returned function is called. */
  readonly every?: (ms: number, tick: () => void) => () => void;
}

const NO_EARLIER_RUNS: EarlierRuns = { costUsd: undefined, iterations: 0, evidence: NO_EVIDENCE };

/** Makes the listener that shows a session. */
export function consoleListener(given: ConsoleOptions): Listener {
  const options = { ...given, sessionName: plainText(given.sessionName, 100) };
  return options.isTerminal ? terminalListener(options) : plainListener(options);
}

/** For pipes and files: a stamped line per event, without escape codes. */
function plainListener({ output, sessionName, nextSteps, before = NO_EARLIER_RUNS }: ConsoleOptions): Listener {
  const backlog = new Backlog(output, sessionName);
  let progress: RunProgress = { ...NOTHING_YET, evidence: before.evidence };
  return {
    name: "console",
    hear(event: RecordedEvent): void {
      progress = advance(progress, event);
      if (isPulse(event) || !backlog.takes(event)) return;
      const texts = event.type === "session.stopped"
        ? [
          describeEvent(event),
          ...totalsLines(progress, { before }),
          ...workLines(progress),
          ...nextSteps().map((step) => `Next: ${plainText(step)}`),
        ]
        : plainRows(event);
      output.write([...backlog.notice(), ...texts].map((text) => `${clockTime(event.at)}  ${text}\n`).join(""));
    },
    close: () => output.flushed(),
  };
}

/**
 * Skips events for a reader that has fallen behind: first an agent's own, then all but the last. When it reads again, a
 * notice says how many were skipped.
 */
class Backlog {
  readonly #output: LiveOutput;
  readonly #sessionName: string;
  #skipped = 0;

  constructor(output: LiveOutput, sessionName: string) {
    this.#output = output;
    this.#sessionName = sessionName;
  }

  takes(event: RecordedEvent): boolean {
    const limit = event.type.startsWith("agent.") ? MAX_AGENT_BYTES : MAX_BACKLOG_BYTES;
    const takes = event.type === "session.stopped" || this.#output.pending() <= limit;
    if (!takes) this.#skipped++;
    return takes;
  }

  notice(): readonly string[] {
    if (this.#skipped === 0) return [];
    const skipped = formatCount(this.#skipped, "event");
    this.#skipped = 0;
    return [`! Skipped ${skipped} while nobody was reading. See: samocode logs ${this.#sessionName}`];
  }
}

/** Thousands of lines: pausing a terminal for a look skips nothing. */
const MAX_AGENT_BYTES = 256 * 1024;
const MAX_BACKLOG_BYTES = 768 * 1024;

function plainRows(event: RecordedEvent): readonly string[] {
  const line = consoleLine(event);
  return line === undefined ? [] : [`${line.mark} ${line.oneRow ? cutToWidth(line.text, 160) : line.text}`];
}

function terminalListener(options: ConsoleOptions): Listener {
  const { output, columns, color, sessionName, nextSteps, before = NO_EARLIER_RUNS } = options;
  const { now = () => new Date(), every = callEvery } = options;
  const backlog = new Backlog(output, sessionName);
  const screen = new Screen({ write: output.write, columns, color });
  let progress: RunProgress = { ...NOTHING_YET, evidence: before.evidence };
  let stopTicking: (() => void) | undefined;
  let broken: unknown;

  // Some terminals wrap as soon as the last column is written.
  const width = (): number => Math.max(1, columns() - 1);
  const live = (): readonly (readonly Span[])[] =>
    liveArea(progress, { columns: width(), nowMs: now().getTime(), sessionName, before });
  const tick = (): void => {
    // Redrawing what nobody has seen yet would only fill the queue.
    if (output.pending() > 0) return;
    try {
      screen.show([], live());
    } catch (error) {
      // Thrown from a timer, it would end the worker; the next event throws it instead.
      broken = error;
      rest();
    }
  };
  function rest(): void {
    stopTicking?.();
    stopTicking = undefined;
  }
  return {
    name: "console",
    hear(event: RecordedEvent): void {
      if (broken !== undefined) throw broken;
      const hasEnded = progress.endedAtMs !== undefined;
      progress = advance(progress, event);
      if (isPulse(event) || !backlog.takes(event)) return;
      const notice = backlog.notice().map((text): readonly Span[] => [["warn", cutToWidth(text, width())]]);
      if (event.type === "session.stopped") {
        rest();
        const view = { columns: width(), sessionName, before, nextSteps: nextSteps() };
        screen.show([...notice, ...closingBlock(event.outcome, progress, view)], []);
        return;
      }
      screen.show([...notice, ...permanentRows(event, width())], hasEnded ? [] : live());
      if (!hasEnded) stopTicking ??= every(SPINNER_MS, tick);
    },
    async close(): Promise<void> {
      rest();
      screen.show([], []);
      await output.flushed();
    },
  };
}

function permanentRows(event: RecordedEvent, width: number): readonly (readonly Span[])[] {
  const line = consoleLine(event);
  if (line === undefined) return [];
  const stamp = `${clockTime(event.at)}  `;
  const indent = " ".repeat(stamp.length + 2);
  const room = width - indent.length;
  const texts = line.oneRow ? [cutToWidth(line.text, Math.max(2, room))] : wrapToWidth(line.text, room);
  const rows = texts.map((text, index): readonly Span[] =>
    index === 0
      ? [["dim", stamp], [line.markStyle, line.mark], ["plain", " "], [line.style, text]]
      : [["plain", indent], [line.style, text]]
  );
  return line.opens ? [[], ...rows] : rows;
}

/** The local wall clock, `14:02:11`. */
function clockTime(at: string): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

function callEvery(ms: number, tick: () => void): () => void {
  const timer = setInterval(tick, ms);
  return () => clearInterval(timer);
}
