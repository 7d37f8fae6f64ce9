/**
 * `samocode init`, `doctor` and `trust`: what comes before a project's first session.
 *
 * @module
 */
import { dirname } from "node:path";
import { type TrustView, trustWritten, viewTrust } from "../../operations/trust_project.ts";
import type { ProjectProposal } from "../../project/init.ts";
import { commandLine } from "../../text/command_words.ts";
import { jsonText } from "../../text/json_text.ts";
import { SamocodeError } from "../../text/errors.ts";
import { paint, plainLines, plainText, wrapLine } from "../../text/terminal_text.ts";
import type { CliIo } from "../cli_io.ts";
import { type Arguments, type Command, EXIT } from "../command.ts";
import type { Level } from "../../contract/finding.ts";
import type { Diagnosis } from "../../project/doctor/diagnose.ts";
import { formatCount } from "../../text/format.ts";
import { type JournalView, viewJournal } from "../../operations/accept_journal.ts";
import { placesOf, refuseAgents } from "../../operations/people_only.ts";
import { loadSamocode, SESSION } from "../load.ts";
import { confirm } from "../ask_person.ts";

const FOLDER = { value: "DIR", completes: "folder" } as const;

/** Sets up a project. */
export const init: Command = {
  name: "init",
  summary: "Set up the current repository: write its .samocode",
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
    await setUp(io, args);
    io.write('Next: samocode doctor, then samocode run "what to do"\n');
    return 0;
  },
};

async function setUp(io: CliIo, args: Arguments): Promise<void> {
  const { initProject, proposeProject } = await import("../../project/init.ts");
  const options = { mainRepo: args.values["main-repo"], force: args.switches.has("force") };
  const proposal = await chooseFolders(io, args, await proposeProject(io, options));
  const { text, done } = await initProject(io, proposal);
  trustWritten({ path: proposal.projectFile, text }, io.env);
  const lines = text.trimEnd().split("\n").map((line) => `  ${line}`);
  const all = [`Wrote ${proposal.projectFile}`, ...lines, ...done];
  io.write(`${plainLines(all.join("\n")).join("\n")}\n\n`);
}

/**
 * Asks where another command found no project. Nobody wants to name folders first: these are the defaults.
 *
 * @returns Whether there is a project now.
 */
export async function askToSetUp(io: CliIo): Promise<boolean> {
  refuseAgents({ verb: "set up a project", env: io.env, places: [io.workingDirectory] });
  if (!(await confirm(io, "Set up this repository now, with the usual folders?"))) return false;
  await setUp(io, { values: {}, switches: new Set(["yes"]), positionals: [] });
  return true;
}

async function chooseFolders(
  io: CliIo,
  { values, switches }: Arguments,
  proposal: ProjectProposal,
): Promise<ProjectProposal> {
  const { worktrees, sessions, mainRepo } = proposal;
  const asks = !switches.has("yes");
  if (asks && !io.isInputTerminal && (values["worktrees"] === undefined || values["sessions"] === undefined)) {
    throw new SamocodeError("usage", "Cannot prompt for the folders: stdin is not a terminal", {
      hint: `Name them with --worktrees and --sessions, or pass --yes for ${worktrees} and ${sessions}`,
    });
  }
  if (asks && io.isInputTerminal) io.write(`Repository  ${plainText(mainRepo)}\n`);
  const ask = async (question: string): Promise<string> => {
    const answer = await io.ask(question);
    if (answer !== undefined) return answer.trim();
    // The end of input is not consent to the default.
    throw new SamocodeError("usage", "Cannot continue: the question was not answered", { hint: "Nothing was written" });
  };
  const choose = async (flag: string, preset: string): Promise<string> => {
    const given = values[flag] ?? (asks ? await ask(`Where to keep ${flag}? Enter for ${plainText(preset)}:`) : "");
    return given.trim() === "" ? preset : given;
  };
  const folders = {
    worktrees: await choose("worktrees", worktrees),
    sessions: await choose("sessions", sessions),
  };
  const shown = proposal.checks.map(commandLine).join(", ");
  const isRefused = shown !== "" && asks && io.isInputTerminal &&
    /^no?$/i.test(await ask(`What must pass before the review and at the end? Enter for ${shown}, n for nothing:`));
  return { ...proposal, ...folders, checks: isRefused ? [] : proposal.checks };
}

/** Says what is wrong, and how to fix it. */
export const doctor: Command = {
  name: "doctor",
  summary: "Check the program, the project and the machine for problems",
  flags: { json: { help: "Print JSON" } },
  examples: ["samocode doctor", "samocode doctor --json"],
  async run(io, args): Promise<number> {
    const { diagnose } = await import("../../project/doctor/diagnose.ts");
    const diagnosis = await diagnose(io, args.values["config"]);
    io.write(args.switches.has("json") ? jsonText(diagnosis) + "\n" : renderDiagnosis(diagnosis, io));
    return diagnosis.usable ? EXIT.done : EXIT.failed;
  },
};

const MARKS = { ok: ["green", "✓"], warning: ["yellow", "!"], problem: ["red", "✗"] } as const;

/** The column where texts start. */
const TEXT_COLUMN = 16;

