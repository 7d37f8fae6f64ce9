/**
 * Shows what is due on one channel, in order. What was not accepted is retried until it is accepted or no longer due,
 * without delaying other channels.
 *
 * @module
 */
import { ChannelError, type OpenChannel } from "../channels/open_channel.ts";
import type { Post } from "../channels/post.ts";
import { quietLeftMs } from "../channels/when_to_tell.ts";
import type { SetChannel } from "../operations/open_channel.ts";
import { messageOf } from "../text/errors.ts";
import { DeskChannel, type DeskChannelOptions } from "./desk_channel.ts";
import { hashOf, type Job, jobsFor, readyMs, type Want } from "./jobs.ts";
import { type Undelivered, undeliveredFrom } from "./undelivered.ts";

/** The pause after a failure; it doubles each time unless the service asks for a longer one. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;

/** A channel that takes longer has failed. */
const SHOW_WITHIN_MS = 60_000;

/** How long a channel may delay the listener's exit. */
const ENDS_WITHIN_MS = 5_000;

/** What a desk needs. */
export interface DeskOptions extends DeskChannelOptions {
  readonly set: SetChannel;
  readonly abort: AbortSignal;
  readonly log: (line: string) => void;
  /** Called when the state of the channel may have changed. */
  readonly changed: () => void;
}

