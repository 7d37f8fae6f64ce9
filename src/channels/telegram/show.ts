/**
 * Shows posts in the chat: sends new ones and edits earlier ones.
 *
 * @module
 */
import { InputFile } from "grammy/web";
import { number, record } from "../../workflow/shape.ts";
import { ChannelError, type ShowOptions } from "../open_channel.ts";
import type { Post } from "../post.ts";
import { type Bot, BotError } from "./bot.ts";
import { handleOf, type Place, placeOf } from "./handle.ts";
import { htmlOf, keyboardOf, MAX_CAPTION, MAX_TEXT } from "./message.ts";

/** Where to show it: the bot, and the value of TELEGRAM_CHAT_ID. */
export interface Chat {
  readonly bot: Bot;
  readonly chat: string;
}

/**
 * Shows a post as one message, so that it is never shown in part: a post with a document is a file with a caption.
 * Later versions of a post have the same document or none.
 *
 * @returns Its handle.
 * @throws {ChannelError}
 */
export async function showPost(post: Post, { handle, abort, bot, chat }: ShowOptions & Chat): Promise<string> {
  const shown = handle === undefined ? undefined : placeOf(handle);
  const safe = withoutToken(post, bot);
  // In a chat that is no longer configured, only settled posts are updated.
  const isHere = shown !== undefined && (post.isSettled || shown.chat === chat);
  if (isHere && await edit(safe, { bot, abort, ...shown })) return handleOf(shown);
  return await send(safe, { bot, abort, chat });
}

/** Removes the token before anything is cut, since part of a token would not be found. */
function withoutToken(post: Post, bot: Bot): Post {
  const { title, facts, text, document, offers, reply } = post;
  const safe = (said: string): string => bot.withoutToken(said);
  return {
    ...post,
    title: safe(title),
    facts: facts.map(safe),
    text: safe(text),
    document: document && { name: safe(document.name), text: safe(document.text) },
    offers: offers.map(({ nonce, label }) => ({ nonce, label: safe(label) })),
    reply: safe(reply),
  };
}

async function send(post: Post, { bot, chat, abort }: Chat & { readonly abort: AbortSignal }): Promise<string> {
  const options = { ...formOf(post), disable_notification: post.isSilent };
  // Telegram does not accept empty files.
  const document = post.document?.text === "" ? undefined : post.document;
  const sent = await bot.call<unknown>(
    (api) =>
      document === undefined
        ? api.sendMessage(chat, htmlOf(post, MAX_TEXT), { ...options, ...NO_PREVIEW })
        : api.sendDocument(chat, fileOf(document), { ...options, caption: htmlOf(post, MAX_CAPTION) }),
    { abort },
  );
  if (!isSent(sent)) throw new ChannelError("Telegram's answer has no message ID", { retryAfterMs: undefined });
  return handleOf({ chat, message: sent.message_id, isDocument: document !== undefined });
}

const isSent = record({ message_id: number });

function fileOf({ name, text }: NonNullable<Post["document"]>): InputFile {
  return new InputFile(new TextEncoder().encode(text), name.replaceAll(/[^\w.-]+/g, "_"));
}

/** @returns Whether the message is up to date. It may be deleted or too old to edit. */
async function edit(
  post: Post,
  { bot, chat, message, isDocument, abort }: Place & { readonly bot: Bot; readonly abort: AbortSignal },
): Promise<boolean> {
  const html = htmlOf(post, isDocument ? MAX_CAPTION : MAX_TEXT);
  const form = formOf(post);
  try {
    await bot.call<unknown>(
      (api) =>
        isDocument
          ? api.editMessageCaption(chat, message, { ...form, caption: html })
          : api.editMessageText(chat, message, html, { ...form, ...NO_PREVIEW }),
      { abort },
    );
    return true;
  } catch (error) {
    if (!(error instanceof BotError) || error.status !== 400) throw error;
    return error.description.includes("message is not modified");
  }
}

interface Form {
  readonly parse_mode: "HTML";
  readonly reply_markup: { readonly inline_keyboard: ReturnType<typeof keyboardOf> };
}

function formOf({ offers, isSettled }: Post): Form {
  return { parse_mode: "HTML", reply_markup: { inline_keyboard: keyboardOf(isSettled ? [] : offers) } };
}

const NO_PREVIEW = { link_preview_options: { is_disabled: true } } as const;