function renderDiagnosis({ usable, findings }: Diagnosis, { color, columns }: CliIo): string {
  const room = columns() - TEXT_COLUMN - 1;
  const lines = findings.flatMap(({ area, level, text, remedy }, index) => {
    const [paintColor, mark] = MARKS[level];
    const title = findings[index - 1]?.area === area ? "" : area;
    const [first = "", ...more] = wrapLine(text, room);
    const remedyRows = remedy === undefined ? [] : wrapLine(`> ${remedy}`, room);
    return [
      `${paint(paintColor, mark, color)} ${title.padEnd(TEXT_COLUMN - 2)}${first}`,
      ...[...more, ...remedyRows.map((row) => paint("dim", row, color))].map((row) => " ".repeat(TEXT_COLUMN) + row),
    ];
  });
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  const warnings = formatCount(count("warning"), "warning");
  const verdict = usable
    ? `Ready to run${count("warning") > 0 ? `; ${warnings}` : ""}.`
    : `Not ready: ${formatCount(count("problem"), "problem")}, ${warnings}.`;
  return `${lines.join("\n")}\n\n${paint("bold", verdict, color)}\n`;
}

/** Says that the files of a project, or the journal of a session, are the user's own or were read. */
export const trust: Command = {
  ...SESSION.operand,
  name: "trust",
  summary: "Trust a project's and agents' settings, or a session's journal",
  flags: {
    show: { help: "Show what they set, and whether they are trusted" },
    revoke: { help: "Trust them no more" },
    yes: { short: "y", help: "Trust them without asking" },
  },
  examples: ["samocode trust", "samocode trust --show", "samocode trust --revoke", "samocode trust add-jwt"],
  async run(io, args): Promise<number> {
    const { values, switches, positionals } = args;
    const [session] = positionals;
    if (session !== undefined) return await trustJournal(io, args, session);
    const view = viewTrust({ ...io, config: values["config"] });
    if (switches.has("show")) {
      io.write(renderTrust(view));
      return 0;
    }
    refuseAgents({ verb: "trust", env: io.env, places: [dirname(view.projectFile)] });
    if (switches.has("revoke")) {
      view.revoke();
      io.write(`Not trusted any more: ${plainText(view.projectFile)}\n`);
      return 0;
    }
    checkTerminal(io, args);
    return await offer(io, view, { asks: !switches.has("yes") }) ? 0 : 1;
  },
};

/** Accepts a journal that somebody may have changed. */
async function trustJournal(io: CliIo, args: Arguments, session: string): Promise<number> {
  const { switches } = args;
  if (switches.has("revoke")) {
    throw new SamocodeError("usage", "Cannot revoke the trust in a journal: it is the session's record", {
      hint: "Start a new session instead",
    });
  }
  const samocode = loadSamocode(io, args);
  if (!switches.has("show")) refuseAgents({ verb: "trust", env: io.env, places: placesOf(samocode) });
  const view = viewJournal(samocode, session);
  io.write(renderJournal(view));
  if (switches.has("show") || view.doubt === undefined) return 0;
  checkTerminal(io, args);
  if (!switches.has("yes") && !(await confirm(io, "All of it will count, also what somebody else wrote. Accept it?"))) {
    return 1;
  }
  await view.accept();
  io.write(`Accepted: the journal of ${view.session}\n`);
  return 0;
}

function renderJournal({ session, doubt, events }: JournalView): string {
  if (doubt === undefined) return `The journal of ${session} is as samocode left it.\n`;
  return [
    `The journal of ${session} cannot be trusted: ${doubt}.`,
    "Its last events would be:",
    ...events.map((event) => `  ${event}`),
  ].join("\n") + "\n";
}

function checkTerminal(io: CliIo, { switches, positionals }: Arguments): void {
  if (switches.has("yes") || io.isInputTerminal) return;
  const command = ["samocode trust", ...positionals].join(" ");
  throw new SamocodeError("usage", "Cannot ask whether to trust: stdin is not a terminal", {
    hint: `Look at ${command} --show, then: ${command} --yes`,
  });
}

/**
 * Asks where another command was refused. What belongs to another user is not asked about in passing.
 *
 * @returns Whether the person trusts what they were shown.
 */
export async function askToTrust(io: CliIo, { values }: Arguments): Promise<boolean> {
  const view = viewTrust({ ...io, config: values["config"] });
  if (view.files.some(({ isForeign }) => isForeign)) return false;
  refuseAgents({ verb: "trust", env: io.env, places: [dirname(view.projectFile)] });
  return await offer(io, view, { asks: true });
}

/** Shows what is to be trusted, and trusts exactly that if the person says yes. */
async function offer(
  io: CliIo,
  view: TrustView,
  { asks }: { readonly asks: boolean },
): Promise<boolean> {
  io.write(renderTrust(view));
  if (view.files.every(({ isTrusted }) => isTrusted)) return true;
  if (asks && !(await confirm(io, "They choose programs, hosts and keys, with all your rights. Trust them?"))) {
    return false;
  }
  view.trust();
  io.write(`Trusted: ${plainText(view.projectFile)}\n\n`);
  return true;
}

function renderTrust({ files }: TrustView): string {
  return files.map(({ path, standing, sets }) =>
    [`${plainText(path)}: ${standing}`, ...sets.map((line) => `  ${line}`)].join("\n") + "\n"
  ).join("");
}
