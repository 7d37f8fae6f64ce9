/**
 * What a report tells of a session: gathered by the operations, rendered here, and printed as JSON as it is.
 *
 * @module
 */
import type { CheckRun, CheckStage } from "../workflow/evidence.ts";
import type { PullRequestText } from "../workflow/pull_request.ts";
import type { Question } from "../workflow/questions.ts";
import type { Usage } from "../workflow/usage.ts";
import type { Finish } from "../workflow/work.ts";
import type { Story } from "../workflow/story.ts";

/** The color of each state. */
export const STATE_KINDS: Readonly<Record<string, "good" | "bad" | "need" | "plain">> = {
  done: "good",
  waiting: "need",
  ready: "need",
  blocked: "bad",
  failed: "bad",
  crashed: "bad",
};

/** A document of an agent, in Markdown. */
export interface ReportText {
  /** Its file in the session's folder. */
  readonly name: string;
  readonly text: string;
}

/** A question with what became of it. */
export interface ReportQuestion extends Question {
  /** Who answered, as the journal has it, and when, ISO 8601; `undefined` while it is open. */
  readonly answered: { readonly by: string; readonly at: string } | undefined;
}

/** A commit of the session. */
export interface ReportCommit {
  readonly hash: string;
  readonly at: string;
  readonly subject: string;
}

/** Everything that a report tells. Times are ISO 8601. */
export interface Report {
  readonly kind: "samocode-report";
  /** Of this form; grows with changes that would break its readers. */
  readonly version: 1;
  /** The time of the session's last event: all of it is so far. */
  readonly asOf: string;
  readonly project: string;
  readonly session: string;
  readonly task: string;
  readonly dive: string;
  readonly state: string;
  /** Why it is in that state, in words. */
  readonly detail: string;
  readonly phase: string;
  readonly iteration: number;
  readonly startedAt: string;
  /** Since it was started, until the last event. */
  readonly elapsedMs: number;
  /** How long its agents worked. */
  readonly workedMs: number;
  readonly usage: Usage;
  readonly branch: string | undefined;
  readonly guard: string;
  readonly route: string;
  readonly summary: ReportText | undefined;
  readonly pullRequest: PullRequestText | undefined;
  readonly questions: readonly ReportQuestion[];
  readonly plan:
    | ReportText & {
      readonly sha256: string;
      readonly done: number;
      readonly total: number;
      /** Whether the approval of it counts. */
      readonly isApproved: boolean;
    }
    | undefined;
  readonly story: Story;
  /** What the project's own checks said. */
  readonly checks: {
    readonly words: string;
    readonly rounds: readonly { readonly stage: CheckStage; readonly runs: readonly CheckRun[] }[];
  };
  readonly changes: {
    /** The newest first, at most 500. */
    readonly commits: readonly ReportCommit[];
    /** As git writes it. */
    readonly diff: string;
    /** What is not in it, in words; empty if all is. */
    readonly left: string;
  };
  readonly finish: Finish | undefined;
}

/** A session in an overview. */
export interface OverviewSession {
  readonly project: string;
  readonly session: string;
  readonly task: string;
  readonly state: string;
  readonly detail: string;
  readonly startedAt: string | undefined;
  readonly elapsedMs: number;
  readonly costUsd: number | undefined;
  readonly estimatedUsd: number | undefined;
}

/** What was used under one key, a day, phase or model. Costs are in US dollars. */
export interface OverviewSum {
  readonly key: string;
  readonly costUsd: number;
  readonly estimatedUsd: number;
  readonly tokens: number;
  readonly starts: number;
  readonly workedMs: number;
}

/** All sessions of a user. */
export interface Overview {
  readonly kind: "samocode-overview";
  readonly version: 1;
  /** The first local day; `undefined` for all. */
  readonly since: string | undefined;
  readonly sessions: readonly OverviewSession[];
  readonly states: Readonly<Record<string, number>>;
  /** Why runs stopped without being done, the most frequent first. */
  readonly reasons: readonly { readonly text: string; readonly count: number }[];
  readonly days: readonly OverviewSum[];
  readonly phases: readonly OverviewSum[];
  readonly models: readonly OverviewSum[];
  readonly total: Omit<OverviewSum, "key">;
  /** What could not be read, each with the reason. */
  readonly leftOut: readonly string[];
}
