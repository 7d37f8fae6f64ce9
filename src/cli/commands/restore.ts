/**
 * `samocode restore`: what was kept of work that was not committed.
 *
 * @module
 */
import { whoTyped } from "../../messages/who_decided.ts";
import { resolve } from "node:path";
import type { CheckpointView } from "../../operations/restore_checkpoint.ts";
import { formatCount } from "../../text/format.ts";

import { jsonText } from "../../text/json_text.ts";
import { SamocodeError } from "../../text/errors.ts";
import { plainText, shellWord } from "../../text/terminal_text.ts";
import type { Command } from "../command.ts";
import { loadForPerson, loadSamocode, namedSession, SESSION } from "../load.ts";

/** Lists checkpoints, or puts the files of one back. */
export const restore: Command = {
  name: "restore",
  summary: "List checkpoints of uncommitted work, or put one back",
  operands: "SESSION [N]",
  completes: "sessions",
  maxPositionals: 2,
  flags: {
    session: SESSION.flag,
    into: { value: "DIR", completes: "folder", help: "Write the files into a new folder instead of the worktree" },
    json: { help: "Print the list as JSON" },
  },
  examples: ["samocode restore add-jwt", "samocode restore add-jwt 3", "samocode restore add-jwt 3 --into ../look"],
  async run(io, args): Promise<number> {
    const { listCheckpoints, restoreCheckpoint } = await import("../../operations/restore_checkpoint.ts");
    const words = [...args.positionals];
    const number = /^\d+$/.test(words.at(-1) ?? "") && (words.length > 1 || "session" in args.values)
      ? Number(words.pop())
      : undefined;
    const session = namedSession(args, words);
    if (session === undefined) {
      throw new SamocodeError("usage", "Cannot restore: no session was named", {
        hint: "samocode restore NAME lists its checkpoints",
      });
    }
    if (number === undefined) {
      const samocode = loadSamocode(io, args);
      const found = await listCheckpoints(samocode, { session });
      const { mainRepo } = samocode.settings;
      io.write(
        args.switches.has("json") ? jsonText(found) + "\n" : renderCheckpoints(found, { session, mainRepo }),
      );
      return 0;
    }
    const samocode = loadForPerson(io, args, "restore");
    const { into } = args.values;
    const { folder, before } = await restoreCheckpoint(samocode, {
      session,
      number,
      into: into === undefined ? undefined : resolve(io.workingDirectory, into),
      by: whoTyped("restore", io),
    });
    io.write(`The files of checkpoint ${number} are in ${plainText(folder)}. Branch and commits are as they were.\n`);
    if (before !== undefined) {
      io.write(`What was there before is checkpoint ${before}: samocode restore ${session} ${before}\n`);
    }
    return 0;
  },
};

function renderCheckpoints(
  found: readonly CheckpointView[],
  { session, mainRepo }: { readonly session: string; readonly mainRepo: string },
): string {
  const last = found.findLast(({ isThere }) => isThere) ?? found.at(-1);
  if (last === undefined) return "Nothing uncommitted was found after any iteration, so there are no checkpoints.\n";
  const rows = found.map(({ number, at, iteration, files, left, isThere }) => {
    const notes = [
      ...isThere ? [] : ["its ref was deleted or moved"],
      ...left.length === 0 ? [] : [`without ${left.join(", ")}`],
    ];
    const what = `iteration ${String(iteration).padStart(3)}  ${formatCount(files, "file")}`;
    return `${String(number).padStart(4)}  ${plainText(at.slice(0, 19))}Z  ${what}${
      notes.map((note) => `  ${plainText(note, 200)}`).join("")
    }\n`;
  });
  const show = `git -C ${shellWord(mainRepo)} show --stat ${last.commit.slice(0, 10)}`;
  return `${rows.join("")}\n  see one      ${
    plainText(show)
  }\n  put it back  samocode restore ${session} ${last.number}\n`;
}
