/**
 * Stores what people decide on their channels, performs it, and tells them the result.
 *
 * @module
 */
import type { Heard } from "../channels/post.ts";
import { SETTLED } from "../operations/act_on_run.ts";
import { elsewhereOf } from "../session/elsewhere.ts";
import { messageOf, SamocodeError } from "../text/errors.ts";
import { plainBlock } from "../text/terminal_text.ts";
import { describeError } from "./describe_sessions.ts";
import { Inbox, type Order } from "./inbox.ts";
import type { OfferBook } from "./offers.ts";
import { perform } from "./perform.ts";
import { understand, type Understood } from "./understand.ts";
import type { Sessions } from "./view.ts";

/** What the decisions need. */
export interface DecisionsOptions {
  /** The listener's own folder. */
  readonly folder: string;
  readonly book: OfferBook;
  readonly sessions: Sessions;
  /** Called after an act on a session, successful or not: other posts may be due. */
  readonly changed: (session: string) => void;
  /** Receives log lines without secrets. */
  readonly log: (line: string) => void;
}

/** A channel that received something. */
export interface Hearing {
  /** Its key in {@linkcode Sessions}. */
  readonly channel: string;
  /** Why no act from there is performed, with a fix; `undefined` if acts are. */
  readonly refusal: string | undefined;
}

/** How an order arrived. */
interface Arrival {
  /** Whether an earlier process stored it, and may have performed it. */
  readonly isRepeat: boolean;
  /** Whom to tell the result; nobody after a restart. */
  readonly heard?: Heard;
  readonly nonce?: string | undefined;
}

/** Stores and performs decisions; one for the whole listener. */
export class Decisions implements AsyncDisposable {
  readonly #options: DecisionsOptions;
  readonly #inbox: Inbox;
  /** One act at a time for each session. */
  readonly #underWay = new Map<string, Promise<void>>();
  /** What an earlier process stored and nobody has begun yet. */
  #earlier: readonly Order[];

  /** @throws {SamocodeError} If the inbox cannot be written. */
  constructor(options: DecisionsOptions) {
    this.#options = options;
    this.#inbox = new Inbox(options.folder);
    this.#earlier = this.#inbox.waiting;
  }

  /** Whether an act is being performed. */
  get isBusy(): boolean {
    return this.#underWay.size > 0;
  }

  /** Performs what an earlier process stored and did not finish, for sessions that can be read by now. */
  finishEarlier(): void {
    const { isAwaited } = this.#options.sessions;
    const due = this.#earlier.filter(({ session }) => !isAwaited(session));
    this.#earlier = this.#earlier.filter(({ session }) => isAwaited(session));
    for (const order of due) this.#start(order, { isRepeat: true });
  }

  /**
   * Takes a message. When this resolves, it is on disk if necessary; its act is performed afterwards.
   *
   * @throws {SamocodeError} If it cannot be stored, so its service must not forget it yet.
   */
  async hear(heard: Heard, { channel, refusal }: Hearing): Promise<void> {
    const key = `${channel} ${heard.key}`;
    if (this.#inbox.has(key)) return;
    const understood = this.#understand(heard, { channel, refusal });
    if ("say" in understood) return await this.#tell(heard, understood.say);
    const { session, act, nonce } = understood;
    const cursor = this.#options.sessions.open(session)?.status.cursor ?? 0;
    const order = { key, by: heard.by, session, act, cursor };
    this.#inbox.take(order);
    // After the inbox: the other way round, a crash in between would lose the tap.
    if (nonce !== undefined) this.#options.book.use(nonce, heard.by);
    this.#start(order, { isRepeat: false, heard, nonce });
  }

  /** Waits for the acts that are being performed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#underWay.values());
    this.#inbox[Symbol.dispose]();
  }

  #understand({ said }: Heard, { channel, refusal }: Hearing): Understood {
    if (refusal !== undefined) return { say: refusal };
    try {
      return understand(said, { ...this.#options, channel });
    } catch (error) {
      return { say: this.#inWords(error) };
    }
  }

  #start(order: Order, arrival: Arrival): void {
    const { session } = order;
    const before = this.#underWay.get(session) ?? Promise.resolve();
    const done = before.then(async () => {
      const words = await this.#perform(order, arrival);
      this.#options.changed(session);
      if (arrival.heard !== undefined) await this.#tell(arrival.heard, words);
    });
    this.#underWay.set(session, done);
    void done.then(() => {
      if (this.#underWay.get(session) === done) this.#underWay.delete(session);
    });
  }

  async #perform(order: Order, { isRepeat, nonce }: Arrival): Promise<string> {
    try {
      const view = this.#options.sessions.open(order.session);
      if (view === undefined) return SETTLED;
      const { isDone, words } = await perform(view.samocode, order, { isRepeat });
      if (!isDone) this.#release(nonce);
      return words;
    } catch (error) {
      // Its button must work again once the problem is fixed.
      this.#release(nonce);
      return this.#inWords(error, order.session);
    } finally {
      this.#inbox.strike(order.key);
    }
  }

  #release(nonce: string | undefined): void {
    if (nonce !== undefined) this.#options.book.release(nonce);
  }

  #inWords(error: unknown, session?: string): string {
    if (!(error instanceof SamocodeError)) {
      this.#options.log(error instanceof Error ? `${error.stack}` : messageOf(error));
    }
    return describeError(error, { isFleets: session !== undefined && elsewhereOf(session) !== undefined });
  }

  async #tell({ answer }: Heard, words: string): Promise<void> {
    try {
      await answer(plainBlock(words));
    } catch (error) {
      this.#options.log(`Cannot send the result: ${messageOf(error)}`);
    }
  }
}
