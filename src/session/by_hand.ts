/**
 * Folders of sessions that samocode did not begin: a notebook, written by hand, by a skill or by the original program, and
 * no journal.
 *
 * @module
 */
import { basename } from "node:path";
import { countSignals, type HandNotes, isEnd, readHandNotes } from "../workflow/adoption.ts";
import { type History, NO_HISTORY } from "../workflow/history.ts";
import { AGENT_PHASES, type Phase } from "../workflow/phases.ts";
import { lstatIfExists, readSoleTextIfExists } from "../system/files/files.ts";
import { expandHome } from "../system/user_folders.ts";
import { SamocodeError, unlessFailing } from "../text/errors.ts";
import { shellWord } from "../text/terminal_text.ts";
import { hasHeadFor, placeOf } from "./chain_head.ts";
import type { Layout } from "./layout.ts";
import { SessionFolder } from "./session_folder.ts";

/**
 * Whether a folder is a session of which nothing is recorded yet. An adoption that was cut short leaves a journal without
 * an event.
 *
 * @param opened The same folder, if it has a journal.
 */
export function isByHand(layout: Layout, opened: SessionFolder | undefined): boolean {
  const isKept = opened !== undefined &&
    (opened.journal.doubt !== undefined || opened.history.createdAt !== undefined);
  return !isKept && lstatIfExists(layout.notebook) !== undefined;
}

/** What can be adopted. */
export interface Adoptable extends HandNotes {
  readonly phase: Phase;
}

/**
 * Reads what a session's notebook says.
 *
 * @throws {SamocodeError} If samocode cannot take the session over, with what to write.
 */
export function readAdoptable(layout: Layout, stateFolder: string): Adoptable {
  const { phase, ...notes } = notesIn(layout);
  const what = `Cannot adopt ${basename(layout.folder)}`;
  if (phase === undefined) {
    throw new SamocodeError("conflict", `${what}: its notebook names no phase`, {
      hint: `Write "Phase: ${AGENT_PHASES[0]}" below "## Status" in ${layout.notebook}, or one of ${
        AGENT_PHASES.slice(1).filter((name) => !isEnd(name)).join(", ")
      }`,
    });
  }
  if (isEnd(phase)) {
    throw new SamocodeError("conflict", `${what}: its notebook says that it is ${phase}`, {
      hint: `Start a new session, or write the phase to go back to below "## Status" in ${layout.notebook}`,
    });
  }
  if (lstatIfExists(layout.journal) === undefined && hasHeadFor(stateFolder, placeOf(layout.folder))) {
    const copy = `cp -r ${shellWord(layout.folder)} ${shellWord(`${layout.folder}-2`)}`;
    throw new SamocodeError("conflict", `${what}: samocode kept a journal in this folder, and somebody removed it`, {
      hint: `Restore _journal.jsonl from a backup, or adopt a copy, with its gates closed: ${copy}`,
    });
  }
  return { phase, ...notes };
}

/** What a list shows of such a session, before samocode adopts it. With `home`, a path that begins with `~` is whole. */
export function historyByHand(layout: Layout, home = "~"): History {
  const { phase = NO_HISTORY.phase, task, dive, iterations, directory, lastAction } = notesIn(layout);
  return {
    ...NO_HISTORY,
    name: layout.name,
    task,
    dive,
    phase,
    adopted: { phase, iterations },
    // Without the branch, which nobody has checked: people copy commands in which it stands.
    workplace: directory === undefined
      ? undefined
      : { path: expandHome(directory, home), branch: undefined, base: undefined, note: "" },
    outcome: isEnd(phase) ? { kind: "done", summary: lastAction } : undefined,
  };
}

function notesIn(layout: Layout): HandNotes {
  const signals = unlessFailing(() => readSoleTextIfExists(layout.signalHistory)) ?? "";
  return readHandNotes(readSoleTextIfExists(layout.notebook) ?? "", { signals: countSignals(signals) });
}
