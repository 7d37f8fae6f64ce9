/**
 * Reads what people did from what Slack sends.
 *
 * @module
 */
import * as z from "zod";
import type { Said } from "../post.ts";
import { typedText } from "./slack_text.ts";

/** Who may decide, and where. */
export interface HearingRules {
  readonly channelId: string;
  readonly userIds: ReadonlySet<string>;
}

/** Where a person did something, and who. */
export interface SlackPlace {
  readonly channel: string;
  readonly user: string;
  /** The message that started the thread; in a direct message, the one to answer. */
  readonly thread: string | undefined;
}

/** What someone did, and whether they may decide. */
export interface SlackHeard {
  readonly place: SlackPlace;
  readonly isStranger: boolean;
  /** Stays the same if Slack sends it again in another envelope. */
  readonly key: string;
  readonly said: Said;
}

/** Whether it is a direct message, between one person and the app. */
export function isDirect(channel: string): boolean {
  return channel.startsWith("D");
}

/** Reads an envelope's payload; `undefined` if it does not concern us. */
export function readPayload(payload: unknown, rules: HearingRules): SlackHeard | undefined {
  const { data } = payloadSchema.safeParse(payload);
  if (data === undefined) return undefined;
  return data.type === "block_actions" ? readTap(data, rules) : readMessage(data, rules);
}

const tapSchema = z.object({
  type: z.literal("block_actions"),
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: z.object({ ts: z.string() }),
  actions: z.tuple([z.object({ value: z.string().regex(/^[0-9a-f]{32}$/), action_ts: z.string() })], z.unknown()),
});

/** Messages with a subtype are edits, joins, bots' posts and the like. */
const messageSchema = z.object({
  type: z.literal("event_callback"),
  authorizations: z.array(z.object({ user_id: z.string() })),
  event: z.object({
    type: z.literal("message"),
    subtype: z.literal("thread_broadcast").optional(),
    bot_id: z.undefined().optional(),
    user: z.string(),
    text: z.string(),
    ts: z.string(),
    thread_ts: z.string().optional(),
    parent_user_id: z.string().optional(),
    channel: z.string(),
  }),
});

const payloadSchema = z.discriminatedUnion("type", [tapSchema, messageSchema]);

function readTap(
  { user, channel, message, actions: [{ value, action_ts }] }: z.infer<typeof tapSchema>,
  { channelId, userIds }: HearingRules,
): SlackHeard | undefined {
  if (channel.id !== channelId && !isDirect(channel.id)) return undefined;
  return {
    place: { channel: channel.id, user: user.id, thread: isDirect(channel.id) ? message.ts : undefined },
    isStranger: !userIds.has(user.id),
    key: `${channel.id}:${message.ts}:${user.id}:${action_ts}`,
    said: { kind: "tap", nonce: value },
  };
}

function readMessage(
  { event, authorizations }: z.infer<typeof messageSchema>,
  { channelId, userIds }: HearingRules,
): SlackHeard | undefined {
  const { user, channel, ts, thread_ts: thread } = event;
  const bots = authorizations.map(({ user_id }) => user_id);
  const [, mentioned = "", rest = ""] = /^\s*(?:<@(\w+)(?:\|[^>]*)?>)?([^]*)$/.exec(event.text) ?? [];
  const isAddressed = bots.includes(mentioned);
  const text = typedText(isAddressed ? rest : event.text).trim();
  if ((channel !== channelId && !isDirect(channel)) || !userIds.has(user) || text === "") return undefined;
  const heard = { place: { channel, user, thread: thread ?? (isDirect(channel) ? ts : undefined) }, isStranger: false };
  const key = `${channel}:${ts}`;
  // In the thread of one of our posts.
  if (thread !== undefined && thread !== ts && bots.includes(event.parent_user_id ?? "")) {
    return { ...heard, key, said: { kind: "reply", text, handle: `${channel}:${thread}` } };
  }
  return isAddressed || isDirect(channel) ? { ...heard, key, said: { kind: "message", text } } : undefined;
}
