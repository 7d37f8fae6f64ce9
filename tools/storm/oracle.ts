/**
 * Judges a session that is over: what the journal claims against what agents, git and the storm itself did.
 *
 * It shares no code with the program that wrote the journal.
 *
 * @module
 */
import { join } from "node:path";
import { lstatIfExists, readTail } from "../../src/system/files/files.ts";
import { type StormProject } from "./project.ts";
import { type Act, isRecord, type Line, parse, readJournal, readLedger } from "./records.ts";

/** What a storm counts. */
export const PROBLEM_KINDS = ["lost", "twice", "left", "gates", "unclear"] as const;

/** Something that must not happen. */
export interface Problem {
  /**
   * `lost`: an event, an iteration, a commit or a note; `twice`: the same done or recorded again; `left`: a process, a
   * lock or a half-done file; `gates`: one that opened without the storm's act; `unclear`: an end without a message.
   */
  readonly kind: (typeof PROBLEM_KINDS)[number];
  readonly what: string;
}

/** What the judge cannot see for itself. */
export interface Evidence {
  readonly steps: number;
  /** Notes that `samocode guide` said it had recorded. */
  readonly notes: readonly string[];
  /** Runs that were killed or could not record their end. */
  readonly brokenRuns: number;
  /** Whether the signal itself could not be read once; then it was refused, and the iteration tried again. */
  readonly signalUnreadable: boolean;
}

/** Judges the one session of a project, which has reached its end. */
export function judge(project: StormProject, evidence: Evidence): readonly Problem[] {
  const folder = project.session;
  if (folder === undefined) return [{ kind: "lost", what: "the session's folder" }];
  const read = (name: string) => readTail(join(folder, name), 2 ** 24);
  const lines = readJournal(read("_journal.jsonl"));
  const acts = readLedger(readTail(project.ledger, 2 ** 24));
  return [
    ...judgeNumbers(lines, evidence),
    ...judgeAttempts(lines, acts, evidence),
    ...judgeNotes(lines, acts, evidence),
    ...judgeGates(lines, acts),
    ...judgeRepository(project, evidence),
    ...judgeNotebook(read("_overview.md"), acts),
    ...judgeLeftovers(project),
  ];
}

function judgeNumbers(lines: readonly Line[], { brokenRuns }: Evidence): readonly Problem[] {
  const problems: Problem[] = [];
  const gap = lines.findIndex(({ seq }, index) => seq !== index + 1);
  if (gap >= 0) problems.push({ kind: "lost", what: `event ${gap + 1}: the journal has ${lines[gap]?.seq} there` });
  const started = lines.filter(({ type }) => type === "session.started").length;
  const stopped = lines.filter(({ type }) => type === "session.stopped").length;
  if (started - stopped > brokenRuns) {
    problems.push({ kind: "lost", what: `${started - stopped} runs have no end, ${brokenRuns} were broken off` });
  }
  const last = lines.at(-1);
  const outcome = last?.type === "session.stopped" ? last.fields["outcome"] : undefined;
  if (!isRecord(outcome) || outcome["kind"] !== "done") problems.push({ kind: "lost", what: "the session's end" });
  return problems;
}

interface Attempt {
  readonly name: string;
  readonly iteration: number;
  readonly marker: string;
  readonly phase: string;
  ended: number;
  unread: number;
  readonly signals: string[];
}

