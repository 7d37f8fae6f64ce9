/**
 * Cuts texts to what a service shows.
 *
 * @module
 */

/**
 * Cuts a text between characters; a cut text ends in `…`.
 *
 * @param maxLength In UTF-16 units.
 */
export function cutText(text: string, maxLength: number): string {
  const whole = text.toWellFormed();
  if (whole.length <= maxLength) return whole;
  const part = whole.slice(0, Math.max(0, maxLength - 1));
  // Half of a pair stands for no character.
  return `${part.isWellFormed() ? part : part.slice(0, -1)}…`;
}
