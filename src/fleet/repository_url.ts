/**
 * Which repositories a fleet accepts. Their URLs are untrusted, and git would run a program for some.
 *
 * @module
 */
import { SamocodeError } from "../text/errors.ts";

/** Longer than any real URL. */
const MAX_LENGTH = 2_000;

/**
 * The accepted forms. `host::path` and `ext::command` would start programs, and ssh would read a host that starts with
 * a hyphen as an option.
 */
const FORMS: readonly RegExp[] = [
  /^https:\/\/(?:[\w.~%+-]+@)?[A-Za-z0-9[][\w.:[\]-]*\/\S+$/,
  /^ssh:\/\/(?:[\w.~%+]+[\w.~%+-]*@)?[A-Za-z0-9[][\w.:[\]-]*\/[^\s]+$/,
  /^(?:[\w.]+[\w.-]*@)?[A-Za-z0-9][\w.-]*:(?!\/\/)[^\s:-][^\s:]*$/,
  /^file:\/\/\/.+$/,
  /^\/.+$/,
];

/**
 * Checks a repository's URL or path: https, ssh, `user@host:path`, `file://` or an absolute path.
 *
 * @returns The same text.
 * @throws {SamocodeError} For any other, and for one with a password: many people can read the fleet's tables.
 */
export function readRepository(text: string): string {
  const problem = problemWith(text);
  if (problem === undefined) return text;
  // The message must not show a password, either.
  const shown = JSON.stringify(text.slice(0, 100).replace(/\/\/[^/]*@/, "//…@"));
  throw new SamocodeError("usage", `Cannot use ${shown} as a repository of a fleet: ${problem}`, {
    hint: "Use a URL such as https://host/team/project.git or git@host:team/project.git, or an absolute path",
  });
}

function problemWith(text: string): string | undefined {
  if (text === "") return "it is empty";
  if (text.length > MAX_LENGTH) return `it is over ${MAX_LENGTH} characters long`;
  if (/\p{Cc}/u.test(text)) return "it has a control character";
  if (/^[a-z+]+:\/\/[^/@]*:[^/@]*@/i.test(text)) return "it contains a password, but workers use their own logins";
  if (!FORMS.some((form) => form.test(text))) return "git would have to run another program to reach it";
  return undefined;
}
