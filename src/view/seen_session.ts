/**
 * One session as the page shows it, and how it is read.
 *
 * @module
 */
import { foldStory } from "../messages/fold_story.ts";
import { withChannelNotes } from "../operations/channel_notes.ts";
import type { KnownProject } from "../operations/known_projects.ts";
import { type ListedPlace, viewSession } from "../operations/list_sessions.ts";
import { statusFrom, statusOfAwaited } from "../operations/read_status.ts";
import { awaitedSession } from "../operations/samocode.ts";
import type { Status } from "../operations/status.ts";
import { type KeptJournals, WORTH_KEEPING_BYTES } from "../session/kept_journals.ts";
import { layoutOf } from "../session/layout.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { lstatIfExists } from "../system/files/files.ts";
import { unlessFailing } from "../text/errors.ts";
import type { Story } from "../workflow/story.ts";
import type { SessionFacts, SessionRow } from "./contract.ts";
import { factsOf, keyOf, rowOf } from "./session_facts.ts";

/** How soon a session is read again, in milliseconds: one that somebody looks at, and one in the list. */
export const AGAIN_MS = { followed: 80, listed: 1_000 };

/** A session, as it was read last. */
export interface SeenSession {
  readonly key: string;
  readonly place: ListedPlace;
  readonly project: KnownProject;
  /** `undefined` until it was read. */
  readonly row: SessionRow | undefined;
  /** `undefined` unless somebody looks at it. */
  readonly facts: SessionFacts | undefined;
  readonly story: Story | undefined;
}

/** The same, while it is kept up to date. */
export interface Entry extends SeenSession {
  row: SessionRow | undefined;
  facts: SessionFacts | undefined;
  story: Story | undefined;
  place: ListedPlace;
  project: KnownProject;
  followers: number;
  isDirty: boolean;
  /** `performance.now()`. */
  readAt: number;
  /** Size and time of its journal. */
  stamp: string;
  /** The size of its journal, when it was read last. */
  bytes: number;
}

/** A session that was found and not read yet. */
export function unread(project: KnownProject, place: ListedPlace): Entry {
  const nothing = { row: undefined, facts: undefined, story: undefined };
  return {
    ...{ key: keyOf(place.path), project, place, ...nothing, followers: 0 },
    ...{ isDirty: true, readAt: -Infinity, stamp: "", bytes: sizeOf(place.path) },
  };
}

/** Reads a session again; its facts and its story only if somebody follows it. */
export function readInto(entry: Entry, kept: KeptJournals): void {
  const { place, project, followers } = entry;
  const now = new Date();
  entry.isDirty = false;
  entry.stamp = stampOf(place.path);
  entry.bytes = sizeOf(place.path);
  const isFollowed = followers > 0;
  // A long journal is read once: also for the story, for which somebody may come soon.
  const tells = isFollowed || entry.bytes >= WORTH_KEEPING_BYTES;
  const show = (status: Status, folder?: SessionFolder): true => {
    entry.row = rowOf(project, status);
    if (!isFollowed) return true;
    entry.story = folder?.journal.story;
    entry.facts = factsOf(withChannelNotes(project.stateFolder, status), {
      ...{ project, now },
      story: entry.story,
      journalBytes: folder?.journal.extent.bytes ?? 0,
    });
    return true;
  };
  const awaited = awaitedSession(project, place.name);
  const isThere = viewSession(
    { ...project, kept, foldStory: tells ? foldStory : undefined },
    place,
    (layout, known, folder) => show(statusFrom(layout, known), folder),
  ) ?? (awaited && show(statusOfAwaited(awaited, { sessions: project.settings.sessions, now })));
  entry.readAt = performance.now();
  if (isThere === undefined) entry.row = undefined;
}

/** When to read a session again, by `performance.now()`. */
export function dueAt({ readAt, followers }: Entry): number {
  return readAt + (followers > 0 ? AGAIN_MS.followed : AGAIN_MS.listed);
}

function sizeOf(folder: string): number {
  return unlessFailing(() => lstatIfExists(layoutOf(folder).journal)?.size) ?? 0;
}

/** Changes when the journal grows: reading it is much, and a look costs nothing. */
export function stampOf(folder: string): string {
  const { journal, notebook } = layoutOf(folder);
  const found = unlessFailing(() => lstatIfExists(journal) ?? lstatIfExists(notebook));
  return `${found?.ino} ${found?.size} ${found?.mtime?.getTime()}`;
}
