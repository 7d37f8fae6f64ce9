/**
 * Follows a session from outside its worker: its events, or until it needs somebody or ends.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { hearCopies } from "../session/elsewhere.ts";
import { lstatIfExists, statIfExists } from "../system/files/files.ts";
import { SamocodeError } from "../text/errors.ts";
import { isPulse, type RecordedEvent } from "../workflow/session_event.ts";
import { isUnderWay } from "../workflow/snapshot.ts";
import { readStatus, statusOf } from "./read_status.ts";
import type { Status } from "./status.ts";
import { awaitedSession, LOOK_MS, onAbort, openSession, released, type Samocode } from "./samocode.ts";
import type { Milestone } from "../session/kept_journals.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { pause } from "../system/pause.ts";
import { FileWatch } from "../system/files/file_watch.ts";

/** What to wait for. */
export interface WaitRequest {
  readonly session: string;
  /** The last event that the caller knows; a session that has rested since counts. `Infinity` for the latest. */
  readonly after: number;
  readonly timeoutMs: number;
  /** Ends the wait, not the session. */
  readonly abort: AbortSignal;
  /** Whether to return at a new phase, too. */
  readonly untilPhaseChange: boolean;
  /** Receives the status after events, at most once a second, and at least every 30 s. */
  readonly onProgress: (status: Status) => void;
}

/** How a wait ended. */
export interface WaitResult {
  readonly status: Status;
  /** Whether the time was up before anything significant happened. */
  readonly timedOut: boolean;
}

const TICK_MS = 1_000;
const HEARTBEAT_MS = 30_000;
/** A longer timer would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Waits until the session rests, has rested since, or its worker is dead; or until time is up, or `abort` fires.
 *
 * @throws {SamocodeError} If there is no such session.
 */
export async function waitSession(samocode: Samocode, request: WaitRequest): Promise<WaitResult> {
  const { session, after, timeoutMs, abort, untilPhaseChange, onProgress } = request;
  const over = new AbortController();
  if (!await begins(samocode, { session, timeoutMs, abort })) {
    return { status: readStatus(samocode, { session }), timedOut: !abort.aborted };
  }
  const end = () => over.abort();
  let failure: { readonly error: unknown } | undefined;
  let latest: Status | undefined;
  let seenAt = samocode.now();
  let told: { readonly status: Status; readonly at: number } | undefined;
  const tell = (): void => {
    if (latest === undefined || (latest === told?.status && performance.now() < told.at + HEARTBEAT_MS)) return;
    told = { status: latest, at: performance.now() };
    try {
      onProgress(latest);
    } catch (error) {
      // Throwing from a timer would end the program.
      failure = { error };
      end();
    }
  };
  const timer = setTimeout(end, Math.min(timeoutMs, LONGEST_TIMER_MS));
  const ticking = setInterval(tell, TICK_MS);
  using _ending = onAbort(abort, end);
  if (abort.aborted) end();
  try {
    let since: number | undefined;
    // What came before is in the milestones: a long journal need not be seen again.
    for await (const news of followEvents(samocode, { session, after: Infinity, abort: over.signal })) {
      const { history: { lastSeq }, milestones } = news.folder.journal;
      since ??= Math.min(after, lastSeq);
      const ended = news.isOver || findEnd(milestones, { after: since, untilPhaseChange }) !== undefined;
      if (ended) return await settled(news, abort);
      latest = news.status;
      seenAt = samocode.now();
      if (told === undefined) tell();
    }
    if (failure !== undefined) throw failure.error;
    if (latest === undefined) throw new Error("following a session told nothing");
    // Nothing else has changed since.
    const elapsedMs = latest.elapsedMs + samocode.now().getTime() - seenAt.getTime();
    return { status: { ...latest, elapsedMs }, timedOut: !abort.aborted };
  } finally {
    clearInterval(ticking);
    clearTimeout(timer);
  }
}

/** Waits until a session elsewhere has begun; `false` if it does not, or time is up first. */
async function begins(
  samocode: Samocode,
  { session, timeoutMs = Infinity, abort }: Pick<WaitRequest, "session" | "abort"> & { readonly timeoutMs?: number },
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (true) {
    const changed = new AbortController();
    // Before the look, so that no change is missed.
    using _hearing = hearCopies(() => changed.abort());
    const awaited = awaitedSession(samocode, session);
    if (awaited === undefined) return true;
    const leftMs = deadline - performance.now();
    if (abort.aborted || leftMs <= 0 || awaited.elsewhere.state === "failed") return false;
    await pause(Math.min(leftMs, LOOK_MS.copies), AbortSignal.any([abort, changed.signal]));
  }
}

/** The caller's next step needs the lock, which the worker keeps for a moment after its last event. */
async function settled({ folder, isOver }: News, abort: AbortSignal): Promise<WaitResult> {
  if (isOver) await released(folder, abort);
  folder.journal.refresh();
  return { status: statusOf(folder), timedOut: false };
}

/** Finds what ended a wait. A crash leaves no event, but the start of the next run shows that there was one. */
function findEnd(
  milestones: readonly Milestone[],
  { after, untilPhaseChange }: Pick<WaitRequest, "after" | "untilPhaseChange">,
): Milestone | undefined {
  return milestones.find(({ seq, type }, index) => {
    if (seq <= after) return false;
    if (type === "phase.entered") return untilPhaseChange;
    // A session from the queue starts for the first time.
    const before = milestones.slice(0, index).findLast(({ type }) => type !== "phase.entered");
    return type === "session.stopped" || before?.type === "session.started";
  });
}

