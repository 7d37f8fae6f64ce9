/**
 * `samocode prune`, `rm`, `rename` and `archive`: what becomes of sessions that nobody works on any more.
 *
 * @module
 */
import type { PruneRow } from "../../operations/prune_sessions.ts";
import { formatBytes, formatDuration } from "../../text/format.ts";
import { SamocodeError } from "../../text/errors.ts";
import { jsonText } from "../../text/json_text.ts";
import { cutToWidth, displayWidth, paint, plainText } from "../../text/terminal_text.ts";
import { confirm } from "../ask_person.ts";
import type { CliIo } from "../cli_io.ts";
import { type Arguments, type Command, EXIT } from "../command.ts";
import { loadForPerson, namedSession, SESSION } from "../load.ts";

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 14;

/** Removes what holds nothing that is not elsewhere. */
export const prune: Command = {
  name: "prune",
  summary: "List sessions and worktrees, and remove those that can go",
  flags: {
    "older-than": { value: "DAYS", help: `Only what nothing happened in for so many days (${DEFAULT_DAYS})` },
    "dry-run": { help: "Remove nothing" },
    yes: { short: "y", help: "Do not ask" },
    json: { help: "Print JSON" },
  },
  examples: ["samocode prune", "samocode prune --older-than 30 --yes"],
  notes: {
    title: "What can go",
    rows: [
      ["sessions", "that are done, or failed or stopped before any commit, with all of their work merged or pushed"],
      ["worktrees", "in WORKTREES without a session, clean, and with all commits of their branch merged or pushed"],
    ],
  },
  async run(io, args): Promise<number> {
    const samocode = loadForPerson(io, args, "prune");
    const { listPrunable, nameOfRow, prune: remove } = await import("../../operations/prune_sessions.ts");
    const rows = await listPrunable(samocode, { olderThanMs: daysIn(args) * DAY_MS });
    const isJson = args.switches.has("json");
    const going = rows.filter(({ keeps }) => keeps.length === 0);
    if (!isJson) io.write(renderRows(rows, { io, nameOf: nameOfRow }));
    const size = formatBytes(going.reduce((sum, { bytes }) => sum + bytes, 0));
    const question = `Remove the ${going.length} marked with -, ${size}?`;
    const asks = going.length > 0 && !args.switches.has("dry-run");
    // JSON is for programs, which cannot be asked.
    const isSure = asks && (isJson ? args.switches.has("yes") : await mayGoOn(io, args, question));
    const removed: string[] = [];
    for (const row of isSure ? going : []) {
      try {
        const { kept } = await remove(samocode, row);
        if (kept.length > 0) io.writeError(`Kept ${plainText(kept.join("; "))}\n`);
        else removed.push(nameOfRow(row));
      } catch (error) {
        if (!(error instanceof SamocodeError)) throw error;
        io.writeError(`${plainText(error.message)}\n`);
      }
    }
    if (isJson) io.write(jsonText({ rows, removed }) + "\n");
    else io.write(removed.length === 0 ? "Nothing was removed.\n" : `Removed ${removed.join(", ")}.\n`);
    return removed.length < (isSure ? going.length : 0) ? EXIT.failed : EXIT.done;
  },
};

/** Removes one session. */
export const rm: Command = {
  name: "rm",
  summary: "Remove a session: its worktree, branch, checkpoints and folder",
  operands: "SESSION",
  completes: "sessions",
  maxPositionals: 1,
  flags: {
    session: SESSION.flag,
    discard: { help: "Remove it even if work that is nowhere else is lost" },
    yes: { short: "y", help: "Do not ask; required without a terminal" },
  },
  examples: ["samocode rm add-jwt", "samocode rm add-jwt --discard"],
  async run(io, args): Promise<number> {
    const session = mustName(args, "remove");
    const samocode = loadForPerson(io, args, "remove a session");
    const { removeSession, viewLosses } = await import("../../operations/tidy_sessions.ts");
    const { goes, lost } = await viewLosses(samocode, { session });
    const discard = args.switches.has("discard");
    if (lost.length === 0 || discard) {
      io.write(plainText(`Removing ${session}: ${goes.join(", ")}`) + "\n");
      for (const each of lost) io.write(`  will be lost: ${plainText(each)}\n`);
      const isSure = lost.length === 0
        ? await mayGoOn(io, args, "Remove it?")
        : args.switches.has("yes") || await hasTyped(io, session);
      if (!isSure) {
        io.write("Nothing was removed.\n");
        return EXIT.waiting;
      }
    }
    const { removed } = await removeSession(samocode, { session, discard });
    io.write(plainText(`Removed ${removed.join(", ")}.`) + "\n");
    return EXIT.done;
  },
};

