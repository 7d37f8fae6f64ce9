/**
 * Makes sure that the worker writes into the session's own folders: an agent can put a link in their place.
 *
 * @module
 */
import { lstatIfExists } from "../system/files/files.ts";
import { SamocodeError } from "../text/errors.ts";
import type { Layout } from "./layout.ts";

/**
 * Prepares a check to be called before each attempt.
 *
 * @returns The check. It throws a {@linkcode SamocodeError} if the folder is another one, or its logs are no folder.
 */
export function guardFolder({ folder, logs }: Pick<Layout, "folder" | "logs">): () => void {
  const first = lstatIfExists(folder);
  return () => {
    const now = lstatIfExists(folder);
    if (now?.ino !== first?.ino || now?.dev !== first?.dev) throw replaced(folder, "it was moved or replaced");
    if (lstatIfExists(logs)?.isDirectory === false) throw replaced(logs, "it is a link or a file");
  };
}

function replaced(path: string, what: string): SamocodeError {
  return new SamocodeError("conflict", `Cannot go on in ${path}: ${what}`, {
    hint: "An agent may have done it. Put the session's own folder back, then run the session again",
  });
}
