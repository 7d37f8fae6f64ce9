/**
 * `samocode demo` plays a whole session on a sample project and asks the user at its gates; and the scripted agent that
 * the demo provider starts.
 *
 * @module
 */
import { join } from "node:path";
import { answerQa } from "../../operations/answer_qa.ts";
import { approvePlan } from "../../operations/approve_plan.ts";
import { readStatus } from "../../operations/read_status.ts";
import { MAX, openSession, type Samocode } from "../../operations/samocode.ts";
import { commandFor } from "../../text/action.ts";
import { paint, plainLines, shellWord, wrapLine } from "../../text/terminal_text.ts";
import { askQuestions } from "../ask_person.ts";
import { type CliIo, listenForInterruption } from "../cli_io.ts";
import { type Arguments, type Command, exitCodeOf } from "../command.ts";
import { loadSamocode } from "../load.ts";

/** The command. */
export const demo: Command = {
  name: "demo",
  summary: "Watch a session on a sample project: no API key, cost or network",
  flags: { yes: { short: "y", help: "Accept suggestions and plan without asking" } },
  examples: ["samocode demo", "samocode demo --yes"],
  run: (io, args) => play(io.isInputTerminal && !args.switches.has("yes") ? io : { ...io, ask: pressEnter(io) }, args),
};

/** The scripted agent. */
export const demoAgent: Command = {
  name: "demo-agent",
  summary: "Play one iteration of the demo",
  operands: "REQUEST",
  maxPositionals: 1,
  flags: {},
  examples: [],
  hidden: true,
  async run(io, args): Promise<number> {
    const { playDemoAgent } = await import("../../operations/demo.ts");
    await playDemoAgent(args.positionals[0] ?? "", io);
    return 0;
  },
};

function pressEnter({ write }: CliIo): CliIo["ask"] {
  return (question) => {
    write(`${question} (the demo presses Enter)\n`);
    return "";
  };
}

async function play(io: CliIo, args: Arguments): Promise<number> {
  const { DEMO_SESSION, demoText, makeDemoProject } = await import("../../operations/demo.ts");
  const { runHere } = await import("../../operations/run_here.ts");
  const folder = await makeDemoProject(io);
  const samocode = loadSamocode({ ...io, workingDirectory: folder }, { ...args, values: { provider: "demo" } });
  const show = (...text: readonly [name: string, facts: Readonly<Record<string, string>>]): void =>
    io.write(demoText(io, ...text).replace(/^\*\*(.+?)\*\*/gm, (_, title: string) => paint("bold", title, io.color)));
  show("introduction", { repo: join(folder, "repo"), task: DEMO_SESSION.task });
  using interruption = listenForInterruption(io);
  const { session } = DEMO_SESSION;
  const run = () =>
    runHere(samocode, {
      ...DEMO_SESSION,
      abort: interruption.abort,
      terminal: { output: io.live, columns: io.columns, isTerminal: io.isOutputTerminal, color: io.color },
      nextSteps: () => [],
      note: () => {},
    });
  let outcome = await run();
  while (outcome.kind === "waiting" && await passGate(samocode, { io, session })) outcome = await run();
  const commands = readStatus(samocode, { session }).next.map((action) =>
    `  ${commandFor(action, "repo")}${action.verb === "resume" ? " --provider demo" : ""}`
  );
  const text = outcome.kind === "done" ? "look-around" : "continue";
  show(text, { folder: shellWord(folder), commands: commands.join("\n") });
  return exitCodeOf(outcome, interruption.signal());
}

/** Opens the gate or sends the plan back. Returns false if the user leaves it closed. */
async function passGate(
  samocode: Samocode,
  { io, session }: { readonly io: CliIo; readonly session: string },
): Promise<boolean> {
  const { needs, questions, plan } = readStatus(samocode, { session });
  using folder = openSession(samocode, session);
  if (needs === "answers") {
    const answers = askQuestions(io, questions);
    const { status } = await answerQa(folder, { answers, acceptSuggestions: false, by: "samocode demo" });
    io.write("\n");
    return status.needs === "none";
  }
  if (needs !== "approval" || plan === undefined) return false;
  const { readArtifact } = await import("../../operations/read_artifact.ts");
  const page = readArtifact(samocode, { session, file: plan.path, offset: 0, limit: MAX.pageBytes });
  const lines = plainLines("text" in page ? page.text.trim() : "");
  // Two spaces, a bar, a space, and the last column, where some terminals wrap.
  const rows = lines.flatMap((line) => wrapLine(line, io.columns() - 5));
  io.write(`\n${rows.map((row) => `  ${paint("dim", "│", io.color)} ${row}`).join("\n")}\n\n`);
  const typed = io.ask("  Press Enter to approve this plan, or type what to change:");
  if (typed === undefined) return false;
  const feedback = /^(?:|y|yes)$/i.test(typed.trim()) ? undefined : typed;
  await approvePlan(folder, { feedback, sha256: plan.sha256, by: "samocode demo" });
  const done = feedback === undefined ? "Approved." : "The plan goes back to the agent.";
  io.write(`  ${paint("green", done, io.color)}\n\n`);
  return true;
}
