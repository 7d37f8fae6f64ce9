/**
 * The fold over a session's events that tells its story. It needs no agent's actions and messages, so that most lines
 * of a long journal need not be parsed.
 *
 * @module
 */
import { cutText } from "../text/cut_text.ts";
import { whereAdopted } from "../workflow/adoption.ts";
import { describeEnd } from "../workflow/iteration_end.ts";
import { FIRST_PHASE, type Phase } from "../workflow/phases.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import type { Story } from "../workflow/story.ts";
import { addUsage, NO_USAGE } from "../workflow/usage.ts";
import { describeEvent } from "./describe_event.ts";
import { decisionsIn } from "./story_decisions.ts";
import { markIn } from "./story_marks.ts";

/** How many of the last refusals a story keeps. */
const KEPT_REFUSALS = 100;
/** Of a text from an agent or its service, in UTF-16 units. */
const MAX_TEXT = 400;

/** Adds events to a story. Its lists are copied once, so that many events at a time cost little. */
export function foldStory(before: Story, events: readonly RecordedEvent[]): Story {
  const { phases, attempts, decisions, marks, refusals, refused, versions } = before;
  const story: Draft = {
    phases: [...phases],
    attempts: [...attempts],
    decisions: [...decisions],
    marks: [...marks],
    refusals: [...refusals],
    refused,
    versions: [...versions],
  };
  for (const event of events) {
    progress(story, event);
    story.decisions.push(...decisionsIn(event, story));
    const mark = markIn(event);
    if (mark !== undefined) story.marks.push(mark);
  }
  return story;
}

/** A story that is being told: its lists grow, what is in them is replaced whole. */
type Draft = { -readonly [Key in keyof Story]: Story[Key] extends readonly (infer Item)[] ? Item[] : Story[Key] };

function progress(story: Draft, event: RecordedEvent): void {
  switch (event.type) {
    case "session.created":
      return enter(story, event.at, event.adopted ? whereAdopted(event.adopted.phase).phase : FIRST_PHASE);
    case "task.given":
      return enter(story, event.at, FIRST_PHASE);
    case "phase.entered":
      return enter(story, event.at, event.phase);
    case "session.started":
      return noteVersion(story, `samocode ${event.version}`);
    case "iteration.started":
      return begin(story, event);
    case "agent.started": {
      const { model, version } = event;
      if (model !== "") changeLast(story.attempts, { model });
      if (version !== "") noteVersion(story, `${story.attempts.at(-1)?.provider || "agent"} ${version}`);
      return;
    }
    case "agent.model_changed":
      return changeLast(story.attempts, { model: event.model });
    case "agent.denied":
      refuse(story, event);
      return changeLast(story.attempts, { refusals: (story.attempts.at(-1)?.refusals ?? 0) + 1 });
    case "hosts.refused":
      return refuse(story, event, event.hosts.length + event.more);
    case "iteration.ended":
      return end(story, event);
    case "iteration.retried":
      return changeLast(story.attempts, { retried: cutText(event.because, MAX_TEXT) });
  }
}

function enter({ phases }: Draft, at: string, phase: Phase): void {
  changeLast(phases, { leftAt: at });
  phases.push({ phase, enteredAt: at, leftAt: undefined, workedMs: 0, usage: NO_USAGE, starts: 0 });
}

function begin({ phases, attempts }: Draft, event: Extract<RecordedEvent, { type: "iteration.started" }>): void {
  const { iteration, attempt, phase, provider = attempts.at(-1)?.provider ?? "", model = "", at } = event;
  changeLast(phases, { starts: (phases.at(-1)?.starts ?? 0) + 1 });
  attempts.push({
    ...{ iteration, attempt, phase, provider, model },
    startedAt: at,
    endedAt: undefined,
    durationMs: 0,
    usage: NO_USAGE,
    end: "",
    retried: "",
    refusals: 0,
  });
}

function end({ phases, attempts }: Draft, event: Extract<RecordedEvent, { type: "iteration.ended" }>): void {
  const { durationMs, usage, end, at } = event;
  const { refusals = 0 } = attempts.at(-1) ?? {};
  const stay = phases.at(-1);
  changeLast(phases, {
    workedMs: (stay?.workedMs ?? 0) + durationMs,
    usage: addUsage(stay?.usage ?? NO_USAGE, usage),
  });
  changeLast(attempts, {
    endedAt: at,
    durationMs,
    usage,
    end: cutText(describeEnd(end), MAX_TEXT),
    // Of many in a row, not all are in the journal; a worker that died counted none.
    refusals: Math.max(refusals, event.denials),
  });
}

function refuse(story: Draft, event: RecordedEvent, count = 1): void {
  const { iteration = 0 } = story.attempts.at(-1) ?? {};
  story.refusals.push({ at: event.at, iteration, text: describeEvent(event, { maxText: MAX_TEXT }) });
  if (story.refusals.length > KEPT_REFUSALS) story.refusals.shift();
  story.refused += count;
}

function noteVersion({ versions }: Draft, version: string): void {
  const shown = cutText(version, MAX_TEXT);
  if (!versions.includes(shown)) versions.push(shown);
}

function changeLast<Item extends object>(items: Item[], changes: Partial<Item>): void {
  const last = items.pop();
  if (last !== undefined) items.push({ ...last, ...changes });
}
