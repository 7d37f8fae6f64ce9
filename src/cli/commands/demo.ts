/**
 * `samocode demo`: a whole session on a sample project, played by a script.
 *
 * @module
 */
import { join } from "node:path";
import { answerQa } from "../../operations/answer_qa.ts";
import { approvePlan } from "../../operations/approve_plan.ts";
import { readStatus, type Status } from "../../operations/read_status.ts";
import { runHere } from "../../operations/run_here.ts";
import type { Samocode } from "../../operations/samocode.ts";
import { DEMO_DIVE, DEMO_TASK, makeSampleRepository } from "../../providers/demo_sample.ts";
import { PROJECT_FILE } from "../../settings/load_settings.ts";
import { readTextIfExists } from "../../system/files.ts";
import { plainText } from "../../system/terminal_text.ts";
import type { Outcome } from "../../workflow/session_event.ts";
import { askQuestions } from "../ask_person.ts";
import type { CliIo } from "../cli_io.ts";
import type { Command } from "../command.ts";
import { exitCodeOf } from "../exit_code.ts";
import { listenForInterruption } from "../interruption.ts";
import { loadSamocode } from "../load.ts";
import { paint } from "../paint.ts";
import { renderQuestion } from "../render_status.ts";

const SESSION = "tally-top";

/** The command. */
export const demo: Command = {
  name: "demo",
  summary: "Watch a whole session on a sample project: no key, no cost, no network",
  operands: "",
  maxPositionals: 0,
  flags: { yes: { short: "y", help: "Accept the suggestions and the plan without asking" } },
  examples: ["samocode demo", "samocode demo --yes"],
  async run(io, args): Promise<number> {
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
      outcome = await runHere(samocode, {
        session: SESSION,
        task: existsAlready(samocode) ? undefined : DEMO_TASK,
        dive: existsAlready(samocode) ? undefined : DEMO_DIVE,
        abort: interruption.abort,
        terminal: { write: io.write, columns: io.columns, isTerminal: io.isOutputTerminal, color: io.color },
        nextSteps: () => [],
        note: io.writeError,
      });
    } while (outcome.kind === "waiting" && passGate(samocode, { io, asks }));
    if (outcome.kind === "done") io.write(farewell(io, readStatus(samocode, { session: SESSION })));
    return exitCodeOf(outcome, interruption.signal());
  },
};

/** A project of its own in the system's temporary folder; it stays, to be looked at. */
async function makeProject(): Promise<string> {
  const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "samocode-demo-" }));
  for (const name of ["repo", "worktrees", "sessions"]) Deno.mkdirSync(join(folder, name));
  await makeSampleRepository(join(folder, "repo"));
  Deno.writeTextFileSync(join(folder, PROJECT_FILE), "MAIN_REPO=repo\nWORKTREES=worktrees\nSESSIONS=sessions\n");
  return folder;
}

function existsAlready({ settings }: Samocode): boolean {
  return [...Deno.readDirSync(settings.sessions)].length > 0;
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
      io.write(`\n${renderQuestion(question, { color: io.color })}\n`);
    }
  }
  const acceptSuggestions = !asks;
  const by = asks ? "you, in the demo" : "the demo, for you";
  const result = answerQa(samocode, { session: SESSION, answers, acceptSuggestions, by });
  io.write(`\n  ${paint("green", asks ? "Answered." : "The demo takes the suggestions.", io.color)}\n\n`);
  return result.status.needs === "none";
}

function passPlan(samocode: Samocode, { io, asks, status }: AtGate): boolean {
  const plan = readTextIfExists(join(status.folder, status.plan?.path ?? "")) ?? "";
  io.write(
    `\n${planLines(plan).map((line) => `  ${paint("dim", "│", io.color)} ${line}`).join("\n")}\n\n`,
  );
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

/** Harmless text, indented as it was. */
function planLines(plan: string): readonly string[] {
  return plan.trim().split("\n").map((line) => (/^ */.exec(line)?.[0] ?? "") + plainText(line));
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

function farewell({ color }: CliIo, { folder, worktree }: Status): string {
  return `
${paint("bold", "Look around", color)}
  the notebook   ${join(folder, "_overview.md")}
  the record     ${join(folder, "_journal.jsonl")}
  the commits    git -C ${worktree} log --oneline

${paint("bold", "Your own project", color)}: write a .samocode beside it with MAIN_REPO, WORKTREES and SESSIONS, then
  samocode run --session NAME --dive "what to look into" --task "what is to be done"
`;
}
