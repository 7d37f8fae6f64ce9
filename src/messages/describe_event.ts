/**
 * Describes events and outcomes for a person, one line each. All text is safe for a terminal.
 *
 * @module
 */
import { commandLine } from "../text/command_words.ts";
import { plainText } from "../text/terminal_text.ts";
import { formatCost, formatCount, formatDuration, formatTokens, localMoment } from "../text/format.ts";
import { describeEnd } from "../workflow/iteration_end.ts";
import { amountIn, describeShare, type Raise, type Share, usedOf } from "../workflow/budget.ts";
import { GATES, WAITS } from "../workflow/gates.ts";
import { type Assignment, isPulse, type SessionEvent } from "../workflow/session_event.ts";
import type { Adoption, Finish, Work, Workplace } from "../workflow/work.ts";
import type { Fallback, Need, Signal, Wait } from "../workflow/iteration_events.ts";
import type { GuardKind, GuardRecord, Outcome } from "../workflow/run_events.ts";
import type { Usage } from "../workflow/usage.ts";

function describeAdoption({ phase, iterations, workplace }: Adoption): string {
  const where = workplace?.branch === undefined ? "" : ` on ${workplace.branch}`;
  return `in ${phase} after ${formatCount(iterations, "iteration")}${where}, gates closed`;
}

/** Bivariant, so that the rows of all events fit one table. */
type Describe<Event extends SessionEvent> = { method(event: Event, plain: (text: string) => string): string }["method"];

/** Whether an event has a line where all are listed. Those of each model call would drown the others. */
export function hasLine(event: SessionEvent): boolean {
  return !isPulse(event);
}

/** Describes an event. `maxText` is the most columns for each text from outside. */
export function describeEvent(event: SessionEvent, { maxText = 400 }: { readonly maxText?: number } = {}): string {
  const describe: Describe<SessionEvent> = SENTENCES[event.type];
  return describe(event, (text) => plainText(text, maxText));
}

