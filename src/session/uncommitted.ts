/**
 * What differs from the last commit in a worktree, and what of that a checkpoint can keep.
 *
 * @module
 */
import { join } from "node:path";
import { lstatIfExists } from "../system/files/files.ts";
import { complaintOf } from "./git.ts";
import type { Look } from "./look.ts";
import { SamocodeError } from "../text/errors.ts";

/** What is not committed. */
export interface Uncommitted {
  /** The last commit; `undefined` if there is none yet. */
  readonly head: string | undefined;
  /** Tracked files that are no longer there. */
  readonly gone: readonly string[];
  /** Files that are new, or not as the index has them. */
  readonly present: readonly string[];
  /** How many files differ from the last commit, without those that are left out. */
  readonly files: number;
  /** What is left out, each with the reason. */
  readonly left: readonly string[];
}

/** What GitHub takes in one file. */
const MAX_FILE_BYTES = 100_000_000;
/** New and changed files in sum, the smallest first: a forgotten build folder must not fill the repository. */
const MAX_TOTAL_BYTES = 1_000_000_000;

/**
 * Sorts out what a look found.
 *
 * @returns `undefined` if all is committed.
 * @throws {SamocodeError} If git failed.
 */
export function uncommitted(folder: string, look: Look): Uncommitted | undefined {
  const { head, stderr } = look;
  if (look.code !== 0) {
    throw new SamocodeError("system", `Cannot run git status in ${folder}: ${complaintOf(look)}`, {
      hint: "Run it by hand to see more",
    });
  }
  const entries = look.entries.flatMap((line) => readEntry(line) ?? []).map((entry) => sortOut(entry, folder));
  const closed = [...stderr.matchAll(/^warning: could not open directory '(.+)\/'/gm)].map(([, path]) =>
    `${path} (${UNREADABLE})`
  );
  if (entries.length + closed.length === 0) return undefined;
  const inSum = withinTotal(entries);
  return {
    head,
    gone: inSum.flatMap(({ path, fate }) => fate === "gone" ? [path] : []),
    present: inSum.flatMap(({ path, fate, isChanged }) => fate === "present" && isChanged ? [path] : []),
    files: inSum.filter(({ fate }) => fate !== "left").length,
    left: [...inSum.flatMap(({ path, because }) => because === undefined ? [] : [`${path} (${because})`]), ...closed],
  };
}

interface Entry {
  readonly path: string;
  /** Whether it is not as the index has it. */
  readonly isChanged: boolean;
  readonly isSubmodule: boolean;
}

/** How many fields come before the path; see "Porcelain Format Version 2" in git-status(1). */
const FIELDS: Readonly<Record<string, number>> = { "?": 1, "1": 8, u: 10 };

function readEntry(line: string): Entry | undefined {
  const fields = line.split(" ");
  const [kind = "", status = "", submodule = ""] = fields;
  const count = FIELDS[kind];
  if (count === undefined) return undefined;
  const path = fields.slice(count).join(" ");
  if (kind === "?") return { path, isChanged: true, isSubmodule: false };
  return { path, isChanged: !status.endsWith("."), isSubmodule: submodule.startsWith("S") };
}

interface Sorted extends Entry {
  readonly fate: "gone" | "present" | "left";
  readonly because: string | undefined;
  readonly bytes: number;
}

const UNREADABLE = "it cannot be read";

function sortOut(entry: Entry, folder: string): Sorted {
  const { path, isChanged, isSubmodule } = entry;
  const left = (because: string): Sorted => ({ ...entry, fate: "left", because, bytes: 0 });
  const as = (fate: "gone" | "present", bytes = 0): Sorted => ({ ...entry, fate, because: undefined, bytes });
  if (path.includes("\u{fffd}")) return left("its name is not UTF-8");
  if (path.endsWith("/")) return left("a repository of its own");
  try {
    const found = lstatIfExists(join(folder, path));
    // A folder in the place of a file: what is in it has entries of its own.
    if (found === undefined || (found.isDirectory && !isSubmodule)) return as("gone");
    if (found.isDirectory || found.isSymlink) return as("present");
    if (!found.isFile) return left("not a regular file");
    if (found.size > MAX_FILE_BYTES) return left(`larger than ${MAX_FILE_BYTES / 1e6} MB`);
    if (isChanged) Deno.openSync(join(folder, path)).close();
    return as("present", isChanged ? found.size : 0);
  } catch {
    return left(UNREADABLE);
  }
}

/** Leaves out the largest files if all together are too large. */
function withinTotal(entries: readonly Sorted[]): readonly Sorted[] {
  let bytes = 0;
  return [...entries].sort((a, b) => a.bytes - b.bytes).map((entry) => {
    bytes += entry.bytes;
    if (bytes <= MAX_TOTAL_BYTES || entry.fate !== "present") return entry;
    return { ...entry, fate: "left", because: `more than ${MAX_TOTAL_BYTES / 1e9} GB in all` };
  });
}
