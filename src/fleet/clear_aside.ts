/**
 * Deletes old set-aside copies whose commits are also on the remote.
 *
 * @module
 */
import { join } from "node:path";
import { forgetCopied } from "../session/copied_journal.ts";
import { askGit } from "../session/git.ts";
import { lstatIfExists, readTextIfExists, removeFolder } from "../system/files/files.ts";
import { unlessFailing } from "../text/errors.ts";
import { record, text } from "../workflow/shape.ts";
import { asideFolder, type AsideNote, NOTE } from "./aside.ts";
import { knownCheckpoint } from "./checkpoint.ts";
import type { FleetPlace } from "./machine.ts";

/** How long, and up to what total size, set-aside copies are kept once the remote has their commits. */
const KEPT = { days: 14, bytes: 20 * 1024 ** 3 } as const;

const DAY_MS = 24 * 60 * 60_000;

/**
 * Removes the oldest set-aside copies whose commits are all in the session's newest checkpoint.
 *
 * @param place.stateFolder Holds the heads of their journals, which are removed as well.
 * @returns The removed folders.
 */
export async function clearAside(
  { now = new Date(), stateFolder, ...place }: FleetPlace & { readonly stateFolder: string; readonly now?: Date },
): Promise<readonly string[]> {
  const parent = asideFolder(place);
  if (lstatIfExists(parent) === undefined) return [];
  // Oldest first: their names start with the time.
  const folders = [...Deno.readDirSync(parent)].map(({ name }) => join(parent, name)).sort();
  const sizes = new Map<string, number>();
  for (const folder of folders) sizes.set(folder, await sizeOf(folder));
  let bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const removed: string[] = [];
  for (const folder of folders) {
    const madeAt = lstatIfExists(join(folder, NOTE))?.mtime ?? now;
    const isOld = now.getTime() - madeAt.getTime() > KEPT.days * DAY_MS;
    if (!isOld && bytes <= KEPT.bytes) continue;
    const note = noteIn(folder);
    if (note === undefined || !await isElsewhere(note)) continue;
    for (const { name } of Deno.readDirSync(folder)) forgetCopied(join(folder, name), { stateFolder });
    removeFolder(folder);
    await removeRefs(note);
    bytes -= sizes.get(folder) ?? 0;
    removed.push(folder);
  }
  return removed;
}

const isNote = record({ repo: text, name: text, head: text, refs: text });

function noteIn(folder: string): AsideNote | undefined {
  const note: unknown = unlessFailing(() => JSON.parse(readTextIfExists(join(folder, NOTE)) ?? ""));
  return isNote(note) ? note : undefined;
}

async function isElsewhere({ repo, name, head }: AsideNote): Promise<boolean> {
  if (head === "") return true;
  try {
    const known = await knownCheckpoint(repo, name);
    return known !== undefined && await askGit(repo, "merge-base", "--is-ancestor", head, known.commit) !== undefined;
  } catch {
    return false;
  }
}

async function removeRefs({ repo, refs }: AsideNote): Promise<void> {
  const listed = await askGit(repo, "for-each-ref", "--format=%(refname)", refs).catch(() => undefined) ?? "";
  for (const ref of listed.split("\n").filter((ref) => ref !== "")) await askGit(repo, "update-ref", "-d", ref);
}

/** In bytes. Asynchronous, so that a large folder does not block everything else. */
async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      bytes += isDirectory ? await sizeOf(path) : (await Deno.lstat(path)).size;
    }
  } catch {
    // Unreadable entries count as nothing.
  }
  return bytes;
}
