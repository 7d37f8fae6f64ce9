/**
 * A session's name made from its task.
 *
 * @module
 */

/** Enough to tell sessions apart, short enough to type. */
const MAX_WORDS = 5;
const MAX_LENGTH = 40;

/**
 * Makes a name from the first words of a task: `Add JWT login!` is `add-jwt-login`. The result is a valid name whatever
 * the text; it may be taken.
 */
export function suggestName(task: string): string {
  const words = task.slice(0, 1000).normalize("NFKD").toLowerCase().replace(/['’\p{Mn}]/gu, "").match(/[a-z0-9]+/g);
  let name = "";
  for (const word of words?.slice(0, MAX_WORDS) ?? []) {
    const longer = name === "" ? word : `${name}-${word}`;
    if (name !== "" && longer.length > MAX_LENGTH) break;
    name = longer.slice(0, MAX_LENGTH);
  }
  return name === "" ? "session" : name;
}
