/**
 * Shows posts on one topic and receives decisions on another.
 *
 * @module
 */
import { type ChannelContext, ChannelError, type OpenChannel } from "../open_channel.ts";
import { isOldNews } from "../old_news.ts";
import type { Post, Topic } from "../post.ts";
import type { CallOptions } from "../service_call.ts";
import { followReplies, type ListenPatience } from "./listen.ts";
import { askProtection } from "./protection.ts";
import { oneAtATime } from "../../system/one_at_a_time.ts";
import { replyCode } from "./reply_code.ts";
import { Since } from "./since.ts";
import {
  authorization,
  type HttpAction,
  MAX_MESSAGE_BYTES,
  type NtfySettings,
  placeOf,
  type Publication,
  publish,
} from "./server.ts";

/** From https://docs.ntfy.sh/publish/#action-buttons */
const MAX_ACTIONS = 3;

/** 4 sounds and pops up, 3 sounds, 2 does neither. */
const PRIORITIES = { gate: 4, blocked: 4, limit: 4, done: 3, progress: 2 } as const satisfies Record<Topic, number>;
const QUIET = 2;

/** Opens the channel. */
export function openNtfy(
  settings: NtfySettings,
  { memory, log }: Pick<ChannelContext, "memory" | "log">,
  { patience, ...options }: CallOptions & { readonly patience?: ListenPatience } = {},
): OpenChannel {
  const place = placeOf(settings);
  const since = new Since(memory, place);
  // ntfy keeps one visitor per address and stores in it who is asking: with 2.11, one of 60 requests without a token, sent
  // in parallel with requests that had one, got their answer. Different tokens are mixed up in the same way.
  const alone = oneAtATime();
  const ask = askProtection(settings, options);
  const refusal = (): Promise<string | undefined> => alone(ask);
  const answer = async (text: string): Promise<void> => {
    const message = cutToBytes(text, MAX_MESSAGE_BYTES);
    const publication = { title: "", message, priority: QUIET, actions: [], file: undefined };
    await alone(() => publish(place, publication, options));
  };
  return {
    // Servers before 2.16 cannot edit messages, and no server says whether it can.
    edits: false,
    refusal,
    async show(post, { abort }): Promise<string> {
      if (place.problem !== undefined) throw new ChannelError(place.problem, { retryAfterMs: undefined });
      const code = replyCode(post);
      if (isOldNews(post)) return code;
      const publication = publicationOf(post, place);
      // A report has the source code. Who may read along is known only where strangers may not.
      const isKept = publication.file?.name.endsWith(".html") === true && await refusal() !== undefined;
      const shown = isKept ? { ...publication, file: undefined } : publication;
      const time = await alone(() => publish(place, shown, { ...options, abort }));
      since.beginAt(time);
      return code;
    },
    listen: (hear, abort) =>
      followReplies(
        settings,
        { since, alone, log, hear, refusal, answer, ...options, ...(patience && { patience }) },
        abort,
      ),
  };
}

/**
 * What to publish for a post. A settled post is a quiet line of its own, since the earlier message cannot be edited.
 */
export function publicationOf(post: Post, place: NtfySettings): Publication {
  const { mark, title, facts, text, document, offers, reply, topic, isSettled, isSilent } = post;
  const head = `${mark} ${title}`;
  if (isSettled) {
    const line = text.split("\n").filter((each) => each !== "").join(" · ");
    const message = cutToBytes(line || title, MAX_MESSAGE_BYTES);
    return { title: head, message, priority: QUIET, actions: [], file: undefined };
  }
  const hint = reply === "" ? "" : `${reply}. Send it to ${place.replyTopic}, starting with ${replyCode(post)}`;
  const about = facts.join(" · ");
  const room = MAX_MESSAGE_BYTES - byteLength(`${about}\n\n${hint}\n\n`);
  const parts = [about, cutToBytes(text, room), hint].filter((part) => part !== "");
  const message = cutToBytes(parts.join("\n\n") || title, MAX_MESSAGE_BYTES);
  return {
    title: head,
    message,
    priority: isSilent ? QUIET : PRIORITIES[topic],
    actions: offers.slice(0, MAX_ACTIONS).map(({ label, nonce }) => buttonFor(nonce, { label, place })),
    file: document,
  };
}

function buttonFor(
  nonce: string,
  { label, place }: { readonly label: string; readonly place: NtfySettings },
): HttpAction {
  const { url, replyTopic, replyToken } = place;
  const headers = authorization(replyToken);
  return { action: "http", label, url: `${url}/${replyTopic}`, headers, body: nonce, clear: true };
}

/** As much of a text as fits; a cut text ends in `…`. */
function cutToBytes(text: string, maxBytes: number): string {
  if (byteLength(text) <= maxBytes) return text;
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(Math.max(0, maxBytes - 3)));
  return `${text.slice(0, read)}…`;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