const SENTENCES: { readonly [Type in SessionEvent["type"]]: Describe<Extract<SessionEvent, { type: Type }>> } = {
  "session.created": (event, plain) =>
    event.adopted === undefined
      ? joined(`Session ${plain(event.name)} created${describeGiven(event, plain)}`, plain(event.task || event.dive))
      : joined(`Session ${plain(event.name)} adopted`, plain(describeAdoption(event.adopted))),
  "task.given": (event, plain) =>
    joined(`A new task (${plain(event.by)})${describeGiven(event, plain)}`, plain(event.task || event.dive)),
  "session.prepared": ({ workplace }, plain) => plain(describePlace(workplace)),
  "session.started": ({ version, provider, pid, guard }, plain) =>
    [
      plain(`samocode ${version} works with ${provider}`) + ` (process ${pid})`,
      ...(guard === undefined ? [] : [plain(describeGuard(guard))]),
    ].join(" · "),
  "session.queued": ({ by, running, most }, plain) => plain(`Queued (${by}): ${describeQueue({ running, most })}`),
  "session.recovered": ({ detail }, plain) => joined("Recovered", plain(detail)),
  "journal.repaired": ({ bytes }) => `Journal repaired: removed a torn line of ${formatCount(bytes, "byte")}`,
  "journal.accepted": ({ found, by }, plain) => joined(`Journal accepted (${plain(by)})`, plain(found)),
  "session.renamed": ({ folder }, plain) => `The session's folder is now ${plain(folder)}`,
  "phase.entered": describeEntry,
  "iteration.started": describeBeginning,
  "agent.started": (event, plain) => plain(describeStart(event)),
  "agent.acted": ({ tool, about }, plain) => plain(`${tool} ${about}`),
  "agent.said": ({ text }, plain) => plain(text),
  "agent.used": ({ usage }) => `So far ${describeUsage(usage).join(", ")}`,
  "agent.resumed": () => "The agent goes on",
  "agent.denied": ({ tool, detail }, plain) => joined(`The agent was denied ${plain(tool)}`, plain(detail)),
  "agent.retried": (event, plain) => joined(describeRetry(event), plain(event.detail)),
  "agent.limited": ({ status, until }, plain) =>
    plain(`Usage limit: ${status}${until === undefined ? "" : ` until ${localMoment(until)}`}`),
  "agent.model_changed": ({ model, detail }, plain) => joined(`The model changed to ${plain(model)}`, plain(detail)),
  "iteration.ended": (event, plain) =>
    [`Iteration ${event.iteration} ${plain(describeEnd(event.end))}`, ...describeEffort(event)].join(" · "),
  "processes.ended": ({ pids, detail }, plain) =>
    joined(plain(`Ended leftover processes (${pids.join(", ")})`), plain(detail)),
  "hosts.refused": ({ hosts, more }, plain) =>
    plain(
      `The guard refused the agent ${hosts.join(", ")}${more === 0 ? "" : ` and ${formatCount(more, "request")} more`}`,
    ) +
    " · allow hosts with SAMOCODE_GUARD_NETWORK",
  "log.cut": ({ bytes }) => `The agent removed ${formatCount(bytes, "byte")} from its own raw log`,
  "locks.found": ({ paths }, plain) =>
    plain(`Git is locked by ${paths.join(", ")} · left by a killed git; delete it if no git is running`),
  "settings.left_out": ({ paths }, plain) =>
    plain(`Agent settings left out: ${paths.join(", ")} · not as you trusted them (samocode trust)`),
  "signal.received": ({ signal }, plain) => plain(`Signal: ${describeSignal(signal)}`),
  "signal.refused": ({ problem }, plain) => joined("No usable signal", plain(problem)),
  "checkpoint.made": ({ files, ref, left }, plain) =>
    joined(
      `Kept ${formatCount(files, "uncommitted file")} in ${plain(ref)}`,
      left.length === 0 ? "" : plain(`without ${left.join(", ")}`),
    ),
  "checkpoint.failed": ({ detail }, plain) => joined("Not all uncommitted work is kept", plain(detail)),
  "checkpoint.restored": ({ ref, by }, plain) => `The files of ${plain(ref)} were put back (${plain(by)})`,
  "iteration.retried": ({ fallback, repair, delayMs, because, wait }, plain) => {
    if (fallback !== undefined) return joined(plain(describeFallback(fallback)), plain(because));
    return joined(repair ? "Asking the agent for its signal again" : describeWait(wait, delayMs), plain(because));
  },
  "budget.warned": (share) => `Most of the budget is used up: ${describeShare(share)}`,
  "budget.raised": ({ raised, by }, plain) =>
    joined(`Budget raised (${plain(by)})`, raised.map((each) => describeRaise(each)).join(", ")),
  "gate.reached": ({ gate, document }, plain) =>
    `Waiting for you: ${WAITS[gate].request}` + (document ? ` in ${plain(document)}` : ""),
  "gate.opened": ({ gate, by }, plain) => `${GATES[gate].opened} (${plain(by)})`,
  "answers.given": ({ ids, by }, plain) => plain(`Answered ${ids.join(", ")} (${by})`),
  "plan.rejected": ({ by, feedback }, plain) => joined(`The plan was sent back (${plain(by)})`, plain(feedback)),
  "check.started": ({ command, number, of }, plain) => `Check ${number} of ${of}: ${plain(commandLine(command))}`,
  "check.ended": (event, plain) =>
    [
      `${plain(commandLine(event.command))} ${CHECK_RESULTS[event.result]}`,
      plain(event.detail),
      formatDuration(event.durationMs),
      ...event.uncommitted > 0 ? [formatCount(event.uncommitted, "uncommitted change")] : [],
      ...event.result === "failed" ? [plain(`_logs/${event.log}`)] : [],
    ].join(" · "),
  "baseline.accepted": ({ by }, plain) => `Going on with the checks that failed before any change (${plain(by)})`,
  "review.ended": ({ report, verdict = "unfinished", findings }, plain) =>
    joined(`Review ${plain(verdict)} (${plain(report)})`, verdict === "open" ? plain(findings.join(", ")) : ""),
  "progress.missed": ({ seen }, plain) => joined("No progress, the agent is told", plain(seen)),
  "guidance.given": ({ by, text }, plain) => joined(`Guidance for the next iteration (${plain(by)})`, plain(text)),
  "stop.requested": ({ by, now }, plain) => `Stop requested by ${plain(by)}: ${now ? "now" : "after this iteration"}`,
  "listener.failed": ({ listener, detail }, plain) =>
    joined(`The ${plain(listener)} listener failed and was detached`, plain(detail)),
  "work.counted": (event) => describeWork(event),
  "session.finished": (event, plain) => plain(`Finished: ${describeFinish(event)} (${event.by})`),
  "workplace.removed": ({ path, branch, by }, plain) =>
    plain(`Removed the worktree ${path} and the branch ${branch} (${by})`),
  "session.stopped": ({ outcome }, plain) => {
    const { title, text } = describeOutcome(outcome, plain);
    return joined(title, text);
  },
};

