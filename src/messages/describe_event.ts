/**
 * Describes events and outcomes for a person, one line each. All text is safe for a terminal.
 *
 * @module
 */
import { commandLine } from "../text/command_words.ts";
import { formatCount, formatDuration, localMoment } from "../text/format.ts";
import { plainText } from "../text/terminal_text.ts";
import { amountIn, describeShare } from "../workflow/budget.ts";
import { GATES, WAITS } from "../workflow/gates.ts";
import { describeEnd } from "../workflow/iteration_end.ts";
import type { GuardKind, GuardRecord } from "../workflow/run_events.ts";
import { type Assignment, isPulse, type SessionEvent } from "../workflow/session_event.ts";
import type { Workplace } from "../workflow/work.ts";
import { describeOutcome, describeSignal } from "./describe_outcome.ts";
import { describeEffort, describeRaise, describeUsage } from "./describe_usage.ts";
import { describeFallback, describeQueue, describeWait } from "./describe_wait.ts";
import { describeWho } from "./who_decided.ts";
import { describeAdoption, describeFinish, describeWork } from "./describe_work.ts";

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
      ? joined(`Session ${plain(event.name)} created${describeNew(event, plain)}`, plain(event.task || event.dive))
      : joined(`Session ${plain(event.name)} adopted`, plain(describeAdoption(event.adopted))),
  "task.given": (event, plain) =>
    joined(
      `A new task (${plain(describeWho(event.by))})${describeGiven(event, plain)}`,
      plain(event.task || event.dive),
    ),
  "session.prepared": ({ workplace }, plain) => plain(describePlace(workplace)),
  "session.started": ({ version, provider, pid, guard }, plain) =>
    [
      plain(`samocode ${version} works with ${provider}`) + ` (process ${pid})`,
      ...(guard === undefined ? [] : [plain(describeGuard(guard))]),
    ].join(" · "),
  "session.queued": ({ by, running, most }, plain) =>
    plain(`Queued (${describeWho(by)}): ${describeQueue({ running, most })}`),
  "session.recovered": ({ detail }, plain) => joined("Recovered", plain(detail)),
  "journal.repaired": ({ bytes }) => `Journal repaired: removed a torn line of ${formatCount(bytes, "byte")}`,
  "journal.accepted": ({ found, by }, plain) => joined(`Journal accepted (${plain(describeWho(by))})`, plain(found)),
  "session.renamed": ({ folder }, plain) => `The session's folder is now ${plain(folder)}`,
  "session.moved": ({ worker }, plain) => `Taken over by ${plain(worker)}`,
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
  "checkpoint.restored": ({ ref, by }, plain) => `The files of ${plain(ref)} were put back (${plain(describeWho(by))})`,
  "iteration.retried": ({ fallback, repair, delayMs, because, wait }, plain) => {
    if (fallback !== undefined) return joined(plain(describeFallback(fallback)), plain(because));
    return joined(repair ? "Asking the agent for its signal again" : describeWait(wait, delayMs), plain(because));
  },
  "budget.warned": (share) => `Most of the budget is used up: ${describeShare(share)}`,
  "budget.raised": ({ raised, by }, plain) =>
    joined(`Budget raised (${plain(describeWho(by))})`, raised.map((each) => describeRaise(each)).join(", ")),
  "gate.reached": ({ gate, document }, plain) =>
    `Waiting for you: ${WAITS[gate].request}` + (document ? ` in ${plain(document)}` : ""),
  "gate.opened": ({ gate, by }, plain) => `${GATES[gate].opened} (${plain(describeWho(by))})`,
  "answers.given": ({ ids, by }, plain) => plain(`Answered ${ids.join(", ")} (${describeWho(by)})`),
  "plan.rejected": ({ by, feedback }, plain) =>
    joined(`The plan was sent back (${plain(describeWho(by))})`, plain(feedback)),
  "check.started": ({ command, number, of }, plain) => `Check ${number} of ${of}: ${plain(commandLine(command))}`,
  "check.ended": (event, plain) =>
    [
      `${plain(commandLine(event.command))} ${CHECK_RESULTS[event.result]}`,
      plain(event.detail),
      formatDuration(event.durationMs),
      ...event.uncommitted > 0 ? [formatCount(event.uncommitted, "uncommitted change")] : [],
      ...event.result === "failed" ? [plain(`_logs/${event.log}`)] : [],
    ].join(" · "),
  "baseline.accepted": ({ by }, plain) =>
    `Going on with the checks that failed before any change (${plain(describeWho(by))})`,
  "review.ended": ({ report, verdict = "unfinished", findings }, plain) =>
    joined(`Review ${plain(verdict)} (${plain(report)})`, verdict === "open" ? plain(findings.join(", ")) : ""),
  "progress.missed": ({ seen }, plain) => joined("No progress, the agent is told", plain(seen)),
  "guidance.given": ({ by, text }, plain) =>
    joined(`Guidance for the next iteration (${plain(describeWho(by))})`, plain(text)),
  "stop.requested": ({ by, now }, plain) =>
    `Stop requested by ${plain(describeWho(by))}: ${now ? "now" : "after this iteration"}`,
  "resume.requested": ({ by }, plain) => `Continued by ${plain(describeWho(by))}`,
  "listener.failed": ({ listener, detail }, plain) =>
    joined(`The ${plain(listener)} listener failed and was detached`, plain(detail)),
  "work.counted": (event) => describeWork(event),
  "session.finished": (event, plain) => plain(`Finished: ${describeFinish(event)} (${describeWho(event.by)})`),
  "workplace.removed": ({ path, branch, by }, plain) =>
    plain(`Removed the worktree ${path} and the branch ${branch} (${describeWho(by)})`),
  "session.stopped": ({ outcome }, plain) => {
    const { title, text } = describeOutcome(outcome, plain);
    return joined(title, text);
  },
};

const CHECK_RESULTS = { passed: "passed", failed: "failed", aborted: "was stopped, and is repeated" } as const;

function describeNew(
  { maxCostUsd, ...given }: Extract<SessionEvent, { type: "session.created" }>,
  plain: (text: string) => string,
): string {
  const budget = maxCostUsd === undefined ? "" : `, for at most ${amountIn("cost", maxCostUsd)}`;
  return `${describeGiven(given, plain)}${budget}`;
}

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

/** Not every agent reports its model or version. */
function describeStart({ model, version }: Extract<SessionEvent, { type: "agent.started" }>): string {
  return joined("Agent ready", [model, version && `version ${version}`].filter(Boolean).join(", "));
}

/** Not every agent reports when it retries, or how often. */
function describeRetry({ attempt, of, delayMs }: Extract<SessionEvent, { type: "agent.retried" }>): string {
  const when = delayMs > 0 ? ` in ${formatDuration(delayMs)}` : "";
  return `The agent retries its request${when}${of > 0 ? ` (${attempt} of ${of})` : ""}`;
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
