/**
 * Shows a running session on the console: permanent lines and, on a terminal, a live area below them.
 *
 * @module
 */
import type { LiveOutput } from "../system/output.ts";
import { formatCount } from "../text/format.ts";
import { cutToWidth, plainText, wrapToWidth } from "../text/terminal_text.ts";
import type { History } from "../workflow/history.ts";
import { isPulse, type RecordedEvent } from "../workflow/session_event.ts";
import { consoleLine } from "./console_line.ts";
import { describeEvent } from "../messages/describe_event.ts";
import { describeTitle, type NextSteps, type SessionView } from "../messages/describe_view.ts";
import type { EventListener } from "../event_listeners/fan_out.ts";
import { closingBlock, liveArea, totalsLines, workLines } from "./live_area.ts";
import { earlierRuns, runProgress } from "./run_progress.ts";
import { type Block, type Row, Screen } from "./screen.ts";

/** Where and how to show a session. */
export interface ConsoleOptions {
  readonly output: LiveOutput;
  /** Functions, because windows change their size. */
  readonly columns: () => number;
  readonly rows: () => number;
  /** Whether it obeys cursor movements; a dumb terminal does not. */
  readonly isTerminal: boolean;
  readonly color: boolean;
  readonly sessionName: string;
  readonly nextSteps: () => NextSteps;
  /** The session as it is now. */
  readonly view: () => SessionView;
  readonly history: () => History;
  /** The session's history before its run. */
  readonly before: History;
  /** Whether the live area stays when a run has ended. */
  readonly stays?: boolean;
  readonly now?: () => Date;
  /** Calls `tick` repeatedly until the returned function is called. */
  readonly every?: (ms: number, tick: () => void) => () => void;
  /** Calls back when the window has another size, until the returned function is called. */
  readonly onResize?: (listener: () => void) => () => void;
}

/** The clocks of the live area show seconds. */
const TICK_MS = 1_000;

/** A window that is dragged has many sizes; only the last one is drawn. */
const SETTLED_MS = 100;

/** Makes the listener that shows a session. */
export function consoleListener(given: ConsoleOptions): EventListener {
  const options = { ...given, sessionName: plainText(given.sessionName, 100) };
  return options.isTerminal ? terminalListener(options) : plainListener(options);
}

/** For pipes and files: a stamped line per event, without escape codes. */
function plainListener({ output, sessionName, nextSteps, history, ...options }: ConsoleOptions): EventListener {
  const backlog = new Backlog(output, sessionName);
  let { before } = options;
  const endRows = (event: RecordedEvent): readonly string[] => {
    const progress = runProgress(before, history());
    const totals = totalsLines(progress, { before: earlierRuns(before) });
    before = history();
    const { documents, commands } = nextSteps();
    const next = [...documents, ...commands].map((step) => `Next: ${plainText(step)}`);
    return [describeEvent(event), ...totals, ...workLines(progress), ...next];
  };
  return {
    name: "console",
    hear(event: RecordedEvent): void {
      if (isPulse(event) || !backlog.takes(event)) return;
      const texts = event.type === "session.stopped" ? endRows(event) : plainRows(event);
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

function terminalListener(options: ConsoleOptions): EventListener {
  const { output, columns, rows, color, sessionName, nextSteps, view, history, stays = false } = options;
  const { now = () => new Date(), every = callEvery, onResize = () => () => {} } = options;
  const backlog = new Backlog(output, sessionName);
  const screen = new Screen({ write: output.write, columns, rows, color });
  let { before } = options;
  let stopTicking: (() => void) | undefined;
  let hasEnded = false;
  let broken: unknown;
  let settling: ReturnType<typeof setTimeout> | undefined;

  const show = (permanent: readonly Block[]): void => {
    if (hasEnded) return screen.show(permanent, () => []);
    const session = view();
    const nowMs = now().getTime();
    screen.title(describeTitle(session));
    screen.show(permanent, (width) => liveArea(session, { columns: width, nowMs, nextSteps }));
    stopTicking ??= begin();
  };
  const tick = (): void => {
    // Redrawing what nobody has seen yet would only fill the queue.
    if (output.pending() > 0) return;
    try {
      show([]);
    } catch (error) {
      // Thrown from a timer, it would end the worker; the next event throws it instead.
      broken = error;
      rest();
    }
  };
  function begin(): () => void {
    const stops = [
      every(TICK_MS, tick),
      onResize(() => {
        clearTimeout(settling);
        settling = setTimeout(tick, SETTLED_MS);
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }
  function rest(): void {
    stopTicking?.();
    stopTicking = undefined;
    clearTimeout(settling);
  }
  return {
    name: "console",
    hear(event: RecordedEvent): void {
      if (broken !== undefined) throw broken;
      if (isPulse(event) || !backlog.takes(event)) return;
      const notice = backlog.notice().map((text): Block => (width) => [[["warn", cutToWidth(text, width)]]]);
      if (event.type !== "session.stopped") return show([...notice, (width) => permanentRows(event, width)]);
      const { outcome } = event;
      const after = history();
      const progress = runProgress(before, after);
      const closing = { sessionName, before: earlierRuns(before), nextSteps: nextSteps() };
      before = after;
      hasEnded = !stays;
      show([...notice, (width) => closingBlock(outcome, progress, { ...closing, columns: width })]);
      // Whoever stops it knows.
      if (outcome.kind !== "stopped") screen.ring();
      if (hasEnded) rest();
    },
    async close(): Promise<void> {
      rest();
      hasEnded = true;
      screen.close();
      await output.flushed();
    },
  };
}

function permanentRows(event: RecordedEvent, width: number): readonly Row[] {
  const line = consoleLine(event);
  if (line === undefined) return [];
  const stamp = `${clockTime(event.at)}  `;
  const indent = " ".repeat(stamp.length + 2);
  const room = width - indent.length;
  const texts = line.oneRow ? [cutToWidth(line.text, Math.max(2, room))] : wrapToWidth(line.text, room);
  const rows = texts.map((text, index): Row =>
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
