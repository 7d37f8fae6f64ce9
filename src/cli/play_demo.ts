/**
 * `samocode demo`: plays a whole session on a sample project and asks the user at its gates.
 *
 * @module
 */
import { join } from "node:path";
import { answerQa } from "../operations/answer_qa.ts";
import { approvePlan } from "../operations/approve_plan.ts";
import { DEMO_SESSION, demoText, makeDemoProject, trustDemoProject } from "../operations/demo.ts";
import { MAX } from "../operations/limits.ts";
import { readArtifact } from "../operations/read_artifact.ts";
import { readStatus } from "../operations/read_status.ts";
import { runHere } from "../operations/run_here.ts";
import { openSession, type Samocode } from "../operations/samocode.ts";
import { commandFor } from "../text/action.ts";
import { plainLines, shellWord, wrapLine } from "../text/terminal_text.ts";
import { askQuestions } from "./ask_person.ts";
import { type CliIo, listenForInterruption } from "./cli_io.ts";
import type { Arguments } from "./command.ts";
import { exitCodeOf } from "./exit_code.ts";
import { loadSamocode } from "./load.ts";
import { paint } from "./paint.ts";

const { session } = DEMO_SESSION;

/** Plays the session and returns the exit code. */
export async function playDemo(terminal: CliIo, args: Arguments): Promise<number> {
  const pressEnter = (question: string): string => {
    terminal.write(`${question} (the demo presses Enter)\n`);
    return "";
  };
  const asks = terminal.isInputTerminal && !args.switches.has("yes");
  const io = asks ? terminal : { ...terminal, ask: pressEnter };
  const folder = await makeDemoProject(io);
  trustDemoProject(folder, io);
  const samocode = loadSamocode({ ...io, workingDirectory: folder }, { ...args, values: { provider: "demo" } });
  const show = (...text: readonly [name: string, facts: Readonly<Record<string, string>>]): void =>
    io.write(demoText(io, ...text).replace(/^\*\*(.+?)\*\*/gm, (_, title: string) => paint("bold", title, io.color)));
  show("introduction", { repo: join(folder, "repo"), task: DEMO_SESSION.task });
  using interruption = listenForInterruption(io);
  const request = {
    ...DEMO_SESSION,
    abort: interruption.abort,
    terminal: { output: io.live, columns: io.columns, isTerminal: io.isOutputTerminal, color: io.color },
    nextSteps: () => [],
    note: () => {},
  };
  let outcome = await runHere(samocode, request);
  while (outcome.kind === "waiting" && passGate(samocode, io)) outcome = await runHere(samocode, request);
  const commands = readStatus(samocode, { session }).next.map((action) =>
    `  ${commandFor(action, "repo")}${action.verb === "resume" ? " --provider demo" : ""}`
  );
  const text = outcome.kind === "done" ? "look-around" : "continue";
  show(text, { folder: shellWord(folder), commands: commands.join("\n") });
  return exitCodeOf(outcome, interruption.signal());
}

/** Opens the gate or sends the plan back. Returns false if the user leaves it closed. */
function passGate(samocode: Samocode, io: CliIo): boolean {
  const { needs, questions, plan } = readStatus(samocode, { session });
  if (needs === "answers") {
    const answers = askQuestions(io, questions);
    using folder = openSession(samocode, session);
    const { status } = answerQa(folder, { answers, acceptSuggestions: false, by: "samocode demo" });
    io.write("\n");
    return status.needs === "none";
  }
  if (needs !== "approval" || plan === undefined) return false;
  const page = readArtifact(samocode, { session, file: plan.path, offset: 0, limit: MAX.pageBytes });
  const lines = plainLines("text" in page ? page.text.trim() : "");
  // Two spaces, a bar, a space, and the last column, where some terminals wrap.
  const rows = lines.flatMap((line) => wrapLine(line, io.columns() - 5));
  io.write(`\n${rows.map((row) => `  ${paint("dim", "│", io.color)} ${row}`).join("\n")}\n\n`);
  const typed = io.ask("  Press Enter to approve this plan, or type what to change:");
  if (typed === undefined) return false;
  const feedback = /^(?:|y|yes)$/i.test(typed.trim()) ? undefined : typed;
  using folder = openSession(samocode, session);
  approvePlan(folder, { feedback, sha256: plan.sha256, by: "samocode demo" });
  io.write(
    `  ${paint("green", feedback === undefined ? "Approved." : "The plan goes back to the agent.", io.color)}\n\n`,
  );
  return true;
}
