/**
 * A channel of the tests' own: it keeps what it is shown, fails as it is told, and passes on what a test says.
 *
 * @module
 */
import type { OpenChannel } from "../../src/channels/open_channel.ts";
import type { Heard, Post, Said } from "../../src/channels/post.ts";
import type { SetChannel } from "../../src/operations/open_channel.ts";

/** A test that waits for ever names no reason. */
const PATIENCE_MS = 20_000;

/** A call of `show`. */
export interface Showing {
  readonly post: Post;
  readonly handle: string;
  /** Whether it took the place of an earlier one. */
  readonly isEdit: boolean;
}

/** What it can do. */
export interface ChatOptions {
  readonly edits?: boolean;
  readonly alwaysSounds?: true;
  /** Why nobody decides there. */
  readonly refusal?: string;
}

/** The channel, as it stays over restarts of the listener. */
export class Chat {
  readonly set: SetChannel;
  readonly showings: Showing[] = [];
  /** The newest version of each message, by its handle. */
  readonly posts = new Map<string, Post>();
  /** Throws what the next post meets. */
  failing: (post: Post) => void = () => {};
  /** It answers when this has resolved; by then, people see the post. */
  answering: Promise<void> = Promise.resolve();
  /** How often it was opened. */
  opened = 0;
  #tries = 0;
  readonly #options: ChatOptions;
  readonly #waiting = new Set<() => void>();
  #hear: ((heard: Heard) => Promise<void>) | undefined;
  #heard = 0;

  constructor(name: string, options: ChatOptions = {}) {
    this.set = { name: "telegram", title: name, key: name, settings: {} };
    this.#options = options;
  }

  /** How often something was to be shown. */
  get tries(): number {
    return this.#tries;
  }

  /** Opens it, as one process does. */
  open(): OpenChannel {
    this.opened++;
    const { edits = true, refusal, ...rest } = this.#options;
    return {
      ...rest,
      edits,
      refusal: () => Promise.resolve(refusal),
      show: async (post, { handle }) => {
        const shown = this.#show(post, edits ? handle : undefined);
        await this.answering;
        return shown;
      },
      listen: async (hear, abort) => {
        this.#hear = hear;
        this.#wake();
        await new Promise<void>((resolve) => abort.addEventListener("abort", () => resolve()));
      },
    };
  }

  /** The titles of all messages as they are now, without what follows the work. */
  titles(): readonly string[] {
    return [...this.posts.values()].filter(({ topic }) => topic !== "progress").map(({ title }) => title);
  }

  /** The newest button with such a label. */
  nonce(label: string): string | undefined {
    return [...this.posts.values()].flatMap(({ offers }) => offers).findLast((offer) => offer.label === label)?.nonce;
  }

  /** Somebody does something; resolves with what they are told. */
  async does(said: Said): Promise<string> {
    await this.until(() => this.#hear);
    const told = Promise.withResolvers<string>();
    const answer = (text: string): Promise<void> => Promise.resolve(told.resolve(text));
    await this.#hear?.({ by: "telegram:1", key: `${++this.#heard}`, said, answer });
    return await told.promise;
  }

  /** Resolves with what `look` finds, as soon as it finds anything. */
  async until<T>(look: () => T | undefined | false): Promise<T> {
    for (const patience = AbortSignal.timeout(PATIENCE_MS);;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      if (patience.aborted) throw new Error(`shown so far: ${JSON.stringify(this.showings, undefined, 1)}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      patience.addEventListener("abort", () => resolve());
      await promise;
    }
  }

  #show(post: Post, before: string | undefined): string {
    this.#tries++;
    this.#wake();
    this.failing(post);
    const handle = before ?? `${this.set.key}-${this.posts.size + 1}`;
    this.posts.set(handle, post);
    this.showings.push({ post, handle, isEdit: before !== undefined });
    return handle;
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) setTimeout(wake);
  }
}
