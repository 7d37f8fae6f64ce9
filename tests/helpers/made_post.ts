/**
 * Posts as the listener makes them.
 *
 * @module
 */
import type { ChannelContext } from "../../src/channels/open_channel.ts";
import type { Offer, Post } from "../../src/channels/post.ts";

/** A post that asks to approve a plan. */
export function makePost(changes: Partial<Post> = {}): Post {
  return {
    id: "gate-1",
    topic: "gate",
    mark: "✋",
    title: "auth-refresh: approve the plan",
    facts: ["shop", "planning", "12 min", "$1.20 of $50"],
    text: "Refresh tokens before they expire.",
    document: undefined,
    offers: makeOffers("Approve", "Later"),
    reply: "Reply with what to change",
    isSettled: false,
    isSilent: false,
    data: { type: "gate.plan", project: "shop", session: "auth-refresh" },
    ...changes,
  };
}

/** Offers with a nonce each. */
export function makeOffers(...labels: readonly string[]): readonly Offer[] {
  return labels.map((label, index) => ({ label, nonce: String(index).padStart(32, "abcdef0123456789") }));
}

/** A context that remembers, and what was logged. */
export function makeContext(env: Readonly<Record<string, string>> = {}): ChannelContext & { readonly lines: string[] } {
  const lines: string[] = [];
  let memory = "";
  return {
    env,
    lines,
    log: (line) => void lines.push(line),
    memory: { get: () => memory, set: (text) => void (memory = text) },
  };
}