const CHECK_RESULTS = { passed: "passed", failed: "failed", aborted: "was stopped, and is repeated" } as const;

function describeGiven({ light = false, plan }: Assignment, plain: (text: string) => string): string {
  if (plan !== undefined) return `, with the approved plan ${plain(plan.document)}`;
  return light ? ", light" : "";
}

function describeEntry(
  { phase, from, by, because = "", waived = [] }: Extract<SessionEvent, { type: "phase.entered" }>,
  plain: (text: string) => string,
): string {
  const left = waived.length === 0 ? "" : `, without ${plain(waived.join(", "))}`;
  return joined(`Phase ${phase}, after ${from}`, by === "human" ? `moved there by hand${left}` : plain(because));
}

function describeBeginning(event: Extract<SessionEvent, { type: "iteration.started" }>): string {
  const { iteration, phase, attempt, provider, model } = event;
  const worker = [provider, model].filter((name) => name !== undefined).join(" ");
  const parts = [`Iteration ${iteration}`, phase, plainText(worker, 80), attempt > 1 ? `attempt ${attempt}` : ""];
  return parts.filter(Boolean).join(" · ");
}

/** `to $100.00 for this session`. */
export function describeRaise({ measure, span, to }: Raise): string {
  return `to ${amountIn(measure, to)} ${span === "session" ? "for this session" : "for today"}`;
}

/** `24% of $50.00`. */
export function describeUse({ measure, spent, limit }: Omit<Share, "span">): string {
  return `${Math.floor(usedOf({ spent, limit }) * 100)}% of ${amountIn(measure, limit)}`;
}

/** Not every agent reports its model or version. */
function describeStart({ model, version }: Extract<SessionEvent, { type: "agent.started" }>): string {
  return joined("Agent ready", [model, version && `version ${version}`].filter(Boolean).join(", "));
}

/** `3 commits · 5 files · +120 −8`. */
export function describeWork({ commits, files, added, removed }: Work): string {
  return [formatCount(commits, "commit"), formatCount(files, "file"), `+${added} −${removed}`].join(" · ");
}

/** `merged into main as 4f1c2aa7d0`, or `pushed to origin/add-jwt, https://…`. */
export function describeFinish({ how, into, commit, url }: Finish): string {
  if (how === "merged") return `merged into ${into} as ${commit.slice(0, 10)}`;
  return `pushed to ${into}${url === undefined ? "" : `, ${url}`}`;
}

/** Which provider takes over, and until when. */
export function describeFallback({ provider, instead, until }: Fallback): string {
  return `${provider} takes over from ${instead}${until === undefined ? "" : ` until ${localMoment(until)}`}`;
}

/** What is waited for before the next attempt, and how long. */
export function describeWait(wait: Wait | undefined, leftMs: number): string {
  const left = formatDuration(leftMs);
  switch (wait?.for) {
    case "limit":
      return `Waiting ${left} for a usage limit to end`;
    case "outage":
      return `Waiting ${left} in an outage (${formatCount(wait.tries, "failure")} so far)`;
    case undefined:
      return `Retrying in ${left}`;
  }
}

/** Why a session has to wait for its turn. */
export function describeQueue({ running, most }: { readonly running: number; readonly most: number }): string {
  return `${formatCount(running, "session")} running, of at most ${most} (SAMOCODE_MAX_PARALLEL)`;
}

