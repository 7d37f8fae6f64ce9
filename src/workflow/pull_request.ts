/**
 * The pull-request text that a session leaves: its first line is the title.
 *
 * @module
 */

/** A title and a text, as a service takes them. */
export interface PullRequestText {
  readonly title: string;
  readonly body: string;
}

/** What GitHub takes as a title. */
const MAX_TITLE = 256;

/** Reads the text; `undefined` if there is no title. */
export function readPullRequest(text: string): PullRequestText | undefined {
  const [first = "", ...rest] = text.trim().split(/\r?\n/);
  const title = first.replace(/^(?:#+\s*|title:\s*)+/i, "").trim().slice(0, MAX_TITLE);
  return title === "" ? undefined : { title, body: `${rest.join("\n").trim()}\n` };
}
