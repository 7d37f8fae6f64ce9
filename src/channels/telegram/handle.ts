/**
 * Names a message of the bot. A reply shows enough of its message to name it the same way.
 *
 * @module
 */

/** A message of the bot. */
export interface Place {
  /** The value of TELEGRAM_CHAT_ID. */
  readonly chat: string;
  readonly message: number;
  /** Whether it is a file with a caption: these are edited in another way than texts. */
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