/** Gives a session another name. */
export const rename: Command = {
  name: "rename",
  summary: "Give a session another name; its branch and worktree keep theirs",
  operands: "SESSION NEW",
  completes: "sessions",
  maxPositionals: 2,
  flags: {},
  examples: ["samocode rename add-jwt login"],
  async run(io, args): Promise<number> {
    const [session, to] = args.positionals;
    if (session === undefined || to === undefined) {
      throw new SamocodeError("usage", "Cannot rename: two names are needed", { hint: "samocode rename NAME NEW" });
    }
    const samocode = loadForPerson(io, args, "rename a session");
    const { renameSession } = await import("../../operations/tidy_sessions.ts");
    io.write(plainText(`${session} is ${to} now: ${await renameSession(samocode, { session, to })}`) + "\n");
    return EXIT.done;
  },
};

/** Puts a session aside. */
export const archive: Command = {
  name: "archive",
  summary: "Put a session aside, without its worktree",
  operands: "SESSION",
  completes: "sessions",
  maxPositionals: 1,
  flags: { session: SESSION.flag, restore: { help: "Take it out of the archive" } },
  examples: ["samocode archive add-jwt", "samocode archive add-jwt --restore"],
  async run(io, args): Promise<number> {
    const session = mustName(args, "archive");
    const samocode = loadForPerson(io, args, "archive a session");
    const { archiveSession, unarchiveSession } = await import("../../operations/tidy_sessions.ts");
    if (args.switches.has("restore")) {
      io.write(plainText(`${session} is back: ${await unarchiveSession(samocode, { session })}`) + "\n");
      return EXIT.done;
    }
    const { folder, removed, kept } = await archiveSession(samocode, { session });
    const lines = [
      `${session} is in the archive: ${folder}`,
      ...(removed.length === 0 ? [] : [`Removed ${removed.join(" and ")}.`]),
      ...kept.map((what) => `Kept ${what}.`),
    ];
    io.write(lines.map((line) => `${plainText(line)}\n`).join(""));
    return EXIT.done;
  },
};

function mustName(args: Arguments, verb: string): string {
  const session = namedSession(args, args.positionals);
  if (session !== undefined) return session;
  throw new SamocodeError("usage", `Cannot ${verb}: no session was named`, { hint: "samocode list shows them all" });
}

function daysIn({ values }: Arguments): number {
  const text = values["older-than"];
  if (text === undefined) return DEFAULT_DAYS;
  const days = /^(\d{1,4})d?$/.exec(text)?.[1];
  if (days !== undefined) return Number(days);
  throw new SamocodeError(
    "usage",
    `Cannot prune: --older-than ${JSON.stringify(text.slice(0, 80))} is not a number of days`,
    {
      hint: "Write --older-than 30, for example",
    },
  );
}

/** Whether the person wants it. Without a terminal, they say so with a flag. */
async function mayGoOn(io: CliIo, { switches }: Arguments, question: string): Promise<boolean> {
  if (switches.has("yes")) return true;
  if (io.isInputTerminal) return await confirm(io, question);
  throw new SamocodeError("usage", "Cannot ask whether to remove it: stdin is not a terminal", {
    hint: "Type the same with --yes",
  });
}

async function hasTyped(io: CliIo, session: string): Promise<boolean> {
  if (io.isInputTerminal) return (await io.ask(`Type ${session} to remove it:`) ?? "").trim() === session;
  throw new SamocodeError("usage", "Cannot ask whether to lose it: stdin is not a terminal", {
    hint: "Type the same with --yes",
  });
}

function renderRows(
  rows: readonly PruneRow[],
  { io, nameOf }: { readonly io: CliIo; readonly nameOf: (row: PruneRow) => string },
): string {
  if (rows.length === 0) return "There are no sessions or worktrees.\n";
  const names = rows.map((row) => plainText(nameOf(row), 60));
  const width = Math.max(...names.map(displayWidth));
  return rows.map((row, index) => {
    const { keeps, bytes, ageMs, session, state } = row;
    const name = names[index] ?? "";
    const goes = keeps.length === 0;
    const head = [
      `${goes ? "-" : " "} ${name}${" ".repeat(width - displayWidth(name))}`,
      (session === undefined ? "worktree" : state ?? "?").padEnd(8),
      formatBytes(bytes).padStart(9),
      formatDuration(ageMs).padStart(8),
    ].join("  ");
    const about = [...(goes ? ["can go"] : keeps), ...((row.unpushed ?? 0) > 0 ? [`${row.unpushed} unpushed`] : [])];
    const text = cutToWidth(plainText(about.join("; ")), Math.max(10, io.columns() - displayWidth(head) - 3));
    return `${paint(goes ? "green" : "dim", head, io.color)}  ${text}\n`;
  }).join("");
}
