/**
 * Walls as a profile of macOS's `sandbox-exec`. Written after the profiles that Claude Code and Codex use, and untested:
 * see docs/platforms.md. Seatbelt can neither show one folder in the place of another nor end what an agent started.
 *
 * @module
 */
import { orderWalls, type Wall } from "./walls.ts";

/** The profile. The last rule that matches counts. */
export function seatbeltProfile(walls: readonly Wall[], { hasNetwork }: { readonly hasNetwork: boolean }): string {
  return [
    "(version 1)",
    "(allow default)",
    '(deny file-write* (subpath "/"))',
    '(allow file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty") (subpath "/dev/fd"))',
    ...orderWalls(walls).map(rule),
    ...(hasNetwork ? [] : ["(deny network*)"]),
  ].join("\n");
}

function rule({ path, access }: Wall): string {
  // JSON's strings are Scheme's, as far as paths go.
  const place = `(subpath ${JSON.stringify(path)})`;
  switch (access) {
    case "read":
      return `(deny file-write* ${place})`;
    case "write":
      return `(allow file-read* file-write* ${place})`;
    case "empty":
    case "hidden":
    case "link":
      return `(deny file-read* file-write* network-outbound ${place})`;
  }
}