/** The posts of one channel, until it is disposed, after `abort` has fired. */
export class ChannelDesk implements AsyncDisposable {
  readonly #options: DeskOptions;
  readonly #channel: DeskChannel;
  readonly #wants = new Map<string, Want>();
  /** By session and post, in the order in which they were added. */
  readonly #jobs = new Map<string, Job>();
  #notBeforeMs = 0;
  #failures = 0;
  #trouble = "";
  #showing: Promise<void> | undefined;
  #working: Promise<void> | undefined;
  readonly #ending = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#channel = new DeskChannel(options, () => {
      for (const want of this.#wants.values()) this.#compare(want);
      options.changed();
    });
    options.abort.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  get set(): SetChannel {
    return this.#options.set;
  }

  /** See {@linkcode DeskChannel}. */
  get refusal(): string {
    return this.#channel.refusal;
  }

  /** Why the channel does not work at the moment; empty if it does. */
  get trouble(): string {
    return this.#trouble;
  }

  /** The folders of the sessions that are shown. */
  get sessions(): readonly string[] {
    return [...this.#wants.keys()];
  }

  /** The undelivered posts of a session, or of all sessions if none is named. */
  undelivered(session?: string): readonly Undelivered[] {
    const about = { channel: this.set.title, trouble: this.#trouble, nowMs: this.#now() };
    return [...this.#jobs.values()]
      .filter(({ want }) => session === undefined || want.book.session === session)
      .map((job) => undeliveredFrom(job, about));
  }

  /** Replaces what a session wants shown. */
  want(want: Want): void {
    this.#wants.set(want.book.session, want);
    if (this.#channel.open !== undefined) this.#compare(want);
    this.#wake();
  }

  /** Stops showing a session. */
  drop(session: string): void {
    this.#wants.delete(session);
    for (const [key, { want }] of this.#jobs) if (want.book.session === session) this.#jobs.delete(key);
  }

  /** See {@linkcode DeskChannel.askRefusal}. */
  async askRefusal(): Promise<string | undefined> {
    return await this.#channel.askRefusal();
  }

  /** See {@linkcode DeskChannel.opened}. */
  async opened(): Promise<OpenChannel> {
    return await this.#channel.opened();
  }

  /** Waits for the post that is being shown: a reply to it may arrive before its handle is known. */
  async shown(): Promise<void> {
    await this.#showing;
  }

  /** Records why the channel does not work; empty if it works again. */
  note(trouble: string): void {
    if (trouble === this.#trouble) return;
    if (trouble !== "") this.#options.log(`${this.set.title}: ${trouble}`);
    this.#trouble = trouble;
    this.#options.changed();
  }

  /** Waits for the post that is being shown: without its handle, it would be shown again. */
  async [Symbol.asyncDispose](): Promise<void> {
    const timer = setTimeout(() => this.#ending.abort(), ENDS_WITHIN_MS);
    await this.#working;
    clearTimeout(timer);
  }

  /** Turns the difference to what is shown into jobs. */
  #compare(want: Want): void {
    const { book: { session } } = want;
    const before = new Map<string, Job>();
    for (const job of this.#jobs.values()) if (job.want.book.session === session) before.set(job.post.id, job);
    const { edits = false, alwaysSounds = false } = this.#channel.open ?? {};
    const jobs = jobsFor(want, {
      ...{ edits, alwaysSounds, before, channel: this.set.key, nowMs: this.#now() },
      dress: (post) => this.#channel.dressed(post),
    });
    for (const id of before.keys()) if (!jobs.has(id)) this.#jobs.delete(keyOf(session, id));
    for (const [id, job] of jobs) this.#jobs.set(keyOf(session, id), job);
  }

  #wake(): void {
    if (this.#options.abort.aborted) return;
    this.#working ??= this.#work().catch((error) => {
      this.#pause(error, 0);
      return true;
    }).then((hasTried) => {
      this.#working = undefined;
      this.#sleep();
      if (hasTried) this.#options.changed();
    });
  }

  /** Shows one post after the other until nothing is left to do for now. Returns whether there was anything. */
  async #work(): Promise<boolean> {
    let hasTried = false;
    clearTimeout(this.#timer);
    while (!this.#options.abort.aborted && this.#notBeforeMs <= this.#now()) {
      if (this.#channel.open === undefined) await this.#begin();
      const next = this.#next();
      if (next === undefined) break;
      hasTried = true;
      this.#showing = this.#show(next);
      await this.#showing;
    }
    return hasTried;
  }

  async #begin(): Promise<void> {
    try {
      await this.opened();
      for (const want of this.#wants.values()) this.#compare(want);
    } catch (error) {
      this.#pause(error, 0);
    }
  }

  #next(): readonly [key: string, job: Job] | undefined {
    return this.#jobs.entries().find(([, job]) => readyMs(job) <= this.#now());
  }

  async #show([key, job]: readonly [key: string, job: Job]): Promise<void> {
    const { want: { book, wishes }, isLast } = job;
    const { id } = job.post;
    const place = book.on(this.set.key)[id];
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), SHOW_WITHIN_MS);
    const abort = AbortSignal.any([late.signal, this.#ending.signal]);
    try {
      const channel = await this.opened();
      if (isAsked(job.post)) await this.askRefusal();
      const post = this.#channel.dressed(job.post);
      const isSilent = post.isSilent || quietLeftMs(wishes, new Date(this.#now())) > 0;
      const handle = await channel.show({ ...post, isSilent }, { handle: place?.handle, abort });
      if (isLast) book.forget(this.set.key, id);
      else book.note(this.set.key, post, { handle, hash: hashOf(post), atMs: this.#now() });
      this.#failures = 0;
      this.note("");
      // What the session wants may have changed meanwhile.
      const now = this.#wants.get(book.session);
      this.#jobs.delete(key);
      if (now !== undefined) this.#compare(now);
    } catch (error) {
      this.#failed(error, { key, job, isShown: place !== undefined });
    } finally {
      clearTimeout(timer);
    }
  }

  #failed(
    error: unknown,
    { key, job, isShown }: { readonly key: string; readonly job: Job; readonly isShown: boolean },
  ): void {
    const { want: { book }, post: { id }, isLast } = job;
    job.because = messageOf(error);
    const isFinal = error instanceof ChannelError && error.retryAfterMs === undefined;
    if (!isFinal) return this.#pause(error, error instanceof ChannelError ? error.retryAfterMs ?? 0 : 0);
    this.note(job.because);
    if (!isShown) {
      job.againMs = this.#now() + LONGEST_PAUSE_MS;
      return;
    }
    // A message that was deleted or is too old to edit is shown as a new one.
    book.forget(this.set.key, id);
    if (isLast) this.#jobs.delete(key);
  }

  #pause(error: unknown, leastMs: number): void {
    const pauseMs = Math.max(leastMs, Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS));
    this.#failures++;
    this.#notBeforeMs = this.#now() + pauseMs;
    this.note(messageOf(error));
  }

  #sleep(): void {
    const isOpen = this.#channel.open !== undefined || this.#wants.size === 0;
    const nextMs = isOpen ? Math.min(...[...this.#jobs.values()].map(readyMs)) : 0;
    const leftMs = Math.max(nextMs, this.#notBeforeMs) - this.#now();
    if (leftMs === Infinity || this.#options.abort.aborted) return;
    // The system clock may be changed meanwhile.
    const ms = Math.min(Math.max(leftMs, 1), LONGEST_PAUSE_MS);
    this.#timer = setTimeout(() => this.#wake(), this.#options.clock.timer(ms));
  }

  #now(): number {
    return this.#options.clock.calendar();
  }
}

function isAsked({ offers, reply }: Post): boolean {
  return offers.length > 0 || reply !== "";
}

function keyOf(session: string, post: string): string {
  return `${session}\0${post}`;
}
