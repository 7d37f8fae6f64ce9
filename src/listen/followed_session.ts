/**
 * Follows one session: makes the posts that should be visible now and hands them to the channels.
 *
 * @module
 */
import { basename } from "node:path";
import type { Post } from "../channels/post.ts";
import { isWanted } from "../channels/when_to_tell.ts";
import type { SetChannel, setChannels } from "../operations/open_channel.ts";
import { type Host, loadEntry } from "../operations/roster.ts";
import type { Samocode } from "../operations/samocode.ts";
import { followEvents, type News } from "../operations/wait_session.ts";
import { lockHolder } from "../session/lock.ts";
import { takeTelling } from "../session/roster.ts";
import { isSupervised } from "../session/supervisor_lock.ts";
import type { Subscription } from "../session/subscriptions.ts";
import { SYSTEM_CLOCK } from "../system/clock.ts";
import { pause } from "../system/pause.ts";
import { messageOf } from "../text/errors.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import { isLost } from "../workflow/supervision.ts";
import { isUnderWay } from "../workflow/snapshot.ts";
import type { ChannelDesk } from "./channel_desk.ts";
import { OFFER_LASTS_MS } from "./offers.ts";
import { ShownBook } from "./shown.ts";
import type { View } from "./view.ts";

/** How often to look at a running session, whose worker may die, and at others, in milliseconds. */
const LOOK_MS = { running: 2_000, left: 30_000, resting: 60_000 };

/** How long to keep offering to continue a session that nothing is running. */
const LEFT_MS = 86_400_000;

/** Pause between looks: a running session has several events per second. */
const BREATH_MS = 500;

/** How many of the last events to keep, to tell who decided what. */
const RECENT = 50;

/** Makes the posts for a session; see posts.ts, settle.ts and notices.ts. */
export interface Words {
  readonly postsFor: (view: View) => readonly Post[];
  readonly noticesFor: (events: readonly RecordedEvent[], view: View) => readonly Post[];
  readonly settle: (post: Post, news: { readonly view: View; readonly events: readonly RecordedEvent[] }) => Post;
}

/** What following needs. */
export interface Following {
  readonly host: Host;
  readonly words: Words;
  readonly channelsIn: typeof setChannels;
  readonly deskFor: (samocode: Samocode, channel: SetChannel) => ChannelDesk;
  /** Called when the session's state may have changed. */
  readonly changed: () => void;
  readonly log: (line: string) => void;
}

/** A session that is followed until it is disposed. */
export class FollowedSession implements AsyncDisposable {
  readonly subscription: Subscription;
  readonly #following: Following;
  readonly #over = new AbortController();
  readonly #book: ShownBook;
  readonly #events: RecordedEvent[] = [];
  readonly #ended: Promise<void>;
  #desks: readonly ChannelDesk[] = [];
  #view: View | undefined;
  #lock: string | undefined;
  /** The run whose death this listener reports. */
  #told: string | undefined;
  #isToldElsewhere = false;
  /** Records whether the person was told; if not, another process tries later. */
  #finish: ((wasTold: boolean) => void) | undefined;
  #toldAtMs = 0;
  #failedAtMs = Infinity;
  #isLeft = true;
  #isAtEnd = false;

