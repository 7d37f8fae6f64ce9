/**
 * All channels and sessions that the listener serves.
 *
 * @module
 */
import type { Heard } from "../channels/post.ts";
import { openChannel, type SetChannel, setChannels } from "../operations/open_channel.ts";
import { isOwnChannel, whyNotOwn } from "../operations/own_channels.ts";
import type { Host } from "../operations/roster.ts";
import type { Samocode } from "../operations/samocode.ts";
import { writeListenerRecord } from "../session/listener_record.ts";
import { isStrayCopy } from "../session/elsewhere.ts";
import { listenerFolder, readSubscriptions, type Subscription, unsubscribe } from "../session/subscriptions.ts";
import { SYSTEM_CLOCK } from "../system/clock.ts";
import { lstatIfExists } from "../system/files/files.ts";
import { pause } from "../system/pause.ts";
import { messageOf } from "../text/errors.ts";
import { ChannelDesk } from "./channel_desk.ts";
import { Decisions } from "./decisions.ts";
import { FollowedSession, type Words } from "./followed_session.ts";
import { noticesFor } from "./notices.ts";
import { OfferBook } from "./offers.ts";
import { postsFor } from "./posts.ts";
import { settle } from "./settle.ts";
import type { Sessions, Shown, View } from "./view.ts";

/** The longest pause before listening to a channel again. */
const MAX_PAUSE_MS = 60_000;

/** How channels are found and opened. Tests replace it. */
export interface Channels {
  readonly channelsIn?: typeof setChannels;
  readonly open?: typeof openChannel;
  readonly isOwn?: typeof isOwnChannel;
}

/** How a listener runs. */
export interface Listening {
  readonly abort: AbortSignal;
  /** Receives log lines. */
  readonly log: (line: string) => void;
  /** Whether it keeps running when no session runs or waits. */
  readonly keeps: boolean;
}

/** What a listener needs. */
export interface ListenerOptions extends Listening {
  readonly channels: Channels;
  /** Called when there may be something to do. */
  readonly changed: () => void;
}

/** All channels and sessions of the user. */
export class Listener implements AsyncDisposable {
  readonly #host: Host;
  readonly #options: ListenerOptions;
  readonly #decisions: Decisions;
  readonly #desks = new Map<string, ChannelDesk>();
  readonly #hearing = new Map<string, Promise<void>>();
  readonly #followed = new Map<string, FollowedSession>();
  readonly #words: Words;
  #seen = "";
  #said = "";

