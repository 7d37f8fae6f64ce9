/**
 * `samocode demo` plays a whole session on a sample project and asks the user at its gates; and the scripted agent that
 * the demo provider starts.
 *
 * @module
 */
import { whoTyped } from "../../messages/who_decided.ts";
import { join } from "node:path";
import { readStatus } from "../../operations/read_status.ts";
import { commandFor } from "../../text/action.ts";
import { paint, shellWord } from "../../text/terminal_text.ts";
import { type CliIo, listenForInterruption, terminalOf } from "../cli_io.ts";
import { type Arguments, type Command, exitCodeOf } from "../command.ts";
import { loadSamocode } from "../load.ts";

/** The command. */
export const demo: Command = {
  name: "demo",
  summary: "Watch a session on a sample project: no API key, cost or network",
  flags: { yes: { short: "y", help: "Accept suggestions and plan without asking" } },
  examples: ["samocode demo", "samocode demo --yes"],
  run: (io, args) => play(io.isInputTerminal && !args.switches.has("yes") ? io : { ...io, ask: typeYes(io) }, args),
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

function typeYes({ write }: CliIo): CliIo["ask"] {
  return (question, { yes = "" } = {}) => {
    write(`${question} ${yes || "(the demo presses Enter)"}\n`);
    return Promise.resolve(yes);
  };
}

async function play(io: CliIo, args: Arguments): Promise<number> {
  const { DEMO_SESSION, demoText, makeDemoProject } = await import("../../operations/demo.ts");
  const { runAndAsk } = await import("../ask_in_place.ts");
  const { runHere } = await import("../../operations/run_here.ts");
  const folder = await makeDemoProject(io);
  const loaded = loadSamocode({ ...io, workingDirectory: folder }, { ...args, values: { provider: "demo" } });
  // Whoever plays may also answer in the file.
  const samocode = { ...loaded, isPersons: true };
  const show = (...text: readonly [name: string, facts: Readonly<Record<string, string>>]): void =>
    io.write(demoText(io, ...text).replace(/^\*\*(.+?)\*\*/gm, (_, title: string) => paint("bold", title, io.color)));
  show("introduction", { repo: join(folder, "repo"), task: DEMO_SESSION.task });
  using interruption = listenForInterruption(io);
  const { session } = DEMO_SESSION;
  const run = () =>
    runHere(samocode, {
      ...DEMO_SESSION,
      abort: interruption.abort,
      terminal: terminalOf(io),
      nextSteps: () => ({ documents: [], commands: [] }),
      note: () => {},
    });
  const { abort } = interruption;
  const outcome = await runAndAsk({ io, samocode, session, abort, by: whoTyped("demo", io) }, run);
  const commands = readStatus(samocode, { session }).next.map((action) =>
    `  ${commandFor(action, "repo")}${action.verb === "resume" ? " --provider demo" : ""}`
  );
  const text = outcome.kind === "done" ? "look-around" : "continue";
  show(text, { folder: shellWord(folder), commands: commands.join("\n") });
  return exitCodeOf(outcome, interruption.signal());
}
