/**
 * Handles for the bot's messages. A reply contains enough to derive its message's handle.
 *
 * @module
 */

/** A message of the bot. */
export interface Place {
  /** The value of TELEGRAM_CHAT_ID. */
  readonly chat: string;
  readonly message: number;
  /** Whether it is a file with a caption, which is edited with another method than text. */
  readonly isDocument: boolean;
}

/** The handle of a message. */
export function handleOf({ chat, message, isDocument }: Place): string {
  return `${chat}/${message}${isDocument ? "/document" : ""}`;
}

/** The message of a handle; `undefined` for one that is not ours. */
export function placeOf(handle: string): Place | undefined {
  const [, chat = "", message = "", document] = /^([^/]{1,100})\/(\d{1,15})(\/document)?$/.exec(handle) ?? [];
  return chat === "" ? undefined : { chat, message: Number(message), isDocument: document !== undefined };
}
