/**
 * A post in Telegram's form: https://core.telegram.org/bots/api#html-style
 *
 * @module
 */
import { cutText } from "../../text/cut_text.ts";
import type { Offer, Post } from "../post.ts";

/** The longest text of a message, in UTF-16 units without tags: https://core.telegram.org/bots/api#sendmessage */
export const MAX_TEXT = 4096;

/** The longest text below a file: https://core.telegram.org/bots/api#senddocument */
export const MAX_CAPTION = 1024;

/** The longest answer to a button: https://core.telegram.org/bots/api#answercallbackquery */
export const MAX_TOAST = 200;

const MAX_TITLE = 200;
const MAX_FACTS = 300;
const MAX_REPLY = 200;

/** A phone shows about 35 characters in a row of its width. */
const MAX_ROW = 30;
const MAX_IN_ROW = 3;
const MAX_LABEL = 60;

/** Telegram's limit: https://core.telegram.org/bots/api#inlinekeyboardmarkup */
const MAX_BUTTONS = 100;

/** A button, in the names of the API. */
export interface KeyboardButton {
  readonly text: string;
  readonly callback_data: string;
}

/**
 * A post as HTML. Only the long text is cut, so that the rest stays readable.
 *
 * @param maxLength In UTF-16 units, without tags and with entities replaced.
 */
export function htmlOf({ mark, title, facts, text, reply }: Post, maxLength: number): string {
  const head = cutText(`${mark} ${title}`.trim(), MAX_TITLE);
  const known = cutText(facts.join(" · "), MAX_FACTS);
  const foot = cutText(reply, MAX_REPLY);
  const others = [head, known, foot].filter((part) => part !== "");
  const room = maxLength - others.reduce((sum, part) => sum + part.length + 2, 0);
  const body = cutText(text.trim(), room);
  const top = [`<b>${escapeHtml(head)}</b>`, escapeHtml(known)].filter((part) => part !== "").join("\n");
  return [top, escapeHtml(body), foot && `<i>${escapeHtml(foot)}</i>`].filter((part) => part !== "").join("\n\n");
}

/** Arranges buttons in rows; short ones share a row. */
export function keyboardOf(offers: readonly Offer[]): KeyboardButton[][] {
  const rows: KeyboardButton[][] = [];
  let length = 0;
  for (const { label, nonce } of offers.slice(0, MAX_BUTTONS)) {
    const text = cutText(label, MAX_LABEL);
    const row = rows.at(-1);
    length += text.length;
    if (row !== undefined && row.length < MAX_IN_ROW && length <= MAX_ROW) {
      row.push({ text, callback_data: nonce });
      continue;
    }
    rows.push([{ text, callback_data: nonce }]);
    length = text.length;
  }
  return rows;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
