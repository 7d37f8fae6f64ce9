/**
 * Describes the work of a session: what was adopted, what is committed and where it went.
 *
 * @module
 */
import { formatCount } from "../text/format.ts";
import type { Adoption, Finish, Work } from "../workflow/work.ts";

/** `in testing after 3 iterations on add-jwt, gates closed`. */
export function describeAdoption({ phase, iterations, workplace }: Adoption): string {
  const where = workplace?.branch === undefined ? "" : ` on ${workplace.branch}`;
  return `in ${phase} after ${formatCount(iterations, "iteration")}${where}, gates closed`;
}

/** `3 commits · 5 files · +120 −8`. */
export function describeWork({ commits, files, added, removed }: Work): string {
  return [formatCount(commits, "commit"), formatCount(files, "file"), `+${added} −${removed}`].join(" · ");
}

/** `merged into main as 4f1c2aa7d0`, or `pushed to origin/add-jwt, https://…`. */
export function describeFinish({ how, into, commit, url }: Finish): string {
  if (how === "merged") return `merged into ${into} as ${commit.slice(0, 10)}`;
  return `pushed to ${into}${url === undefined ? "" : `, ${url}`}`;
}
