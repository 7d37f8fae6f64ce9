/**
 * `samocode init`: sets up the project that one stands in.
 *
 * @module
 */
import type { placeFrom, ProjectProposal } from "../../operations/init_project.ts";
import { SamocodeError } from "../../system/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import type { CliIo } from "../cli_io.ts";
import type { Arguments, Command } from "../command.ts";
import { setupFrom } from "../installation.ts";
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
    const { existsAlready, initProject, placeFrom, proposeProject } = await import("../../operations/init_project.ts");
    const setup = setupFrom(io);
    const force = args.switches.has("force");
    const proposal = await proposeProject(setup, { mainRepo: args.values["main-repo"] });
    if (proposal.existing !== undefined && !force) {
      io.writeError(`${plainText(proposal.projectFile)}\n${indented(proposal.existing)}`);
      throw existsAlready(proposal.projectFile);
    }
    const done = await initProject(choosePlaces(io, { args, proposal, placeFrom }), { force, now: setup.now() });
    io.write(`Wrote ${plainText(done.projectFile)}\n${indented(done.text)}`);
    if (done.backup !== undefined) io.write(`The old one is ${plainText(done.backup)}\n`);
    for (const folder of done.made) io.write(`Made ${plainText(folder)}\n`);
    if (done.ignored !== undefined) {
      const { file, lines } = done.ignored;
      io.write(`Told git to leave alone ${plainText(lines.join(" and "))}, in ${plainText(file)}\n`);
    }
    if (proposal.hides !== undefined) {
      io.write(`From here on it counts instead of ${plainText(proposal.hides)}\n`);
    }
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
  const asks = !switches.has("yes");
  if (asks && !io.isInputTerminal && (values["worktrees"] === undefined || values["sessions"] === undefined)) {
    throw new SamocodeError("usage", "Cannot ask where the folders shall be: this is no terminal", {
      hint:
        `Name them with --worktrees and --sessions, or take --yes for ${proposal.worktrees} and ${proposal.sessions}`,
    });
  }
  if (asks && io.isInputTerminal) io.write(`Repository  ${plainText(proposal.mainRepo)}\n`);
  const choose = (flag: string, question: string, preset: string): string => {
    const given = values[flag] ?? (asks ? answered(io, `${question}? Enter for ${plainText(preset)}:`) : "");
    return given.trim() === "" ? preset : place(given, io);
  };
  const worktrees = choose("worktrees", "Where shall each session get its worktree", proposal.worktrees);
  const sessions = choose("sessions", "Where shall each session get its folder", proposal.sessions);
  return { ...proposal, worktrees, sessions };
}

/** The end of input is no consent to a default. */
function answered(io: CliIo, question: string): string {
  const typed = io.ask(question);
  if (typed !== undefined) return typed.trim();
  throw new SamocodeError("usage", "Cannot go on: the question was not answered", { hint: "Nothing was written" });
}

function indented(text: string): string {
  return plainLines(text.trimEnd()).map((line) => `  ${line}\n`).join("");
}
