/**
 * The supervisor: continues the sessions of this user that were cut short, or wait for a day's budget, and
 * starts those that are queued. One per user. It sleeps until the roster changes or a pause is over.
 *
 * @module
 */
import { formatDuration } from "../text/format.ts";
import { messageOf, SamocodeError } from "../text/errors.ts";
import { plainText } from "../text/terminal_text.ts";
import { checkRoom } from "../system/files/room.ts";
import { FileWatch } from "../system/files/file_watch.ts";
import { lockFolder } from "../system/files/folder_lock.ts";
import { type Clock, SYSTEM_CLOCK } from "../system/clock.ts";
import { stateFolder } from "../system/user_folders.ts";
import { lockHolder, takeLock } from "../session/lock.ts";
import { supervisorLock } from "../session/supervisor_lock.ts";
import { enrol, readRoster, type RosterEntry, rosterFolder } from "../session/roster.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { type Duty, dutyOf, isLost, MAX_DEATHS } from "../workflow/supervision.ts";
import { howItEnded, noticeSilence, whereItWas } from "./notice_deaths.ts";
import { continueSession } from "./resume_session.ts";
import { type Host, nameOf, openEntry, strike } from "./roster.ts";
import { onAbort, type Samocode } from "./samocode.ts";
import { countRunning } from "./start_in_turn.ts";
import { tellPerson } from "./tell_person.ts";

/** How long to sleep at most: also how often to look where the system reports no changes, or slept itself. */
const LONGEST_SLEEP_MS = 60_000;

/** The pause after a worker that could not be started. */
const AFTER_FAILURE_MS = 30_000;

/** What a supervisor needs. */
export interface Supervising {
  readonly abort: AbortSignal;
  /** Receives what it does, a line each. */
  readonly log: (line: string) => void;
}

/**
 * Supervises until it is aborted. Workers go on without it.
 *
 * @throws {SamocodeError} If another supervisor of this user is at work.
 */
export async function supervise(given: Omit<Host, "stateFolder">, { abort, log }: Supervising): Promise<void> {
  const { clock = SYSTEM_CLOCK } = given;
  const host: Host = { ...given, stateFolder: stateFolder(given.env) };
  const folder = rosterFolder(host.stateFolder);
  using _lock = await lockSupervisor(host.stateFolder);
  using watch = new FileWatch(folder);
  using _waking = onAbort(abort, () => watch.wake());
  const round = new Round(host, { clock, log: (line) => log(plainText(line, 600)) });
  log(`Supervising ${folder}`);
  while (!abort.aborted) {
    const nextAtMs = await round.goThrough(abort);
    await noticeSilence(host, log);
    const leftMs = Math.max(0, nextAtMs - clock.calendar());
    if (!abort.aborted) await watch.changed(clock.timer(Math.min(leftMs, LONGEST_SLEEP_MS)));
  }
}

async function lockSupervisor(stateFolder: string): Promise<Disposable> {
  const path = supervisorLock(stateFolder);
  const holder = lockHolder(path);
  if (holder === undefined) return await takeLock(path, { session: "your sessions" });
  throw new SamocodeError(
    "conflict",
    `Cannot supervise: process ${holder.pid} has been supervising since ${holder.since}`,
    {
      hint: `One listener serves all your projects. To replace it, stop it first: kill ${holder.pid}`,
    },
  );
}

/** A session that needs a worker. */
interface Due {
  readonly entry: RosterEntry;
  readonly duty: Duty & { readonly kind: "start" };
  readonly since: string;
}

/** Goes through the roster, again and again. */
class Round {
  readonly #host: Host;
  readonly #clock: Clock;
  readonly #log: (line: string) => void;
  /** When a session was first seen without a worker, by its folder. */
  readonly #noticed = new Map<string, number>();
  /** Workers that could not be started, in a row. */
  readonly #failures = new Map<string, number>();

  /** Sessions whose disk is full. */
  readonly #isFull = new Set<string>();

  constructor(host: Host, { clock, log }: { readonly clock: Clock; readonly log: (line: string) => void }) {
    this.#host = host;
    this.#clock = clock;
    this.#log = log;
  }