function judgeAttempts(lines: readonly Line[], acts: readonly Act[], evidence: Evidence): readonly Problem[] {
  const problems: Problem[] = [];
  const attempts = attemptsIn(lines, problems);
  const signaled = new Set<number>();
  for (const { name, iteration, ended, signals } of attempts) {
    if (signaled.has(iteration)) {
      problems.push({ kind: "twice", what: `iteration ${name}: its signal was taken before` });
    }
    if (signals.length > 0) signaled.add(iteration);
    if (signals.length > 1) problems.push({ kind: "twice", what: `the signal of ${name}` });
    if (ended !== 1) problems.push({ kind: ended === 0 ? "lost" : "twice", what: `the end of ${name}` });
  }
  for (const { iteration } of attempts) {
    if (!signaled.has(iteration)) problems.push({ kind: "lost", what: `the signal of iteration ${iteration}` });
    signaled.add(iteration);
  }
  const seen = new Set<string>();
  for (const { what, by, detail } of acts) {
    if (what !== "started" && what !== "signaled") continue;
    const attempt = attempts.find(({ marker }) => marker === by);
    if (attempt === undefined || (what === "started" && attempt.phase !== detail)) {
      problems.push({ kind: "lost", what: `the attempt ${by} that an agent ${what} in` });
    } else if (what === "signaled" && attempt.signals[0] !== canonical(parse(detail))) {
      const wasTold = evidence.signalUnreadable && attempt.unread > 0;
      if (!wasTold) problems.push({ kind: "lost", what: `the signal of ${attempt.name}, ${detail}` });
    }
    if (seen.has(what + by)) problems.push({ kind: "twice", what: `the agent of ${attempt?.name} ${what}` });
    seen.add(what + by);
  }
  return problems;
}

/** Iterations count from 1, attempts of each too, both without a gap. */
function attemptsIn(lines: readonly Line[], problems: Problem[]): readonly Attempt[] {
  const attempts: Attempt[] = [];
  let last = { iteration: 0, attempt: 0 };
  for (const { type, fields } of lines) {
    const current = attempts.at(-1);
    if (type === "iteration.started") {
      const [iteration, attempt] = [Number(fields["iteration"]), Number(fields["attempt"])];
      const name = `${iteration}.${attempt}`;
      const follows = (iteration === last.iteration && attempt === last.attempt + 1) ||
        (iteration === last.iteration + 1 && attempt === 1);
      if (!follows) {
        problems.push({ kind: "lost", what: `an attempt between ${last.iteration}.${last.attempt} and ${name}` });
      }
      last = { iteration, attempt };
      const [marker, phase] = [String(fields["marker"]), String(fields["phase"])];
      attempts.push({ name, iteration, marker, phase, ended: 0, unread: 0, signals: [] });
    } else if (type === "iteration.ended") {
      const ended = attempts.find(({ name }) => name === `${fields["iteration"]}.${fields["attempt"]}`);
      if (ended !== undefined) ended.ended++;
    } else if (type === "signal.received") current?.signals.push(canonical(fields["signal"]));
    else if (type === "signal.refused" && current !== undefined) current.unread++;
  }
  return attempts;
}

function canonical(value: unknown): string {
  return isRecord(value) ? JSON.stringify(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)) : "nothing";
}

function judgeNotes(lines: readonly Line[], acts: readonly Act[], { notes }: Evidence): readonly Problem[] {
  const given = lines.filter(({ type }) => type === "guidance.given");
  const recorded = (note: string) => given.filter(({ fields }) => fields["text"] === note);
  const problems: Problem[] = given.filter(({ fields }) => recorded(String(fields["text"])).length > 1)
    .map(({ fields }) => ({ kind: "twice", what: `the note ${fields["text"]}` }));
  for (const note of notes) {
    const [event] = recorded(note);
    if (event === undefined) problems.push({ kind: "lost", what: `the note ${note}` });
    const wasDue = event !== undefined &&
      lines.some(({ type, seq }) => type === "iteration.started" && seq > event.seq);
    if (wasDue && !acts.some(({ what, detail }) => what === "heard" && detail === note)) {
      problems.push({ kind: "lost", what: `the note ${note}, which no agent was told` });
    }
  }
  return problems;
}

/** What opens each gate, and the phase behind it. */
const GATES = [
  { gate: "qa_answers", act: "answer", behind: "planning" },
  { gate: "plan_approval", act: "approve", behind: "implementation" },
] as const;

