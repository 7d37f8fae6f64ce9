/**
 * A copy of a worktree's index in the program's cache, for git to lock and fill. A worker that dies leaves nothing but this
 * copy, and the next one replaces it.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { lstatIfExists, removeFolder } from "../system/files/files.ts";

/** Whose worktree it is. */
export interface CheckpointSubject {
  /** The session's name, without its day. */
  readonly name: string;
  readonly sessionFolder: string;
  readonly cacheFolder: string;
  /** Where the session works. */
  readonly workplace: string;
  /** In the environment of every git, so that a new worker finds those that a dead one left. */
  readonly marker?: string | undefined;
}

/** Where git uses the copy. */
export interface ScratchIndex extends Disposable {
  readonly folder: string;
  readonly marker: string | undefined;
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
}

/** In milliseconds: to hash and compress 1 GiB of new files takes a minute on a slow disk. */
export const WITHIN_MS = 5 * 60_000;

/** Signs commits of the program: the person's name is for what the person commits. */
export const SIGNATURE = {
  GIT_AUTHOR_NAME: "samocode",
  GIT_AUTHOR_EMAIL: "samocode@localhost",
  GIT_COMMITTER_NAME: "samocode",
  GIT_COMMITTER_EMAIL: "samocode@localhost",
};

/** Mixed line ends must not keep a file from being kept, and hooks are for what people and agents do. */
const SETTINGS = {
  GIT_CONFIG_COUNT: "2",
  GIT_CONFIG_KEY_0: "core.safecrlf",
  GIT_CONFIG_VALUE_0: "false",
  GIT_CONFIG_KEY_1: "core.hooksPath",
  GIT_CONFIG_VALUE_1: "/dev/null",
};

/**
 * Copies an index. Only the holder of the session's lock may.
 *
 * @param original Where the index is; one that is missing counts as empty.
 */
export function copyIndex(
  { sessionFolder, cacheFolder, workplace, marker }: CheckpointSubject,
  original: string | undefined,
): ScratchIndex {
  const own = scratchFolder({ sessionFolder, cacheFolder });
  removeFolder(own);
  Deno.mkdirSync(own, { recursive: true, mode: 0o700 });
  const index = join(own, "index");
  const found = original === undefined ? undefined : lstatIfExists(original);
  if (original !== undefined && found?.isFile) {
    Deno.copyFileSync(original, index);
    // Git reads files again that changed since its index was written. Whole seconds, as it may compare no more.
    const writtenAt = Math.floor((found.mtime?.getTime() ?? 0) / 1000);
    Deno.utimeSync(index, writtenAt, writtenAt);
  }
  return {
    folder: workplace,
    marker,
    timeoutMs: WITHIN_MS,
    env: { GIT_INDEX_FILE: index, ...SIGNATURE, ...SETTINGS },
    [Symbol.dispose]: () => removeFolder(own),
  };
}

/** Removes the copy that a worker left that died. */
export function removeScratchIndex(subject: CheckpointSubject): void {
  removeFolder(scratchFolder(subject));
}

function scratchFolder(
  { sessionFolder, cacheFolder }: Pick<CheckpointSubject, "sessionFolder" | "cacheFolder">,
): string {
  const session = createHash("sha256").update(sessionFolder).digest("hex").slice(0, 16);
  return join(cacheFolder, "checkpoint", session);
}