  /** Does what is due now. Returns when something is due next, in milliseconds since 1970; `Infinity` if nothing is. */
  async goThrough(abort: AbortSignal): Promise<number> {
    const due: Due[] = [];
    const entries = readRoster(this.#host.stateFolder);
    for (const known of [this.#noticed, this.#failures]) {
      for (const session of known.keys()) {
        if (!entries.some((entry) => entry.session === session)) known.delete(session);
      }
    }
    for (const entry of entries) {
      if (abort.aborted) return Infinity;
      const found = await this.#tryTo(entry, () => this.#look(entry));
      if (found !== undefined) due.push(found);
    }
    // What was at work goes first, then the queue in its order.
    const rank = ({ duty, since }: Due): string => `${duty.because === "queued" ? 1 : 0} ${since}`;
    let nextAtMs = Infinity;
    for (const each of due.sort((a, b) => rank(a) < rank(b) ? -1 : 1)) {
      const { notBeforeMs } = each.duty;
      if (abort.aborted) return Infinity;
      if (notBeforeMs > this.#clock.calendar()) nextAtMs = Math.min(nextAtMs, notBeforeMs);
      else await this.#tryTo(each.entry, () => this.#start(each));
    }
    return nextAtMs;
  }

  /** What to do about a session; tells the person of a death. */
  async #look(entry: RosterEntry): Promise<Due | undefined> {
    const { session } = entry;
    if (lockHolder(entry.lock) !== undefined) {
      this.#noticed.delete(session);
      this.#failures.delete(session);
      return undefined;
    }
    const failures = this.#failures.get(session) ?? 0;
    if (failures > MAX_DEATHS) return undefined;
    const opened = openEntry(this.#host, entry, { readOnly: true });
    if (opened === undefined) return undefined;
    using folder = opened.folder;
    folder.journal.check();
    if (folder.holder !== undefined) return undefined;
    const noticedAtMs = this.#noticed.get(session) ?? this.#clock.calendar();
    this.#noticed.set(session, noticedAtMs);
    const duty = dutyOf(folder.history, noticedAtMs + failures * AFTER_FAILURE_MS);
    if (duty.kind === "none") {
      strike(this.#host, { entry, folder });
      return undefined;
    }
    if (isLost(folder.history)) await this.#tell(entry, { ...opened, duty });
    if (duty.kind === "give-up") return undefined;
    return { entry, duty, since: folder.history.queued?.since ?? "" };
  }

  async #tell(
    entry: RosterEntry,
    { samocode, folder, duty }: {
      readonly samocode: Samocode;
      readonly folder: SessionFolder;
      readonly duty: Exclude<Duty, { kind: "none" }>;
    },
  ): Promise<void> {
    const { name, history } = folder;
    const inMs = duty.kind === "start" ? Math.max(0, duty.notBeforeMs - this.#clock.calendar()) : 0;
    const next = duty.kind === "start"
      ? `The supervisor continues it in ${formatDuration(inMs)}`
      : `Workers died ${duty.deaths} times in a row, so it is left to you: samocode run ${name}`;
    const text = `${whereItWas(history)}. ${next}`;
    await tellPerson(samocode, { entry, title: `${name}: ${howItEnded(history)}`, text }, this.#log);
  }

  async #start({ entry, duty }: Due): Promise<void> {
    const opened = openEntry(this.#host, entry, { readOnly: false });
    if (opened === undefined) return;
    const { samocode } = opened;
    using folder = opened.folder;
    const { maxParallel } = samocode.settings;
    // Whoever starts a session meanwhile counts this one, too.
    using _turn = maxParallel > 0 ? await lockFolder(rosterFolder(this.#host.stateFolder)) : undefined;
    folder.journal.refresh();
    folder.journal.check();
    // Telling the person and starting the sessions before this one took a while: somebody may have started or stopped it.
    if (folder.holder !== undefined || dutyOf(folder.history, 0).kind !== "start") return;
    // The end of a session changes the roster, and so wakes the supervisor.
    if (maxParallel > 0 && countRunning(this.#host.stateFolder) >= maxParallel) return;
    if (!this.#hasRoom(samocode, folder)) return;
    const status = await continueSession(samocode, folder);
    this.#log(`${folder.name}: started (${duty.because}), ${status.state} in ${status.phase}`);
    this.#noticed.delete(entry.session);
    this.#failures.delete(entry.session);
  }

  /** A worker on a full disk would die at once. How long a disk stays full says nothing about the session. */
  #hasRoom({ cacheFolder, stateFolder, settings }: Samocode, { name, layout }: SessionFolder): boolean {
    try {
      checkRoom([layout.folder, stateFolder, cacheFolder, settings.worktrees]);
      return this.#isFull.delete(layout.folder) || true;
    } catch (error) {
      if (!this.#isFull.has(layout.folder)) {
        this.#log(`${name}: ${messageOf(error)}; it is continued when there is room`);
      }
      this.#isFull.add(layout.folder);
      return false;
    }
  }

  /** A session that cannot be looked at or started must not keep the others from it. */
  async #tryTo<T>(entry: RosterEntry, act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      const { session } = entry;
      const failures = (this.#failures.get(session) ?? 0) + 1;
      this.#failures.set(session, failures);
      this.#noticed.set(session, this.#clock.calendar());
      const hint = error instanceof SamocodeError ? `. ${error.hint}` : "";
      const why = `${messageOf(error)}${hint}`;
      this.#log(`${nameOf(entry)}: cannot be continued (${failures}): ${why}`);
      if (failures > MAX_DEATHS) await this.#giveUp(entry, why);
      return undefined;
    }
  }

  /** The person was told that it goes on, so they are told that it does not. */
  async #giveUp(entry: RosterEntry, why: string): Promise<void> {
    try {
      const opened = openEntry(this.#host, entry, { readOnly: true });
      if (opened === undefined) return;
      using folder = opened.folder;
      enrol(this.#host.stateFolder, entry);
      const title = `${folder.name}: the supervisor cannot continue it`;
      await tellPerson(opened.samocode, { entry, title, text: why }, this.#log);
    } catch (error) {
      // Without the settings of its project, nobody knows how to reach the person.
      this.#log(`${nameOf(entry)}: cannot tell you: ${messageOf(error)}`);
    }
  }
}
