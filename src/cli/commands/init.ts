/**
 * `samocode init`: sets up a project.
 *
 * @module
 */
import { trustWritten } from "../../operations/trust_project.ts";
import type { ProjectProposal } from "../../project/init.ts";
import { SamocodeError } from "../../text/errors.ts";
import { plainLines, plainText } from "../../text/terminal_text.ts";
import type { CliIo } from "../cli_io.ts";
import type { Arguments, Command } from "../command.ts";

const FOLDER = { value: "DIR", completes: "folder" } as const;

/** The command. */
export const init: Command = {
  name: "init",
  summary: "Set up the current repository: write its .samocode",
  operands: "",
  maxPositionals: 0,
  flags: {
    "main-repo": {
      ...FOLDER,
      help: "Repository to set up from outside it; .samocode is written to the current folder",
    },
    worktrees: { ...FOLDER, help: "Where to keep worktrees (default: ../REPO-samocode/worktrees)" },
    sessions: { ...FOLDER, help: "Where to keep sessions (default: ../REPO-samocode/sessions)" },
    yes: { short: "y", help: "Accept the defaults without asking" },
    force: { help: "Replace an existing .samocode, keeping a backup beside it" },
  },
  examples: ["samocode init", "samocode init --yes", "samocode init --worktrees ../trees --sessions ../sessions"],
  async run(io, args): Promise<number> {
    const { initProject, proposeProject } = await import("../../project/init.ts");
    const options = { mainRepo: args.values["main-repo"], force: args.switches.has("force") };
    const proposal = chooseFolders(io, args, await proposeProject(io, options));
    const { text, done } = await initProject(io, proposal);
    trustWritten({ path: proposal.projectFile, text }, io.env);
    const lines = text.trimEnd().split("\n").map((line) => `  ${line}`);
    const all = [`Wrote ${proposal.projectFile}`, ...lines, ...done];
    io.write(`${plainLines(all.join("\n")).join("\n")}\n\n`);
    io.write('Next: samocode doctor, then samocode run --session NAME --task "…"\n');
    return 0;
  },
};

function chooseFolders(io: CliIo, { values, switches }: Arguments, proposal: ProjectProposal): ProjectProposal {
  const { worktrees, sessions, mainRepo } = proposal;
  const asks = !switches.has("yes");
  if (asks && !io.isInputTerminal && (values["worktrees"] === undefined || values["sessions"] === undefined)) {
    throw new SamocodeError("usage", "Cannot prompt for the folders: stdin is not a terminal", {
      hint: `Name them with --worktrees and --sessions, or pass --yes for ${worktrees} and ${sessions}`,
    });
  }
  if (asks && io.isInputTerminal) io.write(`Repository  ${plainText(mainRepo)}\n`);
  const choose = (flag: string, preset: string): string => {
    const given = values[flag] ??
      (asks ? io.ask(`Where to keep ${flag}? Enter for ${plainText(preset)}:`) : "");
    if (given !== undefined) return given.trim() === "" ? preset : values[flag] ?? given.trim();
    // The end of input is not consent to the default.
    throw new SamocodeError("usage", "Cannot continue: the question was not answered", { hint: "Nothing was written" });
  };
  return { ...proposal, worktrees: choose("worktrees", worktrees), sessions: choose("sessions", sessions) };
}
