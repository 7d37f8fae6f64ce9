/**
 * A channel for programs: it sends each post as an event, and only notifies.
 *
 * @module
 */
import { isOldNews } from "./old_news.ts";
import { DECIDES_NOTHING, type OpenChannel } from "./open_channel.ts";
import { eventOf, type PostEvent } from "./post_event.ts";

/** How to send an event. */
export interface EventSender {
  /** @throws {ChannelError} If the event was not accepted. */
  readonly send: (event: PostEvent, abort: AbortSignal) => Promise<void>;
  /** The clock, in milliseconds since 1970. */
  readonly now: () => number;
}

/** Makes a channel of a way to send events. Handles are the events' ids. */
export function eventChannel({ send, now }: EventSender): OpenChannel {
  return {
    edits: false,
    refusal: () => Promise.resolve(DECIDES_NOTHING),
    listen: undefined,
    async show(post, { abort }): Promise<string> {
      const event = eventOf(post, now());
      if (!isOldNews(post)) await send(event, abort);
      return event.id;
    },
  };
}