/** Not every agent reports when it retries, or how often. */
function describeRetry({ attempt, of, delayMs }: Extract<SessionEvent, { type: "agent.retried" }>): string {
  const when = delayMs > 0 ? ` in ${formatDuration(delayMs)}` : "";
  return `The agent retries its request${when}${of > 0 ? ` (${attempt} of ${of})` : ""}`;
}

/** What an attempt took: its time, and its cost, tokens and so on if there are any. */
export function describeEffort(
  { durationMs, usage, denials = 0, unrecorded = 0 }: {
    readonly durationMs: number;
    readonly usage: Omit<Usage, "modelCalls">;
    readonly denials?: number;
    readonly unrecorded?: number;
  },
): readonly string[] {
  const parts = [formatDuration(durationMs), ...describeUsage(usage)];
  if (denials > 0) parts.push(formatCount(denials, "refusal"));
  if (unrecorded > 0) parts.push(`${formatCount(unrecorded, "step")} not shown`);
  return parts;
}

/** What was used: `$0.42` or `about $0.42`, `12.0k tokens in, 900 out`. */
export function describeUsage(usage: Omit<Usage, "modelCalls">): readonly string[] {
  const { costUsd, estimatedUsd = 0, outputTokens } = usage;
  const tokensIn = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  const about = estimatedUsd > 0 ? "about " : "";
  const isPriced = estimatedUsd > 0 || costUsd !== undefined;
  return [
    ...(isPriced ? [`${about}${formatCost((costUsd ?? 0) + estimatedUsd)}`] : []),
    ...(tokensIn + outputTokens > 0 ? [`${formatTokens(tokensIn)} tokens in, ${formatTokens(outputTokens)} out`] : []),
  ];
}

function describeSignal(signal: Signal): string {
  switch (signal.status) {
    case "continue":
      return signal.phase === undefined ? "continue" : `continue with ${signal.phase}`;
    case "waiting":
      return `waiting for you to ${WAITS[signal.for].request}`;
    case "blocked":
      return `blocked, needs ${NEED_WORDS[signal.needs]}: ${signal.reason}`;
    case "done":
      return `done: ${signal.summary}`;
  }
}

function describePlace({ path, branch, base, note }: Workplace): string {
  const where = branch === undefined ? path : `${path} on branch ${branch}`;
  return joined(`Working in ${where}${base === undefined ? "" : `, from ${base}`}`, note);
}

function joined(what: string, detail: string): string {
  return detail === "" ? what : `${what}: ${detail}`;
}

/** Says what guards the agents. */
export function describeGuard({ kind, open, network, hosts = [], note }: GuardRecord): string {
  const why = note === "" ? "" : `: ${note}`;
  const reach =
    { open: [], off: ["no network"], "allow-list": [`no network but ${hosts.join(", ")} and its own model`] }[network];
  return [`${GUARDS[kind]}${why}`, ...open.map((name) => `open to ${name}`), ...reach].join(", ");
}

const GUARDS: Readonly<Record<GuardKind, string>> = {
  bubblewrap: "guarded by bubblewrap",
  seatbelt: "guarded by Seatbelt",
  "pid-namespace": "not guarded, but nothing outlives an iteration",
  none: "not guarded",
};

/** What a blocked session needs. */
const NEED_WORDS: Readonly<Record<Need | "budget", string>> = {
  human_decision: "a decision",
  clarification: "a clarification",
  error_resolution: "an error resolved",
  investigation: "an investigation",
  budget: "a larger budget",
};

/**
 * Describes how a run came to rest: the title has two or three words, the text is one line. `plain` makes a text from
 * outside safe, and cuts it.
 */
export function describeOutcome(
  outcome: Outcome,
  plain: (text: string) => string,
): { readonly title: string; readonly text: string } {
  switch (outcome.kind) {
    case "done":
      return { title: "Done", text: plain(outcome.summary) };
    case "waiting":
      return { title: "Waiting for you", text: plain(outcome.detail) || WAITS[outcome.for].request };
    case "blocked":
      return { title: "Blocked", text: `${plain(outcome.reason)} · needs ${NEED_WORDS[outcome.needs]}` };
    case "failed":
      return { title: "Failed", text: plain(outcome.reason) };
    case "stopped":
      return { title: "Stopped", text: `by ${plain(outcome.by)}` };
  }
}
