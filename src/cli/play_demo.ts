/**
 * `samocode demo`: plays a whole session on a sample project and asks the user at its gates.
 *
 * @module
 */
import { join, relative } from "node:path";
import { answerQa } from "../operations/answer_qa.ts";
import { approvePlan } from "../operations/approve_plan.ts";
import { DEMO_SESSION, demoText, makeDemoProject } from "../operations/demo.ts";
import { MAX } from "../operations/limits.ts";
import { readArtifact } from "../operations/read_artifact.ts";
import { readStatus, type Status } from "../operations/read_status.ts";
import { runHere } from "../operations/run_here.ts";
import type { Samocode } from "../operations/samocode.ts";
import { plainLines, wrapLine } from "../text/plain_lines.ts";
import { shellWord } from "../text/shell_word.ts";
import { askQuestions } from "./ask_person.ts";
import type { CliIo } from "./cli_io.ts";
import type { Arguments } from "./command.ts";
import { exitCodeOf } from "./exit_code.ts";
import { listenForInterruption } from "./interruption.ts";
import { loadSamocode } from "./load.ts";
import { commandFor } from "./next_commands.ts";
import { paint } from "./paint.ts";
import { renderQuestion } from "./render_status.ts";

const { session } = DEMO_SESSION;

/** Plays the session and returns the exit code. */
export async function playDemo(io: CliIo, args: Arguments): Promise<number> {
  const folder = await makeDemoProject(io);
  const samocode = loadSamocode({ ...io, workingDirectory: folder }, { ...args, values: { provider: "demo" } });
  const show = (name: string, facts: Readonly<Record<string, string>>): void =>
    io.write(
      demoText(io, { name, facts }).replace(/^\*\*(.+?)\*\*/gm, (_, text: string) => paint("bold", text, io.color)),
    );
  show("introduction", { repo: join(folder, "repo"), task: DEMO_SESSION.task });
  const asks = io.isInputTerminal && !args.switches.has("yes");
  using interruption = listenForInterruption(io);
  const run = (start: { readonly task?: string; readonly dive?: string }): ReturnType<typeof runHere> =>
    runHere(samocode, {
      session,
      task: start.task,
      dive: start.dive,
      abort: interruption.abort,
      terminal: { output: io.live, columns: io.columns, isTerminal: io.isOutputTerminal, color: io.color },
      nextSteps: () => [],
      note: io.writeError,
    });
  let outcome = await run(DEMO_SESSION);
  while (outcome.kind === "waiting" && passGate(samocode, { io, asks })) outcome = await run({});
  const status = readStatus(samocode, { session });
  const place = relative(folder, status.folder);
  if (outcome.kind === "done") {
    show("look-around", {
      folder: shellWord(folder),
      notebook: join(place, "_overview.md"),
      journal: join(place, "_journal.jsonl"),
      worktree: relative(folder, status.worktree ?? folder),
    });
  } else {
    const commands = status.next.map((action) =>
      `  ${commandFor(action, join(folder, "repo"))}${action.verb === "resume" ? " --provider demo" : ""}`
    );
    show("continue", { folder: shellWord(folder), commands: commands.join("\n") });
  }
  return exitCodeOf(outcome, interruption.signal());
}

interface AtGate {
  readonly io: CliIo;
  /** Whether to ask the user; otherwise the demo decides. */
  readonly asks: boolean;
}

/** Opens the gate or sends the plan back. Returns false if the user leaves it closed. */
function passGate(samocode: Samocode, gate: AtGate): boolean {
  const status = readStatus(samocode, { session });
  if (status.needs === "answers") return passQuestions(samocode, status, gate);
  return status.needs === "approval" && passPlan(samocode, status, gate);
}

function passQuestions(samocode: Samocode, { questions }: Status, { io, asks }: AtGate): boolean {
  const answers = asks ? askQuestions(io, questions) : {};
  for (const question of asks ? [] : questions) {
    io.write(`\n${renderQuestion(question, { color: io.color, columns: io.columns() })}\n`);
  }
  const { answered, status } = answerQa(samocode, { session, answers, acceptSuggestions: !asks, by: decidedBy(asks) });
  const said = asks ? "Answered." : "The demo accepts the suggestions.";
  if (answered.length > 0) io.write(`\n  ${paint("green", said, io.color)}\n\n`);
  return status.needs === "none";
}

/** Two spaces, a bar, a space, and the last column, where some terminals wrap. */
const PLAN_MARGIN = 5;

function passPlan(samocode: Samocode, { plan }: Status, { io, asks }: AtGate): boolean {
  const page = readArtifact(samocode, { session, file: plan?.path, offset: 0, limit: MAX.pageBytes });
  const lines = plainLines("text" in page ? page.text.trim() : "");
  const rows = lines.flatMap((line) => wrapLine(line, io.columns() - PLAN_MARGIN));
  io.write(`\n${rows.map((row) => `  ${paint("dim", "│", io.color)} ${row}`).join("\n")}\n\n`);
  const typed = asks ? io.ask("  Press Enter to approve this plan, or type what to change:") : "";
  if (typed === undefined) return false;
  const feedback = /^(|y|yes)$/i.test(typed.trim()) ? undefined : typed;
  approvePlan(samocode, { session, feedback, sha256: plan?.sha256, by: decidedBy(asks) });
  const approved = asks ? "Approved." : "The demo approves the plan.";
  const said = feedback === undefined ? approved : "The plan goes back to the agent.";
  io.write(`  ${paint("green", said, io.color)}\n\n`);
  return true;
}

function decidedBy(asks: boolean): string {
  return asks ? "you, in the demo" : "the demo, for you";
}
