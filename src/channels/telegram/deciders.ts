/**
 * Who may decide on Telegram.
 *
 * @module
 */

/** The settings that determine it. */
export interface ChatSettings {
  readonly chatId: string;
  /** Numbers, separated by commas or spaces. */
  readonly userIds: string;
}

/** Who may decide, and where. */
export interface Deciders {
  readonly chat: number;
  readonly people: ReadonlySet<number>;
}

/**
 * Reads who may decide: the owner of a private chat, or the users named for a group.
 *
 * @returns The problem and its fix if nobody may decide.
 */
export function readDeciders({ chatId, userIds }: ChatSettings): Deciders | string {
  const names = userIds.split(/[\s,]+/).filter((name) => name !== "");
  if (!/^-?\d{1,16}$/.test(chatId.trim())) {
    return "TELEGRAM_CHAT_ID is not a number: set it to the chat's id to decide there";
  }
  // Accepting part of a list would lock out someone who believes they are on it.
  if (!names.every((name) => /^\d{1,16}$/.test(name))) {
    return "TELEGRAM_USER_IDS takes numbers only, such as 123456789: ask @userinfobot for yours";
  }
  const chat = Number(chatId);
  // A private chat's ID is its owner's; IDs of groups and channels are negative.
  const people = new Set([...names.map(Number), ...(chat > 0 ? [chat] : [])]);
  if (people.size === 0) return "The chat is a group: set TELEGRAM_USER_IDS to the ids of those who may decide there";
  return { chat, people };
}