  constructor(subscription: Subscription, following: Following) {
    this.subscription = subscription;
    this.#following = following;
    this.#book = new ShownBook(following.host.stateFolder, subscription);
    this.#ended = this.#follow().catch((error) => {
      this.#isLeft = false;
      this.#failedAtMs = this.#now();
      following.log(`Cannot follow ${basename(subscription.session)}: ${messageOf(error)}`);
    }).finally(following.changed);
  }

  /** The session when it was last read. */
  get view(): View | undefined {
    return this.#view;
  }

  get book(): ShownBook {
    return this.#book;
  }

  /** Whether it is running or waiting for someone. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** Whether it is running or waiting for someone, or has undelivered posts. */
  get keeps(): boolean {
    if (this.#isLeft || (this.#lock !== undefined && lockHolder(this.#lock) !== undefined)) return true;
    const { session } = this.subscription;
    return this.#desks.some((desk) => desk.undelivered(session).some(({ isHopeful }) => isHopeful));
  }

  /** Whether it has ended and everything is delivered. */
  get isOver(): boolean {
    return this.#isAtEnd && !this.keeps;
  }

  /** Whether following it failed long enough ago to try again. */
  get isWorthAnotherTry(): boolean {
    return this.#failedAtMs + LOOK_MS.resting < this.#now();
  }

  /** The keys of the channels that show it. */
  get channels(): readonly string[] {
    return this.#desks.map(({ set }) => set.key);
  }

  /** Compares what is shown with what is due again. */
  refresh(): void {
    if (this.#view !== undefined) this.#tell(this.#view);
  }

  /**
   * Does the same from time to time for a session that nothing is running, since what is due then depends on the time.
   */
  refreshIfOld(): void {
    const isOld = this.#toldAtMs + LOOK_MS.left < this.#now();
    const { state } = this.#view?.status ?? {};
    if (isOld && this.#view !== undefined && (state === "ready" || state === "crashed")) this.#tell(this.#view);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#ended;
    for (const desk of this.#desks) desk.drop(this.subscription.session);
  }

  async #follow(): Promise<void> {
    const { host, channelsIn, deskFor, changed } = this.#following;
    const samocode = loadEntry(host, this.subscription);
    this.#desks = channelsIn(samocode.settings).map((channel) => deskFor(samocode, channel));
    const abort = this.#over.signal;
    const request = { session: basename(this.subscription.session), after: this.#book.cursor, abort, wants };
    for await (const news of followEvents(samocode, { ...request, lookMs: ({ state }) => lookMs(state) })) {
      if (abort.aborted) return;
      this.#look(samocode, news);
      changed();
      if (!news.isOver) await pause(samocode.clock.timer(BREATH_MS), abort);
    }
  }

  #look(samocode: Samocode, { events, status, folder }: News): void {
    const view = { samocode, status };
    this.#view = view;
    this.#lock = folder.journal.lockPath;
    const { state, needs } = status;
    const restsMs = samocode.now().getTime() - Date.parse(status.updatedAt ?? "");
    this.#isLeft = isUnderWay(state) || needs !== "none" || state === "blocked" ||
      ((state === "crashed" || state === "ready" || state === "failed") && restsMs < LEFT_MS);
    this.#isAtEnd = state === "done" || (state === "stopped" && !isLost(folder.history)) ||
      (restsMs > OFFER_LASTS_MS && !this.#isLeft);
    this.#events.push(...events);
    this.#events.splice(0, this.#events.length - RECENT);
    const notices = this.#following.words.noticesFor(events, view)
      .filter(({ topic }) => isWanted(samocode.settings, topic));
    // The cursor moves only with notices, so that reading the same events again gives the same result.
    if (notices.length > 0) this.#book.advance(status.cursor, notices);
    this.#tell(view);
  }

  #tell(view: View): void {
    this.#toldAtMs = this.#now();
    if (this.#desks.some(({ set }) => Object.hasOwn(this.#book.on(set.key), this.#told ?? ""))) this.#finish?.(true);
    const { settings } = view.samocode;
    const { words } = this.#following;
    for (const notice of this.#book.notices) {
      const isTaken = this.#desks.every(({ set }) => Object.hasOwn(this.#book.on(set.key), notice.id));
      if (isTaken) this.#book.remove(notice);
    }
    const due = words.postsFor(view).filter(({ topic }) => isWanted(settings, topic));
    const posts = [...due.map((post) => this.#onceAloud(post, view)), ...this.#book.notices];
    const settle = (post: Post): Post => words.settle(post, { view, events: this.#events });
    const isAtRest = !isUnderWay(view.status.state);
    for (const desk of this.#desks) desk.want({ book: this.#book, posts, wishes: settings, isAtRest, settle });
  }

  #now(): number {
    return (this.#following.host.clock ?? SYSTEM_CLOCK).calendar();
  }

  /** A worker's death makes one sound: the supervisor and commands also report it, but offer nothing. */
  #onceAloud(post: Post, { status: { state }, samocode }: View): Post {
    const { id, topic } = post;
    if (topic !== "blocked" || state !== "crashed") return post;
    if (this.#told !== id) {
      this.#told = id;
      const isShown = this.#desks.some(({ set }) => Object.hasOwn(this.#book.on(set.key), id));
      const isSupervisors = isSupervised(samocode.stateFolder);
      this.#finish = isShown || isSupervisors ? undefined : takeTelling(samocode.stateFolder, this.subscription);
      // Another process has told it, or is about to.
      this.#isToldElsewhere = !isShown && this.#finish === undefined;
    }
    return this.#isToldElsewhere ? { ...post, isSilent: true } : post;
  }
}

/** Whether an event says who decided something, or is something to report. */
function wants(event: RecordedEvent): boolean {
  return "by" in event || WANTED.has(event.type);
}

const WANTED: ReadonlySet<string> = new Set([
  ...["session.started", "session.stopped", "session.queued"],
  ...["iteration.retried", "budget.warned"],
]);

function lookMs(state: View["status"]["state"]): number {
  return isUnderWay(state) ? LOOK_MS.running : LOOK_MS.resting;
}
