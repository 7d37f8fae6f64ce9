/**
 * What a session's work consists of at one moment, as hashes: the files in the workplace, the documents, the notebook.
 * Nothing of it is changed by reading it, not even git's index.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import { join } from "node:path";
import { wordsOfOthers } from "../workflow/notebook.ts";
import type { WorkState } from "../workflow/work.ts";
import { readBytesIfExists, readSoleTextIfExists } from "../system/files/files.ts";
import { askGit, complaintOf, type GitPlace } from "./git.ts";
import { recordOf } from "./layout.ts";
import { type Look, lookAt } from "./look.ts";
import { WITHIN_MS } from "./scratch_index.ts";
import type { SessionFolder } from "./session_folder.ts";

/** How many files are looked at. */
const MAX_FILES = 10_000;
/** How many of them are read, and how many bytes; of the others, size and time count. */
const MAX_READ_FILES = 1_000;
const MAX_READ_BYTES = 64 * 1024 * 1024;

/**
 * Reads the state. Never throws because of what an agent did.
 *
 * @returns It, and the look at the worktree that it comes from.
 */
export async function readWorkState(
  { layout, history }: SessionFolder,
): Promise<{ readonly state: WorkState; readonly look: Look | undefined }> {
  const { path, branch } = history.workplace ?? {};
  const own = [...recordOf(layout), layout.notebook, layout.signal];
  const place = path === undefined || branch === undefined
    ? undefined
    : { folder: path, marker: history.workerMarker, timeoutMs: WITHIN_MS };
  const look = place && await lookAt(place);
  return {
    state: {
      tree: path === undefined
        ? ""
        : place === undefined || look === undefined
        ? hashFolder(path, [join(path, ".git"), layout.folder])
        : await hashCheckout(place, look),
      documents: hashFolder(layout.folder, own),
      notebook: short(createHash("sha256").update(notebookOf(layout.notebook))),
    },
    look,
  };
}

/** A hash of the files in the workplace, the commit that is checked out, and how many files differ from it. */
export async function readCheckout(
  folder: SessionFolder,
): Promise<{ readonly tree: string; readonly commit?: string; readonly uncommitted: number }> {
  const { state: { tree }, look } = await readWorkState(folder);
  return { tree, ...(look?.head !== undefined && { commit: look.head }), uncommitted: look?.entries.length ?? 0 };
}

/** The paths in a worktree that are not committed, new files included; what git says if it cannot tell. */
export async function uncommittedPaths(worktree: string): Promise<readonly string[]> {
  const look = await lookAt(worktree);
  return look.code === 0 ? look.entries.map(pathIn) : [complaint(look)];
}

async function hashCheckout(place: Exclude<GitPlace, string>, look: Look): Promise<string> {
  const files = new FileHash();
  const text = look.code === 0 ? look.entries.map((entry) => `${entry}\0`).join("") : complaint(look);
  files.note(`${await treeOf(place, look.head)}\0${text}`);
  for (const path of look.entries.map(pathIn)) files.add(join(place.folder, path), path);
  return files.end();
}

/** A commit never changes, so git is asked again only after another one was made. */
let last: { readonly commit: string; readonly tree: string | undefined } | undefined;

/** The tree and not the commit: an empty commit, or one with another message, changes nothing. */
async function treeOf(place: GitPlace, commit: string | undefined): Promise<string | undefined> {
  if (commit === undefined) return undefined;
  if (last?.commit === commit) return last.tree;
  const tree = await askGit(place, "rev-parse", "--verify", "--quiet", `${commit}^{tree}`).catch(() => undefined);
  if (tree !== undefined) last = { commit, tree };
  return tree;
}

function complaint(look: Look): string {
  return `git status: ${complaintOf(look)}`;
}

/** `? PATH`, and `1` or `u` with 7 or 9 more fields before the path: git-status(1), "Porcelain Format Version 2". */
function pathIn(entry: string): string {
  const fields = { "1": 8, "u": 10 }[entry[0] ?? ""] ?? 1;
  return entry.split(" ").slice(fields).join(" ");
}

function hashFolder(root: string, skipped: readonly string[]): string {
  const files = new FileHash();
  // Level by level, so that the limits leave out the deepest files.
  for (let folders = [root]; folders.length > 0 && !files.isFull;) {
    const below: string[] = [];
    for (const folder of folders) {
      for (const { name, isDirectory } of entriesIn(folder)) {
        const path = join(folder, name);
        if (skipped.includes(path)) continue;
        if (isDirectory) below.push(path);
        else files.add(path, path);
      }
    }
    folders = below;
  }
  return files.end();
}

function entriesIn(folder: string): readonly Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1);
  } catch {
    return [];
  }
}

/** A hash over files, within the limits. */
class FileHash {
  readonly #hash: Hash = createHash("sha256");
  #files = 0;
  #bytes = 0;

  get isFull(): boolean {
    return this.#files >= MAX_FILES;
  }

  note(text: string): void {
    this.#hash.update(text + "\0");
  }

  add(path: string, name: string): void {
    if (this.isFull) return;
    this.#files++;
    this.note(name);
    try {
      const { isFile, isSymlink, size, mtime } = Deno.lstatSync(path);
      if (isSymlink) this.note(Deno.readLinkSync(path));
      if (!isFile) return;
      this.#bytes += size;
      const isRead = this.#files <= MAX_READ_FILES && this.#bytes <= MAX_READ_BYTES;
      const content = isRead ? readBytesIfExists(path, size) : undefined;
      this.#hash.update(content instanceof Uint8Array ? content : `${size} ${mtime?.getTime()}`);
    } catch {
      this.note("unreadable");
    }
  }

  end(): string {
    return short(this.#hash);
  }
}

function notebookOf(path: string): string {
  try {
    return wordsOfOthers(readSoleTextIfExists(path) ?? "");
  } catch {
    return "";
  }
}

function short(hash: Hash): string {
  return hash.digest("hex").slice(0, 16);
}
