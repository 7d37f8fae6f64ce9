/**
 * `samocode init`: sets up the project that one stands in.
 *
 * @module
 */
import type { placeFrom, ProjectProposal } from "../../project/init.ts";
import { SamocodeError } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import type { CliIo } from "../cli_io.ts";
import type { Arguments, Command } from "../command.ts";
import { plainLines } from "../../text/plain_lines.ts";

/** The command. */
export const init: Command = {
  name: "init",
  summary: "Set up the current repository: write its .samocode",
  operands: "",
  maxPositionals: 0,
  flags: {
    "main-repo": {
      value: "DIR",
      completes: "folder",
      help: "Repository to set up from outside it; .samocode is written to the current folder",
    },
    worktrees: {
      value: "DIR",
      completes: "folder",
      help: "Where to keep worktrees (default: ../REPO-samocode/worktrees)",
    },
    sessions: {
      value: "DIR",
      completes: "folder",
      help: "Where to keep sessions (default: ../REPO-samocode/sessions)",
    },
    yes: { short: "y", help: "Accept the defaults without asking" },
    force: { help: "Replace an existing .samocode, keeping a backup beside it" },
  },
  examples: ["samocode init", "samocode init --yes", "samocode init --worktrees ../trees --sessions ../sessions"],
  async run(io, args): Promise<number> {
    const { existsAlready, initProject, placeFrom, proposeProject } = await import("../../project/init.ts");
    const force = args.switches.has("force");
    const proposal = await proposeProject(io, { mainRepo: args.values["main-repo"] });
    if (proposal.existing !== undefined && !force) {
      io.writeError(`${plainText(proposal.projectFile)}\n${indented(proposal.existing)}`);
      throw existsAlready(proposal.projectFile);
    }
    const { text, done } = await initProject(choosePlaces(io, { args, proposal, placeFrom }), { force });
    io.write(`Wrote ${plainText(proposal.projectFile)}\n${indented(text)}`);
    io.write(done.map((line) => `${plainText(line)}\n`).join(""));
    io.write('\nNext: samocode doctor, then samocode run --session NAME --task "…"\n');
    return 0;
  },
};

function choosePlaces(
  io: CliIo,
  { args, proposal, placeFrom: place }: {
    readonly args: Arguments;
    readonly proposal: ProjectProposal;
    readonly placeFrom: typeof placeFrom;
  },
): ProjectProposal {
  const { values, switches } = args;
  const { worktrees, sessions, mainRepo } = proposal;
  const asks = !switches.has("yes");
  if (asks && !io.isInputTerminal && (values["worktrees"] === undefined || values["sessions"] === undefined)) {
    throw new SamocodeError("usage", "Cannot prompt for the folders: stdin is not a terminal", {
      hint: `Name them with --worktrees and --sessions, or pass --yes for ${worktrees} and ${sessions}`,
    });
  }
  if (asks && io.isInputTerminal) io.write(`Repository  ${plainText(mainRepo)}\n`);
  const choose = (flag: string, preset: string): string => {
    const given = values[flag] ?? (asks ? io.ask(`Where to keep ${flag}? Enter for ${plainText(preset)}:`) : "");
    // The end of input is no consent to a default.
    if (given === undefined) {
      throw new SamocodeError("usage", "Cannot go on: the question was not answered", { hint: "Nothing was written" });
    }
    return given.trim() === "" ? preset : place(values[flag] ?? given.trim(), io);
  };
  return { ...proposal, worktrees: choose("worktrees", worktrees), sessions: choose("sessions", sessions) };
}

function indented(text: string): string {
  return plainLines(text.trimEnd()).map((line) => `  ${line}\n`).join("");
}
