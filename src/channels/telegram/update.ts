/**
 * Reads Telegram's updates: who said what, and whether it counts.
 *
 * @module
 */
import { type Check, type Checked, flag, listOf, number, optional, record, text } from "../../workflow/shape.ts";
import { ChannelError } from "../open_channel.ts";
import type { Said } from "../post.ts";
import type { Deciders } from "./deciders.ts";
import { handleOf } from "./handle.ts";

/** What an update means. */
export type Reading =
  | { readonly kind: "said"; readonly user: number; readonly said: Said; readonly origin: Origin }
  /** A button pressed by someone who may not decide. */
  | { readonly kind: "refused"; readonly query: string }
  | { readonly kind: "nothing" };

/** Where an answer goes: a button's query, and the message that was pressed or sent. */
export interface Origin {
  readonly query: string | undefined;
  readonly message: number;
}

/** Who reads, and who may decide. */
export interface Reader extends Deciders {
  /** The value of TELEGRAM_CHAT_ID. */
  readonly chatId: string;
  /** The bot's ID. */
  readonly bot: number;
  /** The bot's username, without `@`. */
  readonly username: string;
}

const NOTHING: Reading = { kind: "nothing" };

const anything: Check<unknown> = (_value): _value is unknown => true;
const user = record({ id: number, is_bot: flag });
const somewhere = { message_id: number, chat: record({ id: number }) };

const isQuery = record({
  id: text,
  from: user,
  // Old messages come without their text, and buttons of inline messages without any message.
  message: optional(record(somewhere)),
  data: optional(text),
});

const isMessage = record({
  ...somewhere,
  from: optional(user),
  text: optional(text),
  reply_to_message: optional(record({ ...somewhere, from: optional(user), document: anything })),
  // Present if the text is not the sender's own or was sent in another name.
  sender_chat: anything,
  forward_origin: anything,
  forward_date: anything,
  via_bot: anything,
});

const areUpdates = listOf(
  record({ update_id: number, callback_query: optional(anything), message: optional(anything) }),
);

type Query = Checked<typeof isQuery>;
type Message = Checked<typeof isMessage>;

/** An update of any kind. */
export type NumberedUpdate = Checked<typeof areUpdates>[number];

/**
 * Reads the answer to `getUpdates`.
 *
 * @throws {ChannelError} If it cannot be read.
 */
export function readUpdates(answer: unknown): readonly NumberedUpdate[] {
  if (areUpdates(answer) && answer.every(({ update_id }) => Number.isSafeInteger(update_id))) return answer;
  throw new ChannelError("Cannot read Telegram's updates", { retryAfterMs: 0 });
}

/**
 * Reads the answer to `getMe`.
 *
 * @throws {ChannelError} If it cannot be read.
 */
export function readUsername(answer: unknown): string {
  if (isBot(answer)) return answer.username;
  throw new ChannelError("Telegram's answer does not name the bot", { retryAfterMs: 0 });
}

const isBot = record({ username: text });

/** Reads an update. Anything but buttons and new messages in the expected form is ignored. */
export function readUpdate(update: NumberedUpdate, reader: Reader): Reading {
  const { callback_query: query, message } = update;
  if (isQuery(query)) return readQuery(query, reader);
  return isMessage(message) ? readMessage(message, reader) : NOTHING;
}

function readQuery({ id, from, message, data }: Query, reader: Reader): Reading {
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

function readMessage(message: Message, reader: Reader): Reading {
  const { from, text: words, reply_to_message: replied, sender_chat, forward_origin, forward_date, via_bot } = message;
  const isOwn = [sender_chat, forward_origin, forward_date, via_bot].every((mark) => mark === undefined);
  if (from === undefined || words === undefined || !isOwn) return NOTHING;
  if (!mayDecide(from, { ...reader, at: message.chat.id })) return NOTHING;
  const said = readText(words, { replied, reader });
  if (said === undefined) return NOTHING;
  return { kind: "said", user: from.id, said, origin: { query: undefined, message: message.message_id } };
}

function mayDecide(from: Checked<typeof user>, { chat, people, at }: Deciders & { readonly at: number }): boolean {
  return at === chat && !from.is_bot && people.has(from.id);
}

const COMMAND = /^\/(?<name>\w+)(?:@(?<bot>\w+))?(?:\s+(?<rest>.*))?$/s;

function readText(
  words: string,
  { replied, reader }: {
    readonly replied: Message["reply_to_message"];
    readonly reader: Reader;
  },
): Said | undefined {
  const { name = "", bot = reader.username, rest = "" } = COMMAND.exec(words)?.groups ?? {};
  if (bot.toLowerCase() !== reader.username.toLowerCase()) return undefined;
  // A client sends /start when a person opens the chat.
  if (name !== "") return { kind: "message", text: `${name === "start" ? "help" : name} ${rest}`.trim() };
  if (replied?.from?.id === reader.bot) {
    const isDocument = replied.document !== undefined;
    return {
      kind: "reply",
      text: words,
      handle: handleOf({ chat: reader.chatId, message: replied.message_id, isDocument }),
    };
  }
  // In a group, people also talk to each other.
  return reader.chat > 0 ? { kind: "message", text: words } : undefined;
}
