/**
 * What all posts share: facts, data, and safe, short texts.
 *
 * @module
 */
import type { Json, Post, PostData, Topic } from "../channels/post.ts";
import { describeUsage } from "../messages/describe_usage.ts";
import { projectName } from "../operations/list_sessions.ts";
import { formatDuration } from "../text/format.ts";
import { plainBlock, plainText } from "../text/terminal_text.ts";
import { amountIn } from "../workflow/budget.ts";
import type { SessionState } from "../workflow/snapshot.ts";
import { NO_USAGE } from "../workflow/usage.ts";
import type { Act } from "./act.ts";
import type { OfferBook } from "./offers.ts";
import type { View } from "./view.ts";

/** A post before its offers are recorded. */
export interface Draft {
  /** Identifies the run and the exact text to decide on, so that a changed text becomes a new post. */
  readonly id: string;
  readonly topic: Topic;
  /** What happened, for programs. */
  readonly type: string;
  readonly mark?: string;
  /** Follows the session's name. */
  readonly need: string;
  readonly text: string;
  readonly document?: Post["document"];
  readonly offers?: readonly (readonly [label: string, act: Act])[];
  /** What a reply does, in words, and its act without the text. */
  readonly reply?: readonly [words: string, act: Act] | undefined;
  readonly isSilent?: boolean;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The emoji for each state. */
export const MARKS: Readonly<Record<SessionState, string>> = {
  running: "🔧",
  queued: "🕓",
  waiting: "✋",
  ready: "👍",
  blocked: "⛔",
  done: "✅",
  failed: "❌",
  stopped: "🛑",
  crashed: "💀",
};

/** The longest title, in columns. */
const TITLE = 120;

/** Makes a post and records its offers in the book. */
export function postFrom(draft: Draft, view: View, book: OfferBook): Post {
  const { status } = view;
  const { id, topic, type, need, document, offers = [], reply } = draft;
  if (reply !== undefined) book.expect({ session: status.folder, act: reply[1] }, id);
  return {
    id,
    topic,
    mark: draft.mark ?? MARKS[status.state],
    title: plainText(`${status.session}${need}`, TITLE),
    facts: factsOf(view),
    text: plainBlock(draft.text).trim(),
    document,
    offers: offers.map(([label, act]) => ({ nonce: book.offer(status.folder, act), label: plainText(label, LABEL) })),
    reply: reply?.[0] ?? "",
    isSettled: false,
    isSilent: draft.isSilent ?? false,
    data: dataOf(type, view, draft.data),
  };
}

/** The longest label of a button, in columns. */
const LABEL = 40;

/** Project, phase, elapsed time, cost and budget, and progress of the plan. */
export function factsOf({ samocode, status }: View): readonly string[] {
  const { phase, iteration, tokens, costUsd, estimatedUsd, budget, plan } = status;
  const usage = { ...NO_USAGE, costUsd, estimatedUsd, inputTokens: tokens.input, outputTokens: tokens.output };
  const [spent] = describeUsage(usage);
  const limit = budget.find(({ measure }) => measure === "cost")?.limit;
  const priced = spent === undefined || limit === undefined || costUsd === undefined && estimatedUsd === undefined;
  return [
    plainText(projectName(samocode), 60),
    iteration === 0 ? phase : `${phase}, iteration ${iteration}`,
    ...(elapsedOf(status) === 0 ? [] : [formatDuration(elapsedOf(status)).replace(/ 00s$/, "")]),
    ...(spent === undefined ? [] : [priced ? spent : `${spent} of ${amountIn("cost", limit)}`]),
    ...(plan === undefined || plan.total === 0 ? [] : [`plan ${plan.done}/${plan.total}`]),
  ];
}

/** Rounded down to minutes, so that posts do not change with every look. */
function elapsedOf({ elapsedMs }: View["status"]): number {
  return Math.floor(elapsedMs / 60_000) * 60_000;
}

/** The status fields that programs get with each post. */
function dataOf(type: string, { samocode, status }: View, more: Readonly<Record<string, unknown>> = {}): PostData {
  const { session, state, needs, phase, iteration, costUsd, estimatedUsd, tokens, runStartedAt, branch, work } = status;
  const given = {
    ...{ state, needs, phase, iteration, elapsedMs: elapsedOf(status), costUsd, estimatedUsd, tokens },
    ...{ budget: status.budget, plan: status.plan, checks: status.checks, branch, work, runStartedAt },
    task: plainText(status.task, 1_000),
    detail: plainText(status.detail, 2_000),
    ...more,
  };
  const fields = Object.entries(given).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(fields.map(([name, value]) => [name, jsonOf(value)])),
    type,
    project: projectName(samocode),
    session,
  };
}

function jsonOf(value: unknown): Json {
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).filter(([, each]) => each !== undefined);
    return Object.fromEntries(fields.map(([name, each]) => [name, jsonOf(each)]));
  }
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}

/** How much of a long text a post contains, in characters. */
export const BEGINNING = 3_000;

/** The beginning of a text, up to the end of a line; `isCut` if there is more. */
export function beginningOf(
  text: string,
  limit: number = BEGINNING,
): { readonly text: string; readonly isCut: boolean } {
  if (text.length <= limit) return { text, isCut: false };
  const cut = text.slice(0, limit).toWellFormed();
  const line = cut.lastIndexOf("\n");
  return { text: (line > limit / 2 ? cut.slice(0, line) : cut).trimEnd(), isCut: true };
}

/** A file name that no service can mistake for a path. */
export function fileName(name: string): string {
  return plainText(name, 80).replace(/[^\p{L}\p{N} ._-]+/gu, "-");
}
