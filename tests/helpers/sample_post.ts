/**
 * A post as channels get it, and what they remember.
 *
 * @module
 */
import type { ChannelMemory } from "../../src/channels/open_channel.ts";
import type { Heard, Offer, Post } from "../../src/channels/post.ts";

/** Two offers with nonces. */
export const OFFERS: readonly Offer[] = [
  { nonce: "0123456789abcdef0123456789abcdef", label: "Approve" },
  { nonce: "fedcba9876543210fedcba9876543210", label: "Later" },
];

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
