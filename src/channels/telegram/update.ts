/**
 * Reads what Telegram passes on: who said what, and whether it counts.
 *
 * @module
 */
import * as z from "zod";
import { ChannelError } from "../open_channel.ts";
import type { Said } from "../post.ts";
import type { Deciders } from "./deciders.ts";
import { handleOf } from "./handle.ts";

/** What an update comes to. */
export type Reading =
  | { readonly kind: "said"; readonly user: number; readonly said: Said; readonly origin: Origin }
  /** A button that somebody pressed who may not. */
  | { readonly kind: "refused"; readonly query: string }
  | { readonly kind: "nothing" };

/** Where an answer goes: to the query of a button, and to the message that was pressed or said. */
export interface Origin {
  readonly query: string | undefined;
  readonly message: number;
}

/** An update of any kind. */
export interface NumberedUpdate {
  readonly update_id: number;
}

/** Who reads, and who may decide. */
export interface Reader extends Deciders {
  /** The value of TELEGRAM_CHAT_ID. */
  readonly chatId: string;
  /** The number of the bot. */
  readonly bot: number;
  /** Of the bot, without `@`. */
  readonly username: string;
}

const NOTHING: Reading = { kind: "nothing" };

const user = z.object({ id: z.int(), is_bot: z.boolean() });
const chat = z.object({ id: z.int() });
const somewhere = z.object({ message_id: z.int(), chat });

const schema = z.object({
  update_id: z.int().min(0),
  callback_query: z.object({
    id: z.string(),
    from: user,
    // An old message comes without its text; a button of an inline message without any message.
    message: somewhere.optional(),
    data: z.string().optional(),
  }).optional(),
  message: somewhere.extend({
    from: user.optional(),
    text: z.string().optional(),
    reply_to_message: somewhere.extend({ from: user.optional(), document: z.unknown().optional() }).optional(),
    // Words that are not this person's own, or said in another's name.
    sender_chat: z.unknown().optional(),
    forward_origin: z.unknown().optional(),
    forward_date: z.unknown().optional(),
    via_bot: z.unknown().optional(),
  }).optional(),
});

/**
 * Reads the answer to `getUpdates`.
 *
 * @throws {ChannelError} If it is none.
 */
export function readUpdates(answer: unknown): readonly NumberedUpdate[] {
  const { data } = z.array(z.looseObject({ update_id: schema.shape.update_id })).safeParse(answer);
  if (data === undefined) throw new ChannelError("Telegram's updates are not in its form", { retryAfterMs: 0 });
  return data;
}

/** Reads an update. Other kinds than buttons and new messages, and whatever has another form, come to nothing. */
export function readUpdate(update: NumberedUpdate, reader: Reader): Reading {
  const { callback_query: query, message } = schema.safeParse(update).data ?? {};
  if (query !== undefined) return readQuery(query, reader);
  return message === undefined ? NOTHING : readMessage(message, reader);
}

type Update = z.infer<typeof schema>;

function readQuery({ id, from, message, data }: NonNullable<Update["callback_query"]>, reader: Reader): Reading {
  if (message === undefined || !mayDecide(from, { ...reader, at: message.chat.id })) {
    return { kind: "refused", query: id };
  }
  if (data === undefined) return NOTHING;
  return {
    kind: "said",
    user: from.id,
    said: { kind: "tap", nonce: data },
    origin: { query: id, message: message.message_id },
  };
}

function readMessage(message: NonNullable<Update["message"]>, reader: Reader): Reading {
  const { from, text, reply_to_message: replied, sender_chat, forward_origin, forward_date, via_bot } = message;
  const isOwn = [sender_chat, forward_origin, forward_date, via_bot].every((mark) => mark === undefined);
  if (from === undefined || text === undefined || !isOwn) return NOTHING;
  if (!mayDecide(from, { ...reader, at: message.chat.id })) return NOTHING;
  const said = readText(text, { replied, reader });
  if (said === undefined) return NOTHING;
  return { kind: "said", user: from.id, said, origin: { query: undefined, message: message.message_id } };
}

function mayDecide(from: z.infer<typeof user>, { chat, people, at }: Deciders & { readonly at: number }): boolean {
  return at === chat && !from.is_bot && people.has(from.id);
}

const COMMAND = /^\/(?<name>\w+)(?:@(?<bot>\w+))?(?:\s+(?<rest>.*))?$/s;

function readText(
  text: string,
  { replied, reader }: {
    readonly replied: NonNullable<Update["message"]>["reply_to_message"];
    readonly reader: Reader;
  },
): Said | undefined {
  const { name = "", bot = reader.username, rest = "" } = COMMAND.exec(text)?.groups ?? {};
  if (bot.toLowerCase() !== reader.username.toLowerCase()) return undefined;
  // A client sends /start when a person opens the chat.
  if (name !== "") return { kind: "message", text: `${name === "start" ? "help" : name} ${rest}`.trim() };
  if (replied?.from?.id === reader.bot) {
    const isDocument = replied.document !== undefined;
    return { kind: "reply", text, handle: handleOf({ chat: reader.chatId, message: replied.message_id, isDocument }) };
  }
  // In a group people talk to one another.
  return reader.chat > 0 ? { kind: "message", text } : undefined;
}
