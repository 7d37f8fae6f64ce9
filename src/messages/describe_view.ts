/**
 * What a person who waits for a session sees of it, in words: the same in `run`, in `status --watch` and on a page.
 *
 * @module
 */
import { formatDuration } from "../text/format.ts";
import { plainText } from "../text/terminal_text.ts";
import { amountIn, type Share, usedOf } from "../workflow/budget.ts";
import type { Now } from "../workflow/attempt.ts";
import type { Phase } from "../workflow/phases.ts";
import { NO_USAGE } from "../workflow/usage.ts";
import type { SessionState } from "../workflow/snapshot.ts";
import { describeUsage } from "./describe_usage.ts";

/** What is shown of a session; every status has it. Times are ISO 8601. */
export interface SessionView {
  readonly session: string;
  readonly state: SessionState;
  readonly phase: Phase;
  readonly iteration: number;
  readonly attempt: number;
  readonly activity: string;
  readonly detail: string;
  readonly now: Now | undefined;
  readonly wait: { readonly for: "limit" | "outage" | "retry"; readonly until: string } | undefined;
  readonly runStartedAt: string | undefined;
  readonly plan: { readonly done: number; readonly total: number } | undefined;
  readonly commit: { readonly hash: string; readonly subject: string; readonly at: string } | undefined;
  readonly tokens: { readonly input: number; readonly output: number };
  readonly costUsd: number | undefined;
  readonly estimatedUsd: number | undefined;
  /** The most used limit first. */
  readonly budget: readonly Omit<Share, "span">[];
}

/** What a person can do once a session rests, one line each. */
export interface NextSteps {
  /** Where its documents are. */
  readonly documents: readonly string[];
  readonly commands: readonly string[];
}

/** What goes on, in parts that are safe for a terminal. */
export interface DoingWords {
  readonly what: string;
  /** For how long, and how long the agent has been quiet. */
  readonly clocks: readonly string[];
  /** What the agent did or said before it began to think; may be empty. */
  readonly before: string;
}

/** What a pause is for; the time that is left stands behind it. */
const PAUSES = {
  limit: "waiting for a usage limit to end",
  outage: "waiting for the next attempt, in an outage",
  retry: "pausing before the next attempt",
} as const;

const RESTS: Readonly<Record<Exclude<SessionState, "running">, string>> = {
  queued: "Queued",
  ready: "Ready",
  waiting: "Waiting for you",
  blocked: "Blocked",
  done: "Done",
  failed: "Failed",
  stopped: "Stopped",
  crashed: "The worker died",
};

/** An agent that is quiet for less is at work. */
const QUIET_MS = 10_000;

/** Says what goes on at a moment, in milliseconds since 1970. */
export function describeDoing(view: SessionView, nowMs: number): DoingWords {
  const { state, now, wait } = view;
  const activity = plainText(view.activity, 200);
  if (state !== "running") {
    const detail = plainText(view.detail, 500);
    const rest = RESTS[state];
    // Some details begin with the same words.
    const what = detail === "" ? rest : detail.startsWith(rest) ? detail : `${rest}: ${detail}`;
    return { what, clocks: [], before: "" };
  }
  if (wait !== undefined) {
    return { what: PAUSES[wait.for], clocks: [`${formatDuration(Date.parse(wait.until) - nowMs)} left`], before: "" };
  }
  if (now === undefined) return { what: "starting", clocks: [], before: "" };
  const quietMs = now.attempt === undefined ? 0 : nowMs - Date.parse(now.attempt.heardAt);
  const clocks = [
    formatDuration(nowMs - Date.parse(now.since)),
    ...(quietMs >= QUIET_MS ? [`quiet ${formatDuration(quietMs)}`] : []),
  ];
  switch (now.kind) {
    case "starting":
      return { what: "starting the agent", clocks, before: "" };
    case "thinking":
      return { what: "thinking", clocks, before: activity };
    case "retrying":
      return { what: "waiting for the agent's service", clocks, before: "" };
    case "deciding":
      return { what: "deciding", clocks: [], before: "" };
    case "acting":
      return { what: activity.replace(/^(?:Bash|Shell) (?=.)/, "running "), clocks, before: "" };
    case "checking":
      return { what: activity, clocks, before: "" };
  }
}

/** The figures of a session at a moment, in groups; each part is safe for a terminal. */
export function describeFigures(view: SessionView, nowMs: number): readonly (readonly string[])[] {
  const { iteration, attempt, now, plan, tokens, costUsd, estimatedUsd, commit, runStartedAt, state } = view;
  const share = mostTelling(view.budget);
  const since = (at: string) => formatDuration(nowMs - Date.parse(at));
  const { timeoutMs, startedAt } = now?.attempt ?? {};
  const usage = { ...NO_USAGE, costUsd, estimatedUsd, inputTokens: tokens.input, outputTokens: tokens.output };
  const groups = [
    [
      plainText(view.session, 100),
      ...(iteration === 0 ? [] : [`iteration ${iteration}${attempt > 1 ? `, attempt ${attempt}` : ""}`]),
      ...(startedAt === undefined
        ? []
        : [`${since(startedAt)}${timeoutMs === undefined ? "" : ` of ${roundDuration(timeoutMs)}`}`]),
      ...(plan === undefined || plan.total === 0 ? [] : [`plan ${plan.done}/${plan.total}`]),
      ...(state === "running" && runStartedAt !== undefined ? [`run ${since(runStartedAt)}`] : []),
    ],
    [
      ...describeUsage(usage),
      ...(share === undefined ? [] : [`${amountIn(share.measure, Math.max(0, share.limit - share.spent))} left`]),
    ],
    commit === undefined ? [] : [
      `commit ${commit.hash} ${plainText(commit.subject, 100)}`,
      `${since(commit.at)} ago`,
    ],
  ];
  return groups.filter((parts) => parts.length > 0);
}

/** What money is left, unless much less is left of something else. */
function mostTelling(budget: SessionView["budget"]): SessionView["budget"][number] | undefined {
  const [most] = budget;
  const cost = budget.find(({ measure }) => measure === "cost");
  return most === undefined || cost === undefined || usedOf(most) >= TELLING_SHARE ? most : cost;
}

/** From this share on, any limit may be the next one that is reached. */
const TELLING_SHARE = 0.5;

/** `30m`, not `30m 00s`. */
function roundDuration(ms: number): string {
  return formatDuration(ms).replace(/ 00[smh]$/, "");
}

/** A few words for the title of a window. */
export function describeTitle({ session, state, phase }: SessionView): string {
  const what = state === "running" ? phase : RESTS[state].toLowerCase();
  return plainText(`${session} · ${what}`, 60);
}
