/**
 * A post as a Slack message.
 *
 * @module
 */
import { cutText } from "../../text/cut_text.ts";
import type { Offer, Post } from "../post.ts";
import { escapedPieces, escapeSlack } from "./slack_text.ts";

/** A message's content: blocks, and a text for notifications and old clients. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly unknown[];
}

/** Slack refuses more than about 13,000 characters in all blocks; longer texts come as a document. */
const MAX_TEXT_BLOCKS = 3;
const MAX_LINE = 1000;

/** From https://docs.slack.dev/reference/block-kit/blocks/actions-block and its button element. */
const MAX_BUTTONS = 25;
const MAX_LABEL = 75;

const MAX_NOTIFICATION = 500;

/** The message for a post. */
export function messageOf({ mark, title, facts, text, offers, reply }: Post): SlackMessage {
  const pieces = escapedPieces(text);
  const shown = pieces.slice(0, MAX_TEXT_BLOCKS);
  return {
    text: escapeSlack(cutText(`${mark} ${title}\n${text}`.trim(), MAX_NOTIFICATION)),
    blocks: [
      ...section(`${mark} *${escapedLine(title)}*`),
      ...context(facts.join(" · ")),
      ...shown.flatMap(section),
      ...context(pieces.length > shown.length ? "… and more" : ""),
      ...context(reply === "" ? "" : `${reply} (in the thread)`),
      ...actions(offers),
    ],
  };
}

function section(text: string): readonly unknown[] {
  return [{ type: "section", text: { type: "mrkdwn", text, verbatim: true } }];
}

/** Small print. */
function context(text: string): readonly unknown[] {
  if (text.trim() === "") return [];
  return [{ type: "context", elements: [{ type: "mrkdwn", text: escapedLine(text), verbatim: true }] }];
}

function actions(offers: readonly Offer[]): readonly unknown[] {
  if (offers.length === 0) return [];
  const elements = offers.slice(0, MAX_BUTTONS).map(({ nonce, label }, index) => ({
    type: "button",
    action_id: `offer-${index}`,
    text: { type: "plain_text", text: cutText(label, MAX_LABEL), emoji: false },
    value: nonce,
    ...(index === 0 && { style: "primary" }),
  }));
  return [{ type: "actions", elements }];
}

/** Escapes a line and cuts it without splitting an entity. */
function escapedLine(text: string): string {
  return cutText(escapeSlack(text), MAX_LINE).replace(/&[a-z]{0,3}…$/, "…");
}
