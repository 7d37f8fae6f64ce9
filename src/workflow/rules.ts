/**
 * Rules that no agent's word replaces: ticked steps, a review that leaves nothing open, and a complete handover.
 *
 * @module
 */
import { BUILDING, needsTicks, type Phase, PHASE_NAMES, PHASES } from "./phases.ts";
import { MAX_ROUNDS, type Review } from "./review.ts";

/** What the rules depend on. */
export interface RuleFacts {
  /** The session's shortest name. */
  readonly session: string;
  readonly phase: Phase;
  /** The steps of the approved plan that are not ticked and that no human waived. */
  readonly openSteps: readonly string[];
  /** The newest review; `undefined` before the first. */
  readonly review: Review | undefined;
  /** What the end of the session still needs, each in words. */
  readonly missing: readonly string[];
}

/** What an agent's signal breaks. */
export type Breach =
  /** The agent is told once, then a human is asked, with advice that may be empty. */
  | { readonly kind: "told"; readonly problem: string; readonly advice: string }
  /** The session goes back to where the plan is carried out. */
  | { readonly kind: "back"; readonly because: string }
  /** Only a human can decide. */
  | { readonly kind: "asked"; readonly reason: string };

/** The phase that nothing follows. */
const END = PHASE_NAMES.find((phase) => PHASES[phase].next.length === 0);

/** What an agent breaks that asks for another phase, if anything. */
export function breachOnTheWay({ session, phase, openSteps, review }: RuleFacts, target: Phase): Breach | undefined {
  if (needsTicks(target) && openSteps.length > 0) {
    const open = unticked(openSteps);
    const problem = `asks for ${target}, but ${open}`;
    const advice = `Tick them, or leave them out: samocode phase ${session} ${target}`;
    if (PHASES[phase].builds) return { kind: "told", problem, advice };
    const asks = needsTicks(phase) ? `the agent of the ${phase} phase ${problem}` : `it was in ${target}, but ${open}`;
    return { kind: "back", because: asks };
  }
  const leavesReview = PHASES[phase].isReview && !PHASES[target].builds;
  if (leavesReview && review?.verdict === undefined) {
    const report = review === undefined ? "no report STAMP-quality-N.md is there" : `${review.report} is unfinished`;
    const problem = `asks for ${target}, but ${report}: it needs a last line such as "Verdict: clean"`;
    return { kind: "told", problem, advice: "" };
  }
  if (review?.verdict !== "open") return undefined;
  const round = review.rounds.length;
  const found = `round ${round} of the review leaves open: ${listed(review.findings) || review.report}`;
  const isOver = round >= MAX_ROUNDS;
  const goesOn = leavesReview || target === END;
  if (isOver && (goesOn || (PHASES[phase].isReview && review.isFresh))) {
    const advice = `Give guidance on what to do about it, or accept it: samocode phase ${session} ${END}`;
    return { kind: "asked", reason: `The last ${found}. ${advice}` };
  }
  if (!goesOn) return undefined;
  const problem = `asks for ${target}, but ${found}; that goes to ${BUILDING} first`;
  return { kind: "told", problem, advice: "" };
}

/** What an agent breaks that says the session is done, if anything. */
export function breachAtTheEnd({ openSteps, missing }: RuleFacts): Breach | undefined {
  const lacks = [...(openSteps.length > 0 ? [unticked(openSteps)] : []), ...missing];
  return lacks.length === 0 ? undefined : { kind: "told", problem: `says done, but ${lacks.join("; ")}`, advice: "" };
}

/** What the end of a session needs, as it is found on disk. */
export interface Handover {
  /** Whether the session carried out something, and not only found something out. */
  readonly hasBuilt: boolean;
  readonly hasSummary: boolean;
  readonly hasReport: boolean;
  readonly hasPullRequest: boolean;
  /** Paths in the worktree that are not committed. */
  readonly uncommitted: readonly string[];
}

/** What is missing at the end of a session, each in words. */
export function missingAtEnd(handover: Handover): readonly string[] {
  const { hasBuilt, hasSummary, hasReport, hasPullRequest, uncommitted } = handover;
  return [
    ...(hasSummary ? [] : ["there is no summary STAMP-summary.md"]),
    ...(hasReport || !hasBuilt ? [] : ["there is no report STAMP-test-report.md or STAMP-quality-N.md"]),
    ...(hasPullRequest || !hasBuilt ? [] : ["there is no pull-request text STAMP-pull-request.md"]),
    ...(uncommitted.length === 0 ? [] : [`the worktree is not clean: ${listed(uncommitted)}`]),
  ];
}

function unticked(steps: readonly string[]): string {
  return `the approved plan has unticked steps: ${listed(steps.map((step) => JSON.stringify(step)))}`;
}

const MAX_LISTED = 5;

function listed(items: readonly string[]): string {
  const more = items.length - MAX_LISTED;
  return items.slice(0, MAX_LISTED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
