/**
 * All sessions of the user's projects, as the page shows them: read once, and again when their files change.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { type KnownProject, knownProjects } from "../operations/known_projects.ts";
import { type ListedPlace, sessionPlaces } from "../operations/list_sessions.ts";
import { type Host, loadEntry } from "../operations/roster.ts";
import type { Samocode } from "../operations/samocode.ts";
import { KeptJournals } from "../session/kept_journals.ts";
import { copiesIn, hearCopies } from "../session/elsewhere.ts";
import { readRoster, rosterFolder } from "../session/roster.ts";
import { readSubscriptions } from "../session/subscriptions.ts";
import { FolderWatch } from "../system/files/folder_watch.ts";
import { lstatIfExists } from "../system/files/files.ts";
import { configFolder } from "../system/user_folders.ts";
import { SamocodeError, unlessFailing } from "../text/errors.ts";
import { isUnderWay } from "../workflow/snapshot.ts";
import type { SessionFacts, SessionRow } from "./contract.ts";
import { keyOf } from "./session_facts.ts";
import { AGAIN_MS, dueAt, type Entry, readInto, type SeenSession, stampOf, unread } from "./seen_session.ts";

/** How often to look, in milliseconds: at what may have died, and at what a watch may have missed. */
const LOOK_MS = { running: 2_000, all: 60_000 };

/** What changes at once is read at once. */
const BATCH_MS = 20;

/** For how long to read without letting requests in. */
const TURN_MS = 20;

/** So many long journals are read on from memory. */
const KEPT_JOURNALS = 48;

/** Where the person is, and what they have. */
export interface ViewHost extends Host {
  readonly workingDirectory: string;
  /** The project file that was named. */
  readonly config: string | undefined;
}

/** The sessions. */
export class Sessions implements Disposable {
  readonly #host: ViewHost;
  readonly #entries = new Map<string, Entry>();
  readonly #byFolder = new Map<string, Entry>();
  readonly #listeners = new Set<(key: string) => void>();
  readonly #kept = new KeptJournals(KEPT_JOURNALS);
  readonly #watch: FolderWatch;
  readonly #hearing: Disposable;
  readonly #timers: readonly ReturnType<typeof setInterval>[];
  readonly #ready = Promise.withResolvers<void>();
  #projects: readonly KnownProject[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(host: ViewHost) {
    this.#host = host;
    this.#watch = new FolderWatch((path) => this.#touch(path));
    this.#hearing = hearCopies((folder) => this.#touchCopy(folder));
    this.#findAll();
    this.#timers = [
      setInterval(() => this.#lookAtRunning(), LOOK_MS.running),
      setInterval(() => this.#findAll(), LOOK_MS.all),
    ];
  }

  /** Resolves when all were read once. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Those that were read, newest first. */
  rows(): readonly SessionRow[] {
    return [...this.#entries.values()].flatMap(({ row }) => row ?? []);
  }

  /** Finds a session by its key; `undefined` if it is unknown. */
  find(key: string): SeenSession | undefined {
    return this.#entries.get(key);
  }

  /** The program with the settings of the session's own project, and of its run. */
  open({ project, place }: SeenSession): Samocode {
    const { stateFolder } = this.#host;
    const isIts = (entry: { readonly session: string }) => entry.session === place.path;
    const given = readRoster(stateFolder).find(isIts) ?? readSubscriptions(stateFolder).find(isIts);
    return loadEntry(this.#host, { projectFile: project.settings.projectFile, settings: given?.settings ?? {} });
  }

  /** The same, to look and not to act: what was read of long journals is read on. */
  look(session: SeenSession): Samocode {
    return { ...this.open(session), kept: this.#kept };
  }

  /** Calls back with the key of each session that was read again or is gone, until it is disposed. */
  hear(listener: (key: string) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /** Keeps the facts of a session up to date until it is disposed. */
  follow(key: string): Disposable {
    const entry = this.#entries.get(key);
    if (entry === undefined) return { [Symbol.dispose]: () => {} };
    entry.followers++;
    if (entry.facts === undefined) this.#read(entry);
    return {
      [Symbol.dispose]: () => {
        if (--entry.followers > 0) return;
        entry.facts = undefined;
        entry.story = undefined;
      },
    };
  }

  /** The facts of a session as it is now. */
  factsNow(key: string): SessionFacts | undefined {
    using _following = this.follow(key);
    const entry = this.#entries.get(key);
    if (entry !== undefined && entry.followers > 1) this.#read(entry);
    return entry?.facts;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#watch[Symbol.dispose]();
    this.#hearing[Symbol.dispose]();
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#timer);
    clearTimeout(this.#finding);
    this.#ready.resolve();
  }

  /** Finds projects and sessions that are new, and forgets those that are gone. */
  #findAll(): void {
    this.#projects = knownProjects(this.#host).projects;
    const found = new Set<string>();
    for (const project of this.#projects) {
      for (const place of placesOf(project)) {
        const key = keyOf(place.path);
        found.add(key);
        const known = this.#entries.get(key);
        if (known === undefined) this.#add(project, place);
        else this.#move(known, { project, place });
      }
    }
    for (const entry of this.#entries.values()) if (!found.has(entry.key)) this.#remove(entry);
    for (const entry of this.#entries.values()) entry.isDirty ||= stampOf(entry.place.path) !== entry.stamp;
    this.#watchAll();
    this.#schedule();
  }

  #add(project: KnownProject, place: ListedPlace): void {
    const added = unread(project, place);
    this.#entries.set(added.key, added);
    this.#byFolder.set(place.path, added);
  }

  #move(entry: Entry, { project, place }: Pick<Entry, "project" | "place">): void {
    this.#byFolder.delete(entry.place.path);
    this.#byFolder.set(place.path, entry);
    Object.assign(entry, { project, place });
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.key);
    this.#byFolder.delete(entry.place.path);
    this.#tell(entry.key);
  }

  #watchAll(): void {
    const { env, stateFolder } = this.#host;
    this.#watch.watch([
      ...this.#projects.map(({ settings: { sessions } }) => sessions),
      ...this.#byFolder.keys(),
      rosterFolder(stateFolder),
      join(configFolder(env), "trust"),
    ]);
  }

