/**
 * All sessions of a project.
 *
 * @module
 */
import { basename, join } from "node:path";
import { readPlan } from "../session/documents.ts";
import { sessionNames as folderNames, shortNames } from "../session/find_session.ts";
import type { JournalOptions } from "../session/journal_reader.ts";
import { archiveOf, type Layout, layoutOf } from "../session/layout.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { loadSettings, type SettingsRequest } from "../settings/load_settings.ts";
import { isByHand } from "../session/by_hand.ts";
import { statIfExists } from "../system/files/files.ts";
import { messageOf, unlessFailing } from "../text/errors.ts";
import { planProgress } from "../workflow/plan.ts";
import { NO_HISTORY } from "../workflow/history.ts";
import { isUnderWay } from "../workflow/snapshot.ts";
import { rowFrom, statusFrom } from "./read_status.ts";
import type { Status, StatusRow } from "./status.ts";
import { type Known, knownByHand, knownOf } from "./status_sources.ts";
import type { Samocode } from "./samocode.ts";

type Project = Pick<Samocode, "settings" | "stateFolder" | "kept">;

/** The same project, with the sessions of its archive as its sessions. */
export function archived({ settings, stateFolder }: Project): Project {
  return { settings: { ...settings, sessions: archiveOf(settings.sessions) }, stateFolder };
}

/** What a list shows of every session, newest first. A folder without a journal and notebook is not a session. */
export function listSessions(project: Project): readonly StatusRow[] {
  return viewAll(project, rowFrom);
}

/** The same, but first those that need a person, then those that are under way. */
export function listByNeed(project: Project): readonly StatusRow[] {
  const rankOf = ({ needs, state }: StatusRow): number => needs !== "none" ? 0 : isUnderWay(state) ? 1 : 2;
  return listSessions(project).toSorted((a, b) => rankOf(a) - rankOf(b));
}

/** A session in a list. */
export interface ListedSession extends StatusRow {
  readonly project: string;
  readonly plan: ReturnType<typeof planProgress> | undefined;
}

/** What a list shows a person of every session, newest first. */
export function listRows(project: Project): readonly ListedSession[] {
  const name = projectName(project);
  return viewAll(project, (layout, known) => {
    const plan = unlessFailing(() => readPlan(layout));
    return { ...rowFrom(layout, known), project: name, plan: plan && planProgress(plan.text) };
  });
}

/** How a project is called: as its repository's folder. */
export function projectName({ settings }: Pick<Project, "settings">): string {
  return basename(settings.mainRepo);
}

/** The whole status of every session, as {@linkcode listSessions} lists them. */
export function listStatuses(project: Project): readonly Status[] {
  return viewAll(project, statusFrom);
}

function viewAll<View>(
  project: Project,
  view: (layout: Layout, known: Known) => View,
): readonly View[] {
  return sessionPlaces(project).flatMap((place) => viewSession(project, place, view) ?? []);
}

/** What is known of the session in a folder, also of a broken one; `undefined` if it is none. */
export function viewSession<View>(
  { stateFolder, kept, foldStory }: Project & Pick<JournalOptions, "foldStory">,
  { path, name }: ListedPlace,
  view: (layout: Layout, known: Known, folder?: SessionFolder) => View,
): View | undefined {
  // A broken folder must not hide the others.
  try {
    using folder = SessionFolder.openIfExists(path, { stateFolder, kept, foldStory, readOnly: true });
    const layout = layoutOf(path);
    if (isByHand(layout, folder)) return view(layout, knownByHand(layout, { name, stateFolder, now: new Date() }));
    return folder && view(folder.layout, knownOf(folder, name), folder);
  } catch (error) {
    const failure = { detail: messageOf(error), next: [] };
    return view(layoutOf(path), { ...NOTHING_KNOWN, name, now: new Date(), failure });
  }
}

const NOTHING_KNOWN = { history: NO_HISTORY, news: [], holder: undefined } as const;

/** The names of all sessions, without opening them. */
export function sessionNames({ settings }: Pick<Samocode, "settings">): readonly string[] {
  const isSession = (path: string): boolean => {
    const { journal, notebook } = layoutOf(path);
    return [journal, notebook].some((file) => statIfExists(file) !== undefined);
  };
  return sessionPlaces({ settings }).filter(({ path }) => isSession(path)).map(({ name }) => name);
}

/** Stricter than the rules for names: a shell reads these, and a folder can have any name. */
const SAFE_IN_SHELL = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/** Names for a shell's completion; empty if there is no project or its settings are invalid. */
export function completableNames(request: SettingsRequest): readonly string[] {
  const names = unlessFailing(() => sessionNames({ settings: loadSettings(request) })) ?? [];
  return names.filter((name) => SAFE_IN_SHELL.test(name));
}

/** A folder that may be a session's. */
export interface ListedPlace {
  readonly path: string;
  /** The shortest name that identifies it. */
  readonly name: string;
}

/** The folders of all sessions, newest first. */
export function sessionPlaces({ settings: { sessions } }: Pick<Samocode, "settings">): readonly ListedPlace[] {
  // Nobody has archived anything yet.
  if (statIfExists(sessions) === undefined) return [];
  const nameOf = shortNames(sessions);
  return folderNames(sessions).sort().reverse()
    .map((folder) => ({ path: join(sessions, folder), name: nameOf(folder) }));
}