/** A wait that the caller polls. */
export interface RemoteWait extends Pick<WaitRequest, "session" | "after" | "untilPhaseChange"> {
  /** Unique, and safe as a file name. */
  readonly id: string;
  /** When it is over although nothing happened, in milliseconds since 1970; `undefined` for never. */
  readonly until: number | undefined;
}

/** The state of a polled wait; times are ISO 8601. */
export interface RemoteWaitState {
  readonly status: Status;
  /** Whether the session no longer goes on by itself. */
  readonly isOver: boolean;
  /** The time of the event that ended it, or when its time was up. */
  readonly endedAt: string | undefined;
  readonly cancelledAt: string | undefined;
}

/**
 * Reads the state of a polled wait.
 *
 * @throws {SamocodeError} If there is no such session.
 */
export function readWait(
  samocode: Samocode,
  { id, session, after, untilPhaseChange, until = Infinity }: RemoteWait,
): RemoteWaitState {
  using folder = openSession(samocode, session, { readOnly: true });
  const endedAt = findEnd(folder.journal.milestones, { after, untilPhaseChange })?.at;
  const status = statusOf(folder);
  const isLate = (endedAt === undefined ? samocode.now().getTime() : Date.parse(endedAt)) >= until;
  return {
    status,
    isOver: !isUnderWay(status.state),
    endedAt: isLate ? new Date(until).toISOString() : endedAt,
    cancelledAt: statIfExists(cancelMark(samocode, id))?.mtime?.toISOString(),
  };
}

/** Ends a polled wait, never the session. The mark is a file, because the next poll may reach another process. */
export function cancelWait(samocode: Samocode, wait: RemoteWait): void {
  const { isOver, endedAt } = readWait(samocode, wait);
  if (endedAt !== undefined || isOver) return;
  const mark = cancelMark(samocode, wait.id);
  Deno.mkdirSync(dirname(mark), { recursive: true, mode: 0o700 });
  Deno.writeTextFileSync(mark, "");
}

function cancelMark({ cacheFolder }: Samocode, id: string): string {
  return join(cacheFolder, "cancelled-waits", id);
}

/** What to follow. */
export interface FollowRequest {
  readonly session: string;
  /** Of the events so far, only those after this one; 0 for all, `Infinity` for none. */
  readonly after: number;
  readonly abort: AbortSignal;
  /** Which events to report; all by default. */
  readonly wants?: (event: RecordedEvent) => boolean;
  /** How often to look for changes outside the journal, in milliseconds; by default as often as for a dead worker. */
  readonly lookMs?: (status: Status) => number;
}

/** New events, and the status after them. */
export interface News {
  readonly events: readonly RecordedEvent[];
  readonly status: Status;
  /** Whether the session no longer goes on by itself. */
  readonly isOver: boolean;
  /** Open until the consumer asks for more. */
  readonly folder: SessionFolder;
}

/**
 * Yields the events so far, then new ones as they come, those of each model call with the next other one. When aborted,
 * it looks a last time.
 *
 * @throws {SamocodeError} If there is no such session.
 */
export async function* followEvents(
  samocode: Samocode,
  { session, after, abort, wants = () => true, lookMs = () => LOOK_MS.death }: FollowRequest,
): AsyncGenerator<News> {
  if (!await begins(samocode, { session, abort })) return;
  let events: RecordedEvent[] = [];
  const see = (event: RecordedEvent) => {
    if (event.seq > after && wants(event)) events.push(event);
  };
  using folder = openSession(samocode, session, { readOnly: true, ...(after < Infinity ? { see } : {}) });
  using watch = new FileWatch(folder.layout.journal);
  using _waking = onAbort(abort, () => watch.wake());
  using _hearing = hearCopies((path) => path === folder.layout.folder && watch.wake());
  let shown: string | undefined;
  let isNew = false;
  let last = events.at(-1)?.type;
  while (true) {
    const status = statusOf(folder);
    // Whoever takes a session elsewhere has a decision to apply, and goes on then.
    const isTaken = last === "session.moved" && folder.elsewhere?.state === "running";
    // A countdown is told each minute.
    const now = `${status.state} ${isTaken} ${Math.ceil((status.wait?.leftMs ?? 0) / 60_000)}`;
    const isOver = !isUnderWay(status.state) && !isTaken;
    if (isNew || now !== shown) yield { events, status, isOver, folder };
    if (abort.aborted) return;
    shown = now;
    events = [];
    isNew = false;
    let more: readonly RecordedEvent[];
    do {
      await watch.changed(lookMs(status));
      more = folder.journal.refresh();
      checkThere(folder);
      isNew ||= more.length > 0;
      last = more.at(-1)?.type ?? last;
      events.push(...more.filter(wants));
    } while (more.length > 0 && more.every(isPulse) && !abort.aborted);
  }
}

/** What is renamed, archived or removed has no more news under its name. */
function checkThere({ layout: { folder, name } }: SessionFolder): void {
  if (lstatIfExists(folder) !== undefined) return;
  throw new SamocodeError("conflict", `Cannot follow ${name}: ${folder} was moved or removed meanwhile`, {
    hint: "See whether it was renamed or archived",
    actions: [{ verb: "list" }, { verb: "list_archived" }],
  });
}
