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
import type { AttemptStory, PhaseStay, Refusal, Story } from "../workflow/story.ts";
import { addUsage, NO_USAGE } from "../workflow/usage.ts";
import { describeEvent } from "./describe_event.ts";
import { decisionsIn } from "./story_decisions.ts";
import { markIn } from "./story_marks.ts";

/** The story of an empty journal. */
export const NO_STORY: Story = {
  phases: [],
  attempts: [],
  decisions: [],
  marks: [],
  refusals: [],
  refused: 0,
  versions: [],
};

/** How many of the last refusals a story keeps. */
const KEPT_REFUSALS = 100;
/** Of a text from an agent or its service, in UTF-16 units. */
const MAX_TEXT = 400;

/** Adds one event to a story. */
export function foldStory(before: Story, event: RecordedEvent): Story {
  const story = progressed(before, event);
  const decisions = decisionsIn(event, story);
  const mark = markIn(event);
  if (decisions.length === 0 && mark === undefined) return story;
  return {
    ...story,
    ...(decisions.length > 0 && { decisions: [...story.decisions, ...decisions] }),
    ...(mark && { marks: [...story.marks, mark] }),
  };
}

function progressed(story: Story, event: RecordedEvent): Story {
  switch (event.type) {
    case "session.created":
      return entered(story, event.at, event.adopted ? whereAdopted(event.adopted.phase).phase : FIRST_PHASE);
    case "task.given":
      return entered(story, event.at, FIRST_PHASE);
    case "phase.entered":
      return entered(story, event.at, event.phase);
    case "session.started":
      return withVersion(story, `samocode ${event.version}`);
    case "iteration.started":
      return began(story, event);
    case "agent.started": {
      const { model, version } = event;
      const provider = story.attempts.at(-1)?.provider || "agent";
      const named = model === "" ? story : withAttempt(story, { model });
      return version === "" ? named : withVersion(named, `${provider} ${version}`);
    }
    case "agent.model_changed":
      return withAttempt(story, { model: event.model });
    case "agent.denied":
      return withAttempt(refused(story, event), { refusals: (story.attempts.at(-1)?.refusals ?? 0) + 1 });
    case "hosts.refused":
      return refused(story, event, event.hosts.length + event.more);
    case "iteration.ended":
      return ended(story, event);
    case "iteration.retried":
      return withAttempt(story, { retried: cutText(event.because, MAX_TEXT) });
    default:
      return story;
  }
}

function entered(story: Story, at: string, phase: Phase): Story {
  const stay: PhaseStay = { phase, enteredAt: at, leftAt: undefined, workedMs: 0, usage: NO_USAGE, starts: 0 };
  const left = withStay(story, { leftAt: at });
  return { ...left, phases: [...left.phases, stay] };
}

function began(story: Story, event: Extract<RecordedEvent, { type: "iteration.started" }>): Story {
  const { iteration, attempt, phase, provider = story.attempts.at(-1)?.provider ?? "", model = "", at } = event;
  const fresh: AttemptStory = {
    ...{ iteration, attempt, phase, provider, model },
    startedAt: at,
    endedAt: undefined,
    durationMs: 0,
    usage: NO_USAGE,
    end: "",
    retried: "",
    refusals: 0,
  };
  const starts = (story.phases.at(-1)?.starts ?? 0) + 1;
  return { ...withStay(story, { starts }), attempts: [...story.attempts, fresh] };
}

function ended(story: Story, event: Extract<RecordedEvent, { type: "iteration.ended" }>): Story {
  const { durationMs, usage, end, at } = event;
  const { refusals = 0 } = story.attempts.at(-1) ?? {};
  const stay = story.phases.at(-1);
  return withAttempt(
    withStay(story, {
      workedMs: (stay?.workedMs ?? 0) + durationMs,
      usage: addUsage(stay?.usage ?? NO_USAGE, usage),
    }),
    {
      endedAt: at,
      durationMs,
      usage,
      end: cutText(describeEnd(end), MAX_TEXT),
      // Of many in a row, not all are in the journal; a worker that died counted none.
      refusals: Math.max(refusals, event.denials),
    },
  );
}

function refused(story: Story, event: RecordedEvent, count = 1): Story {
  const { iteration = 0 } = story.attempts.at(-1) ?? {};
  const refusal: Refusal = { at: event.at, iteration, text: describeEvent(event, { maxText: MAX_TEXT }) };
  return {
    ...story,
    refusals: [...story.refusals.slice(1 - KEPT_REFUSALS), refusal],
    refused: story.refused + count,
  };
}

function withVersion(story: Story, version: string): Story {
  const shown = cutText(version, MAX_TEXT);
  return story.versions.includes(shown) ? story : { ...story, versions: [...story.versions, shown] };
}

function withAttempt(story: Story, changes: Partial<AttemptStory>): Story {
  return { ...story, attempts: withLast(story.attempts, changes) };
}

function withStay(story: Story, changes: Partial<PhaseStay>): Story {
  return { ...story, phases: withLast(story.phases, changes) };
}

function withLast<Item extends object>(items: readonly Item[], changes: Partial<Item>): readonly Item[] {
  const last = items.at(-1);
  return last === undefined ? items : items.with(-1, { ...last, ...changes });
}
