/**
 * A post as channels get it, and what they remember.
 *
 * @module
 */
import type { ChannelContext, ChannelMemory } from "../../src/channels/open_channel.ts";
import type { Heard, Offer, Post } from "../../src/channels/post.ts";

/** Offers with a nonce each. */
export function offersOf(...labels: readonly string[]): readonly Offer[] {
  return labels.map((label, index) => ({ label, nonce: String(index).padStart(32, "abcdef0123456789") }));
}

/** Two offers. */
export const OFFERS = offersOf("Approve", "Later");

/** A plan that waits for its person. */
export function samplePost(changes: Partial<Post> = {}): Post {
  return {
    id: "plan-7",
    topic: "gate",
    mark: "✋",
    title: "auth-refresh: the plan is ready",
    facts: ["shop", "planning", "12m 04s", "$1.20 of $50.00"],
    text: '1. Refresh <b>tokens</b> & "keys"\n2. Test it; $(touch /tmp/owned) `id`',
    document: undefined,
    offers: OFFERS,
    reply: "Say what to change",
    isSettled: false,
    isSilent: false,
    data: { type: "gate.plan", project: "shop", session: "auth-refresh", planSha256: "ab".repeat(32) },
    ...changes,
  };
}

/** A memory in the process. */
export function memoryOf(text = ""): ChannelMemory & { text: string } {
  return {
    text,
    get(): string {
      return this.text;
    },
    set(value: string): void {
      this.text = value;
    },
  };
}

/** A context that remembers, and what was logged. */
export function contextWith(env: Readonly<Record<string, string>> = {}): ChannelContext & { readonly lines: string[] } {
  const lines: string[] = [];
  return { env, lines, log: (line) => void lines.push(line), memory: memoryOf() };
}

/** Keeps what is heard, and tells when so many things have come. */
export class Ear {
  readonly heard: Heard[] = [];
  #wake = () => {};

  readonly hear = (heard: Heard): Promise<void> => {
    this.heard.push(heard);
    this.#wake();
    return Promise.resolve();
  };

  async until(count: number): Promise<readonly Heard[]> {
    while (this.heard.length < count) await new Promise<void>((resolve) => this.#wake = resolve);
    return this.heard;
  }
}
