/**
 * `samocode plan` and `diff`: what a session is about to do, and what it has done.
 *
 * @module
 */
import { openSession, type Samocode } from "../../operations/samocode.ts";
import { SamocodeError } from "../../text/errors.ts";
import { formatCount } from "../../text/format.ts";
import { jsonText } from "../../text/json_text.ts";
import { plainBlock, plainText } from "../../text/terminal_text.ts";
import type { CliIo } from "../cli_io.ts";
import type { Command } from "../command.ts";
import { FLEET_FLAG } from "../in_fleet.ts";
import { chooseSession, loadSamocode, SESSION } from "../load.ts";

/** Shows the plan. */
export const plan: Command = {
  ...SESSION.operand,
  name: "plan",
  summary: "Show a session's plan, or what changed in it",
  flags: {
    session: SESSION.flag,
    diff: { help: "Show what changed since the plan that you were shown before" },
    ...FLEET_FLAG,
    json: { help: "Print its file, text, steps and hash as JSON" },
  },
  examples: ["samocode plan add-jwt", "samocode plan add-jwt --diff", "samocode plan add-jwt > plan.md"],
  async run(io, args): Promise<number> {
    const samocode = loadSamocode(io, args);
    const { viewPlan } = await import("../../operations/view_plan.ts");
    const { showChanges, showPlan } = await import("../ask_about_plan.ts");
    const { isSeated } = await import("../ask_in_place.ts");
    using folder = openSession(samocode, chooseSession(samocode, { args, state: "waiting" }), { readOnly: true });
    const view = viewPlan(folder);
    if (view === undefined) {
      throw new SamocodeError("conflict", `Cannot show the plan of ${folder.name}: it has none yet`, {
        hint: "Look at its state",
        actions: [{ verb: "status", session: folder.name }],
      });
    }
    if (args.switches.has("json")) {
      const { path, sha256, text, done, total } = view;
      io.write(jsonText({ path, sha256, done, total, text }) + "\n");
    } else if (args.switches.has("diff")) await showChanges(io, view);
    // In a file or a program's hands it is Markdown.
    else if (!io.isOutputTerminal) io.write(plainBlock(view.text));
    else await showPlan(io, isSeated(io, samocode) ? view : { ...view, keepShown: () => {} });
    return 0;
  },
};

/** Shows the work. */
export const diff: Command = {
  ...SESSION.operand,
  name: "diff",
  summary: "Show what a session changed, with your git's pager and colors",
  flags: {
    session: SESSION.flag,
    stat: { help: "Show only which files, and how much" },
  },
  examples: ["samocode diff add-jwt", "samocode diff add-jwt --stat"],
  async run(io, args): Promise<number> {
    const samocode = loadSamocode(io, args);
    return await showWork(io, samocode, {
      session: chooseSession(samocode, { args, state: "done" }),
      stat: args.switches.has("stat"),
    });
  },
};

/** Shows what a session changed. Returns the exit code. */
export async function showWork(
  io: CliIo,
  samocode: Samocode,
  { session, stat = false }: { readonly session: string; readonly stat?: boolean },
): Promise<number> {
  const { viewWork } = await import("../../operations/view_work.ts");
  const { diffPagerFor, gitFlags } = await import("../show_text.ts");
  const flags = [...gitFlags(io), ...(stat ? ["--stat"] : [])];
  const look = { session, flags, pager: await diffPagerFor(io), isTerminal: io.isOutputTerminal };
  const { command, uncommitted, worktree } = await viewWork(samocode, look);
  const code = await io.attach(command);
  if (uncommitted > 0) {
    const what = `Not committed yet, and not shown: ${formatCount(uncommitted, "file")}`;
    io.writeError(`${what} in ${plainText(worktree)}\n`);
  }
  // 141: the pager was left before the end (SIGPIPE).
  return code === 0 || code === 141 ? 0 : 1;
}
