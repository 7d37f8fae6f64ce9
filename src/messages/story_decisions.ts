/**
 * What people decided, as events have it.
 *
 * @module
 */
import { cutText } from "../text/cut_text.ts";
import { GATES } from "../workflow/gates.ts";
import type { Assignment, RecordedEvent } from "../workflow/session_event.ts";
import type { Decision, Story } from "../workflow/story.ts";
import { describeRaise } from "./describe_usage.ts";
import { describeFinish } from "./describe_work.ts";

type Told = Omit<Decision, "at" | "sha256"> & { readonly sha256?: string | undefined };

/** Of a person's text, in UTF-16 units: a task can be a whole book. */
const MAX_TEXT = 4_000;

/** Tells what a person decided by an event: nothing, or what they did at once. `story` is what came before it. */
export function decisionsIn(event: RecordedEvent, story: Story): readonly Decision[] {
  return toldIn(event, story).map(({ kind, text, by, sha256, questions }) => ({
    at: event.at,
    kind,
    text: cutText(text, MAX_TEXT),
    by,
    sha256,
    ...(questions && { questions }),
  }));
}

function toldIn(event: RecordedEvent, story: Story): readonly Told[] {
  switch (event.type) {
    case "session.created":
      return assigned(event, event.by ?? "samocode run");
    case "task.given":
      return assigned(event, event.by);
    case "answers.given": {
      const { ids, by, sha256 } = event;
      return [{ kind: "answers", text: `Answered ${ids.join(", ")}`, by, sha256, questions: ids }];
    }
    case "gate.opened": {
      const { gate, by, document, sha256 } = event;
      if (GATES[gate].verb === "approve") {
        const text = document === undefined ? GATES[gate].opened : `Approved ${document}`;
        return [{ kind: "approval", text, by, sha256 }];
      }
      // The answers themselves have told of it.
      return story.decisions.at(-1)?.kind === "answers"
        ? []
        : [{ kind: "answers", text: GATES[gate].opened, by, sha256 }];
    }
    case "plan.rejected":
      return [{ kind: "rejection", text: event.feedback, by: event.by }];
    case "guidance.given":
      return [{ kind: "guidance", text: event.text, by: event.by }];
    case "budget.raised":
      return [{ kind: "budget", text: `Raised ${event.raised.map(describeRaise).join(", ")}`, by: event.by }];
    case "stop.requested":
      return [{ kind: "stop", text: event.now ? "Stop now" : "Stop after the iteration", by: event.by }];
    case "resume.requested":
      return [{ kind: "resume", text: "Continue", by: event.by }];
    case "phase.entered": {
      if (event.by !== "human") return [];
      const { phase, from, waived = [] } = event;
      const left = waived.length === 0 ? "" : `, without ${waived.join(", ")}`;
      return [{ kind: "other", text: `Moved from ${from} to ${phase}${left}`, by: "a person" }];
    }
    case "baseline.accepted":
      return [{ kind: "other", text: "Go on although checks failed before any change", by: event.by }];
    case "checkpoint.restored":
      return [{ kind: "other", text: `Put the files of ${event.ref} back`, by: event.by }];
    case "journal.accepted":
      return [{ kind: "other", text: `Accepted the journal: ${event.found}`, by: event.by }];
    case "session.finished":
      return [{ kind: "other", text: `Finished: ${describeFinish(event)}`, by: event.by }];
    case "workplace.removed":
      return [{ kind: "other", text: `Removed the worktree and the branch ${event.branch}`, by: event.by }];
    default:
      return [];
  }
}

function assigned({ task, dive, plan }: Assignment, by: string): readonly Told[] {
  return [
    { kind: "task", text: task || dive, by },
    ...(plan === undefined
      ? []
      : [{ kind: "approval", text: `Gave the plan ${plan.document}`, by, sha256: plan.sha256 } as const]),
  ];
}
