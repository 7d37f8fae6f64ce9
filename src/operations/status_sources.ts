/**
 * What a status is made of: what is known of a session, and its documents.
 *
 * @module
 */
import type { Action } from "../text/action.ts";
import { messageOf, SamocodeError, unlessFailing } from "../text/errors.ts";
import { type History, NO_HISTORY } from "../workflow/history.ts";
import { readStatus as readNotebook } from "../workflow/notebook.ts";
import { type Phase, readPhase } from "../workflow/phases.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import type { SnapshotSources } from "../workflow/snapshot.ts";
import { historyByHand, readAdoptable } from "../session/by_hand.ts";
import { readPlan, readQuestionsDocument, type SessionDocument } from "../session/documents.ts";
import type { Elsewhere } from "../session/elsewhere.ts";
import type { Layout } from "../session/layout.ts";
import type { LockHolder } from "../session/lock.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { readSoleTextIfExists } from "../system/files/files.ts";

/** What a status is made of, beside the session's documents. */
export interface Known {
  readonly history: History;
  readonly news: readonly RecordedEvent[];
  /** The session's shortest name. */
  readonly name: string;
  /** The living worker. */
  readonly holder: LockHolder | undefined;
  /** Whether more is known by now. */
  readonly hasGrown?: boolean;
  /** Where the session is, if it is not here. */
  readonly elsewhere?: Elsewhere | undefined;
  readonly now: Date;
  /** Why the session's own state does not count, and what to do about it; `undefined` if it does. */
  readonly failure: { readonly detail: string; readonly next: readonly Action[] } | undefined;
}

/** What is known of an open session. The worker is looked for when it is first asked for. */
export function knownOf(folder: SessionFolder, name: string): Known {
  const { history, news, doubt } = folder.journal;
  const holder = once(() => folder.holder);
  return {
    history,
    news,
    name,
    get holder(): LockHolder | undefined {
      return holder();
    },
    get hasGrown(): boolean {
      return folder.journal.hasGrown;
    },
    elsewhere: folder.elsewhere,
    now: folder.journal.now(),
    // What it says about gates and phases may be somebody else's word.
    failure: doubt === undefined ? undefined : {
      detail: `The journal cannot be trusted: ${doubt}. Restore it, or accept it as it is`,
      next: [...(holder() ? [{ verb: "stop", session: name } as const] : []), { verb: "accept", session: name }],
    },
  };
}

/** What is known of a session that was started by hand, from its notebook. */
export function knownByHand(
  layout: Layout,
  { stateFolder, ...about }: Pick<Known, "name" | "now"> & { readonly stateFolder: string },
): Known {
  const known = { ...about, news: [], holder: undefined };
  try {
    const history = historyByHand(layout);
    // Whether samocode could adopt what is done matters to nobody.
    if (history.outcome === undefined) readAdoptable(layout, stateFolder);
    return { ...known, history, failure: undefined };
  } catch (error) {
    if (!(error instanceof SamocodeError)) throw error;
    const history = unlessFailing(() => historyByHand(layout)) ?? NO_HISTORY;
    return { ...known, history, failure: { detail: `${error.message}. ${error.hint}`, next: [] } };
  }
}

/** The documents that a status depends on. */
export interface Documents extends SnapshotSources {
  readonly questions: SessionDocument | undefined;
  readonly plan: SessionDocument | undefined;
  /** Why some could not be read. */
  readonly problems: readonly string[];
}

/** The documents of a session, each read when it is first asked for. */
export function documentsOf(layout: Layout, known: Known): Documents {
  const problems: string[] = [];
  const reading = <Found>(read: (layout: Layout) => Found): () => Found | undefined =>
    once(() => {
      try {
        return read(layout);
      } catch (error) {
        problems.push(messageOf(error));
        return undefined;
      }
    });
  const questions = reading(readQuestionsDocument);
  const plan = reading(readPlan);
  const notebookPhase = reading(readNotebookPhase);
  return {
    get questions(): SessionDocument | undefined {
      return questions();
    },
    get plan(): SessionDocument | undefined {
      return plan();
    },
    get notebookPhase(): Phase | undefined {
      return known.history.notebookPhase === undefined ? undefined : notebookPhase();
    },
    get hasWorker(): boolean {
      if (known.holder !== undefined || known.elsewhere?.holder !== undefined) return true;
      // A worker writes how it ends before it lets go: what was read before that says nothing of a death.
      return known.hasGrown === true;
    },
    problems,
  };
}

function once<Found>(find: () => Found): () => Found {
  let found: { readonly value: Found } | undefined;
  return () => (found ??= { value: find() }).value;
}

function readNotebookPhase({ notebook }: Layout): Phase | undefined {
  return readPhase(readNotebook(readSoleTextIfExists(notebook) ?? "").Phase ?? "");
}
