/**
 * A whole session on a sample project, played by a script, with the person at its gates.
 *
 * @module
 */
import { join, relative } from "node:path";
import { answerQa } from "../operations/answer_qa.ts";
import { approvePlan } from "../operations/approve_plan.ts";
import { listSessions } from "../operations/list_sessions.ts";
import { readStatus, type Status } from "../operations/read_status.ts";
import { runHere } from "../operations/run_here.ts";
import type { Samocode } from "../operations/samocode.ts";
import { DEMO_DIVE, DEMO_TASK, makeSampleRepository } from "../agents/demo/demo_sample.ts";
import { PROJECT_FILE } from "../settings/load_settings.ts";
import { messageOf, SamocodeError } from "../system/errors.ts";
import { readTextIfExists } from "../system/files/files.ts";
import { shellWord } from "../text/shell_word.ts";
import type { Outcome } from "../workflow/session_event.ts";
import { askQuestions } from "./ask_person.ts";
import type { CliIo } from "./cli_io.ts";
import type { Arguments } from "./command.ts";
import { exitCodeOf } from "./exit_code.ts";
import { listenForInterruption } from "./interruption.ts";
import { loadSamocode } from "./load.ts";
import { nextCommands } from "./next_commands.ts";
import { paint } from "./paint.ts";
import { plainLines, wrapLine } from "../text/plain_lines.ts";
import { renderQuestion } from "./render_status.ts";

const SESSION = "tally-top";

/** Plays the session; resolves to the exit code. */
export async function playDemo(io: CliIo, args: Arguments): Promise<number> {
  const folder = await makeProject();
  const samocode = loadSamocode(
    { ...io, workingDirectory: folder },
    { ...args, values: { provider: "demo", config: join(folder, PROJECT_FILE) } },
  );
  io.write(introduction(io, folder));
  const asks = io.isInputTerminal && !args.switches.has("yes");
  using interruption = listenForInterruption(io);
  let outcome: Outcome;
  do {
    const isNew = listSessions(samocode).length === 0;
    outcome = await runHere(samocode, {
      session: SESSION,
      task: isNew ? DEMO_TASK : undefined,
      dive: isNew ? DEMO_DIVE : undefined,
      abort: interruption.abort,
      terminal: { write: io.write, columns: io.columns, isTerminal: io.isOutputTerminal, color: io.color },
      nextSteps: () => [],
      note: io.writeError,
    });
  } while (outcome.kind === "waiting" && passGate(samocode, { io, asks }));
  const status = readStatus(samocode, { session: SESSION });
  io.write(outcome.kind === "done" ? farewell(io, { status, folder }) : howToGoOn(io, { status, folder }));
  return exitCodeOf(outcome, interruption.signal());
}

/** A project of its own in the system's temporary folder; it stays, to be looked at. */
async function makeProject(): Promise<string> {
  const folder = makeFolder();
  for (const name of ["repo", "worktrees", "sessions"]) Deno.mkdirSync(join(folder, name));
  await makeSampleRepository(join(folder, "repo"));
  Deno.writeTextFileSync(join(folder, PROJECT_FILE), "MAIN_REPO=repo\nWORKTREES=worktrees\nSESSIONS=sessions\n");
  return folder;
}

function makeFolder(): string {
  try {
    return Deno.realPathSync(Deno.makeTempDirSync({ prefix: "samocode-demo-" }));
  } catch (cause) {
    throw new SamocodeError("system", `Cannot make a folder for the demo: ${messageOf(cause)}`, {
      hint: "Set TMPDIR to a folder in which you may write",
      cause,
    });
  }
}

/** Does at a gate what a person would; false where the person would rather not. */
function passGate(samocode: Samocode, { io, asks }: { readonly io: CliIo; readonly asks: boolean }): boolean {
  const status = readStatus(samocode, { session: SESSION });
  if (status.needs === "answers") return passQuestions(samocode, { io, asks, status });
  if (status.needs === "approval") return passPlan(samocode, { io, asks, status });
  return false;
}

interface AtGate {
  readonly io: CliIo;
  readonly asks: boolean;
  readonly status: Status;
}

function passQuestions(samocode: Samocode, { io, asks, status }: AtGate): boolean {
  const answers = asks ? askQuestions(io, status.questions) : {};
  if (!asks) {
    for (const question of status.questions) {
      io.write(`\n${renderQuestion(question, { color: io.color, columns: io.columns() })}\n`);
    }
  }
  const acceptSuggestions = !asks;
  const by = asks ? "you, in the demo" : "the demo, for you";
  const result = answerQa(samocode, { session: SESSION, answers, acceptSuggestions, by });
  if (result.answered.length > 0) {
    io.write(`\n  ${paint("green", asks ? "Answered." : "The demo takes the suggestions.", io.color)}\n\n`);
  }
  return result.status.needs === "none";
}

/** Two columns, a bar, a space, and the last column that some terminals wrap at. */
const PLAN_MARGIN = 5;

function passPlan(samocode: Samocode, { io, asks, status }: AtGate): boolean {
  const plan = readTextIfExists(join(status.folder, status.plan?.path ?? "")) ?? "";
  const rows = plainLines(plan.trim()).flatMap((line) => wrapLine(line, io.columns() - PLAN_MARGIN));
  io.write(`\n${rows.map((row) => `  ${paint("dim", "│", io.color)} ${row}`).join("\n")}\n\n`);
  const typed = asks ? io.ask("  Approve this plan? Enter for yes, or type what is to be changed:") : "";
  if (typed === undefined) return false;
  const feedback = /^(|y|yes)$/i.test(typed.trim()) ? undefined : typed;
  approvePlan(samocode, {
    session: SESSION,
    feedback,
    sha256: status.plan?.sha256,
    by: asks ? "you, in the demo" : "the demo, for you",
  });
  const said = feedback === undefined
    ? (asks ? "Approved." : "The demo approves the plan.")
    : "The plan goes back to the agent.";
  io.write(`  ${paint("green", said, io.color)}\n\n`);
  return true;
}

function introduction({ color }: CliIo, folder: string): string {
  return `
${
    paint("bold", "samocode demo", color)
  }: a whole session, played by a script instead of a model. Everything else is real:
the worktree, the commits, the processes, the gates where a human decides.

  Project  ${join(folder, "repo")}, a small word counter
  Task     ${DEMO_TASK}

`;
}

/** The demo's project stays, so what was begun there can be ended there. */
function howToGoOn({ color }: CliIo, { status, folder }: { readonly status: Status; readonly folder: string }): string {
  const commands = nextCommands(status).map((command) => command.replace(/^(samocode run .*)$/, "$1 --provider demo"));
  return `
${paint("bold", "To go on", color)}
${[`cd ${shellWord(folder)}`, ...commands].map((command) => `  ${command}`).join("\n")}
`;
}

/** Paths from the project's folder: whole ones would not fit into a line. */
function farewell({ color }: CliIo, { status, folder }: { readonly status: Status; readonly folder: string }): string {
  const session = relative(folder, status.folder);
  return `
${paint("bold", "Look around", color)}
  cd ${shellWord(folder)}
  the notebook   ${join(session, "_overview.md")}
  the record     ${join(session, "_journal.jsonl")}
  the commits    git -C ${relative(folder, status.worktree ?? folder)} log --oneline

${paint("bold", "Your own project", color)}: in its repository
  samocode init
  samocode run --session NAME --task "what is to be done"
`;
}
