/**
 * A post as a notification.
 *
 * @module
 */
import { cutText } from "../../text/cut_text.ts";
import type { Offer, Post } from "../post.ts";
import type { Note } from "./notify_send.ts";

/** Most desktops show no more buttons, and only the beginning of a text. */
const MAX_BUTTONS = 3;
const MAX_SUMMARY = 150;
const MAX_BODY = 500;

/** The notification for a post. */
export function noteOf({ mark, title, facts, text, offers, isSilent, isSettled }: Post): Note {
  const more = offers.length > MAX_BUTTONS ? ["More choices in the terminal"] : [];
  return {
    summary: cutText(`${mark} ${title}`, MAX_SUMMARY),
    body: [facts.join(" · "), cutText(text, MAX_BODY), ...more].filter((line) => line !== "").join("\n"),
    isUrgent: offers.length > 0 && !isSettled && !isSilent,
    isSilent,
  };
}

/** The offers that become buttons. */
export function buttonsOf({ offers }: Post): readonly Offer[] {
  return offers.slice(0, MAX_BUTTONS);
}