  /** Something changed in a folder; `undefined` where that is not known. */
  #touch(path: string | undefined): void {
    const entry = path === undefined ? undefined : this.#byFolder.get(dirname(path)) ?? this.#byFolder.get(path);
    if (entry === undefined) return void this.#findSoon();
    // A folder that is removed has no more news.
    if (path === entry.place.path && lstatIfExists(path) === undefined) return void this.#findSoon();
    entry.isDirty = true;
    this.#schedule();
  }

  /** What is known elsewhere of the session in a folder changed. */
  #touchCopy(folder: string): void {
    const entry = this.#byFolder.get(folder);
    if (entry === undefined) return this.#findSoon();
    entry.isDirty = true;
    this.#schedule();
  }

  #finding: ReturnType<typeof setTimeout> | undefined;

  #findSoon(): void {
    if (this.#isOver) return;
    this.#finding ??= setTimeout(() => {
      this.#finding = undefined;
      if (!this.#isOver) this.#findAll();
    }, AGAIN_MS.followed);
  }

  #lookAtRunning(): void {
    for (const entry of this.#entries.values()) {
      const isRunning = entry.row !== undefined && isUnderWay(entry.row.state);
      const isMissed = !this.#watch.isWatching && stampOf(entry.place.path) !== entry.stamp;
      entry.isDirty ||= isRunning || isMissed;
    }
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isOver || this.#timer !== undefined) return;
    const dirty = [...this.#entries.values()].filter(({ isDirty }) => isDirty);
    if (dirty.length === 0) return this.#ready.resolve();
    const due = Math.min(...dirty.map(dueAt));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#readDue();
      this.#schedule();
    }, Math.max(BATCH_MS, due - performance.now()));
  }

  #readDue(): void {
    const begun = performance.now();
    const due = [...this.#entries.values()].filter((entry) => entry.isDirty && dueAt(entry) <= begun);
    // A long journal holds up requests: the first ones come while the short ones are read.
    for (const entry of due.sort((a, b) => b.followers - a.followers || a.bytes - b.bytes)) {
      if (performance.now() > begun + TURN_MS) return;
      this.#read(entry);
    }
  }

  #read(entry: Entry): void {
    readInto(entry, this.#kept);
    this.#tell(entry.key);
  }

  #tell(key: string): void {
    for (const listener of this.#listeners) listener(key);
  }
}

/** The sessions of a project, also those elsewhere that nobody has begun. */
function placesOf(project: KnownProject): readonly ListedPlace[] {
  const { sessions } = project.settings;
  const awaited = copiesIn(sessions)?.awaited() ?? [];
  const there = unlessFailing(() => sessionPlaces(project)) ?? [];
  return [...awaited.map(({ name }) => ({ path: join(sessions, name), name })), ...there];
}

/** The session with a key. */
export function sessionOf(sessions: Sessions, key: string): SeenSession {
  const found = sessions.find(key);
  if (found !== undefined) return found;
  throw new SamocodeError("usage", "Cannot find this session: it was renamed, archived or removed", {
    hint: "Look for it in the list",
  });
}