  constructor(host: Host, options: ListenerOptions) {
    this.#host = host;
    this.#options = options;
    const folder = listenerFolder(host.stateFolder);
    const { clock = SYSTEM_CLOCK } = host;
    const book = new OfferBook(folder, clock.calendar);
    const changed = (session: string): void => {
      this.#followed.get(session)?.refresh();
      options.changed();
    };
    this.#decisions = new Decisions({ folder, book, sessions: this.#sessions, changed, log: options.log });
    this.#words = {
      postsFor: (view) => postsFor(view, book),
      noticesFor: (events, view) => noticesFor(events, view, book),
      settle,
    };
  }

  /** Whether no session runs or waits, and everything is delivered. */
  get isIdle(): boolean {
    return !this.#decisions.isBusy && [...this.#followed.values()].every(({ keeps }) => !keeps);
  }

  /** Whether it waits only for a worker that is about to exit. */
  get isEnding(): boolean {
    return [...this.#followed.values()].every(({ isLeft }) => !isLeft);
  }

  /** Whether no session has subscribed since the last {@linkcode goThrough}. */
  isNewsless(): boolean {
    return JSON.stringify(readSubscriptions(this.#host.stateFolder)) === this.#seen;
  }

  /** Follows new subscriptions and drops sessions that are over. */
  async goThrough(): Promise<void> {
    const { stateFolder } = this.#host;
    for (const { isOver, subscription } of this.#followed.values()) {
      if (isOver || lstatIfExists(subscription.session) === undefined) unsubscribe(stateFolder, subscription);
    }
    const subscribed = readSubscriptions(stateFolder);
    this.#seen = JSON.stringify(subscribed);
    // Those of a fleet are for whoever listens to it.
    const all = subscribed.filter(({ session }) => !isStrayCopy(session));
    for (const [session, followed] of this.#followed) {
      const now = all.find((each) => each.session === session);
      if (now !== undefined && isSame(now, followed.subscription) && !followed.isWorthAnotherTry) continue;
      this.#followed.delete(session);
      await followed[Symbol.asyncDispose]();
      if (now === undefined) followed.book.drop();
    }
    for (const followed of this.#followed.values()) followed.refreshIfOld();
    for (const each of all) if (!this.#followed.has(each.session)) this.#followed.set(each.session, this.#follow(each));
    this.#decisions.finishEarlier();
    this.#say();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#followed.values()].map((followed) => followed[Symbol.asyncDispose]()));
    await Promise.all([
      ...this.#hearing.values(),
      ...[...this.#desks.values()].map((desk) => desk[Symbol.asyncDispose]()),
    ]);
    await this.#decisions[Symbol.asyncDispose]();
  }

  #follow(subscription: Subscription): FollowedSession {
    return new FollowedSession(subscription, {
      host: this.#host,
      words: this.#words,
      channelsIn: this.#options.channels.channelsIn ?? setChannels,
      deskFor: (samocode, set) => this.#deskFor(samocode, set),
      changed: this.#options.changed,
      log: this.#options.log,
    });
  }

  /** Sessions with the same settings share a channel. */
  #deskFor(samocode: Samocode, set: SetChannel): ChannelDesk {
    const { abort, log, changed, channels: { open = openChannel, isOwn = isOwnChannel } } = this.#options;
    const found = this.#desks.get(set.key);
    if (found !== undefined) return found;
    const desk = new ChannelDesk({
      ...{ set, abort, log, changed, clock: samocode.clock },
      open: () => open(samocode, set, (line) => log(`${set.title}: ${line}`)),
      refuses: () => isOwn(samocode, set.name) ? undefined : whyNotOwn(set.name),
    });
    this.#desks.set(set.key, desk);
    this.#hearing.set(set.key, this.#hear(desk));
    return desk;
  }

  async #hear(desk: ChannelDesk): Promise<void> {
    const { abort } = this.#options;
    const { clock = SYSTEM_CLOCK } = this.#host;
    for (let failures = 0; !abort.aborted; failures++) {
      try {
        const { listen } = await desk.opened();
        if (listen === undefined) return;
        if (await desk.askRefusal() === undefined) {
          const { key: channel } = desk.set;
          const hear = async (heard: Heard): Promise<void> => {
            if (heard.said.kind === "reply") await desk.shown();
            await this.#decisions.hear(heard, { channel, refusal: await desk.askRefusal() });
          };
          await listen(hear, abort);
          failures = 0;
        }
      } catch (error) {
        if (!abort.aborted) desk.note(messageOf(error));
      }
      await pause(clock.timer(Math.min(1_000 * 2 ** failures, MAX_PAUSE_MS)), abort);
    }
  }

  #say(): void {
    const { keeps, log } = this.#options;
    const desks = [...this.#desks.values()];
    const said = {
      pid: Deno.pid,
      version: this.#host.version,
      keeps,
      isNeeded: !this.isIdle,
      channels: desks.map(({ set: { title }, refusal, trouble, sessions }) => ({ title, refusal, trouble, sessions })),
      undelivered: desks.flatMap((desk) => desk.undelivered())
        .filter(({ because, topic }) => because !== "" && topic !== "progress"),
    };
    const text = JSON.stringify(said);
    if (text === this.#said) return;
    this.#said = text;
    try {
      writeListenerRecord(this.#host.stateFolder, said);
    } catch (error) {
      log(messageOf(error));
    }
  }

  get #sessions(): Sessions {
    const viewsOf = (channel: string): readonly View[] =>
      [...this.#followed.values()].flatMap(({ channels, view }) =>
        view !== undefined && channels.includes(channel) ? [view] : []
      );
    return {
      open: (session) => this.#followed.get(session)?.view,
      isAwaited: (session) => this.#followed.has(session) && this.#followed.get(session)?.view === undefined,
      all: (channel) => viewsOf(channel).toSorted((a, b) => a.status.folder < b.status.folder ? 1 : -1),
      shownAs: (channel, handle): Shown | undefined => {
        for (const [session, { book }] of this.#followed) {
          const post = book.withHandle(channel, handle);
          if (post !== undefined) return { session, post };
        }
        return undefined;
      },
    };
  }
}

function isSame(a: Subscription, b: Subscription): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
