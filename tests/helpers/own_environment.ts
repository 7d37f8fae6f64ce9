/**
 * What a program under test finds in its environment: nothing of the developer's own, which would change the run, or
 * send it to a real service.
 *
 * @module
 */
import { join } from "node:path";

/** The environment of a program that has this folder for its temporary files. */
export function ownEnvironment(temporary: string): Readonly<Record<string, string>> {
  return {
    PATH: Deno.env.get("PATH") ?? "",
    TMPDIR: temporary,
    DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "/", ".cache", "deno"),
    DENO_NO_UPDATE_CHECK: "1",
    GIT_AUTHOR_NAME: "me",
    GIT_AUTHOR_EMAIL: "me@localhost",
    GIT_COMMITTER_NAME: "me",
    GIT_COMMITTER_EMAIL: "me@localhost",
  };
}