function judgeGates(lines: readonly Line[], acts: readonly Act[]): readonly Problem[] {
  const problems: Problem[] = [];
  for (const { gate, act, behind } of GATES) {
    const given = acts.findIndex(({ what, by }) => what === act && by === "storm");
    const passed = acts.findIndex(({ what, detail }) => what === "started" && detail === behind);
    if (passed >= 0 && (given < 0 || passed < given)) {
      problems.push({ kind: "gates", what: `an agent was in ${behind} before the storm could ${act}` });
    }
    const times = acts.flatMap(({ what, by, detail }) => what === act && by === "storm" ? [detail] : []);
    let reached = 0;
    let before = "";
    for (const { type, fields } of lines) {
      if (fields["gate"] !== gate) continue;
      const at = String(fields["at"]);
      if (type === "gate.reached") reached++;
      if (type !== "gate.opened") continue;
      if (!times.some((time) => time <= at && time > before)) {
        problems.push({ kind: "gates", what: `${gate} opened at ${at} without the storm` });
      }
      if (reached === 0) problems.push({ kind: "twice", what: `${gate} opened again at ${at}` });
      reached = 0;
      before = at;
    }
    if (before === "") problems.push({ kind: "lost", what: `the opening of ${gate}` });
  }
  return problems;
}

function judgeRepository(project: StormProject, { steps }: Evidence): readonly Problem[] {
  try {
    project.git("fsck", "--no-dangling", "--no-progress");
    return [...judgeCommits(project, steps), ...judgeTidiness(project)];
  } catch (error) {
    return [{ kind: "lost", what: String(error) }];
  }
}

function judgeCommits(project: StormProject, steps: number): readonly Problem[] {
  const subjects = project.git("log", "--format=%s", "main..storm").split("\n");
  return Array.from({ length: steps }, (_, index) => `Step ${index + 1}`).flatMap((step): readonly Problem[] => {
    const count = subjects.filter((subject) => subject === step).length;
    return count === 1 ? [] : [{ kind: count === 0 ? "lost" : "twice", what: `the commit of ${step}` }];
  });
}

function judgeTidiness(project: StormProject): readonly Problem[] {
  const worktree = join(project.root, "worktrees", "storm");
  const main = project.git("log", "--format=%s", "main");
  const untidy: Readonly<Record<string, string>> = {
    "uncommitted work": project.git("-C", worktree, "status", "--porcelain"),
    "a locked worktree": /^locked.*$/m.exec(project.git("worktree", "list", "--porcelain"))?.[0] ?? "",
    "changes in the main checkout": project.git("status", "--porcelain") + (main === "Begin" ? "" : main),
    "git's locks": locksBelow(join(project.root, "repo", ".git")).join(", "),
  };
  return Object.entries(untidy).flatMap(([what, found]): readonly Problem[] =>
    found === "" ? [] : [{ kind: "left", what: `${what}: ${found}` }]
  );
}

function locksBelow(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? locksBelow(join(folder, name)) : name.endsWith(".lock") ? [join(folder, name)] : []
  );
}

function judgeNotebook(text: string, acts: readonly Act[]): readonly Problem[] {
  const problems: Problem[] = [];
  if (text.split("\n").filter((line) => line === "## Status").length !== 1 || !/^Phase: done$/m.test(text)) {
    problems.push({ kind: "lost", what: "the notebook's Status" });
  }
  for (const { what, by, detail } of acts) {
    if (what !== "noted") continue;
    const count = text.split(`[${by}] ${detail}`).length - 1;
    if (count !== 1) problems.push({ kind: count === 0 ? "lost" : "twice", what: `what ${by} noted in ${detail}` });
  }
  return problems;
}

function judgeLeftovers(project: StormProject): readonly Problem[] {
  const problems: Problem[] = project.processes().map(({ pid, role }) => ({
    kind: "left",
    what: `process ${pid} (${role})`,
  }));
  for (const path of filesBelow(join(project.root, "home", ".local", "state", "samocode"))) {
    const lock = path.endsWith(".lock") ? readTail(path, 4096) : "";
    if (lock !== "") problems.push({ kind: "left", what: `the lock: ${lock.trim()}` });
  }
  const cache = join(project.root, "home", ".cache", "samocode");
  for (const { name } of lstatIfExists(cache) === undefined ? [] : Deno.readDirSync(cache)) {
    // The unpacked skills stay; an attempt's own files must not.
    const left = name === "plugin" ? [] : filesBelow(join(cache, name));
    for (const path of left) problems.push({ kind: "left", what: path });
  }
  return problems;
}

function filesBelow(path: string): readonly string[] {
  if (!lstatIfExists(path)?.isDirectory) return [path];
  return [...Deno.readDirSync(path)].flatMap(({ name }) => filesBelow(join(path, name)));
}
