/**
 * Records what a machine has of a session when a fault strikes, and checks later that nothing of it was lost.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import type { Machine } from "../../tests/helpers/fleet_machine.ts";
import type { LocalCopy } from "./record.ts";

/** A machine's copy of a session at the time of a fault. */
export interface TakenCopy {
  readonly machine: Machine;
  readonly session: string;
  /** The complete lines of its journal. */
  readonly journal: string;
  /** The project's clone. */
  readonly repo: string;
  readonly head: string | undefined;
  /** Hashes of the files in the worktree that differ from the last commit. */
  readonly uncommitted: readonly string[];
}

/** Records what a machine has of a session; `undefined` if it has nothing. */
export function takeCopy(machine: Machine, session: string): TakenCopy | undefined {
  const path = machine.journals().find((each) =>
    basename(dirname(each)).endsWith(`-${session}`) && basename(dirname(dirname(each))) === "sessions"
  );
  if (path === undefined) return undefined;
  const journal = readText(path);
  const place = dirname(dirname(dirname(path)));
  const [repo, worktree] = [join(place, "repo"), join(place, "worktrees", session)];
  const status = git(worktree, "-c", "core.fsmonitor=false", "status", "--porcelain", "-z") ?? "";
  const uncommitted = status.split("\0").flatMap((entry) => hashOf(join(worktree, entry.slice(3))) ?? []);
  return {
    ...{ machine, session, repo, uncommitted },
    journal: journal.slice(0, journal.lastIndexOf("\n") + 1),
    head: git(repo, "rev-parse", "--verify", "--quiet", `refs/heads/${session}`),
  };
}

/** Checks what is left of a recorded copy. */
export function findCopy({ machine, session, journal, repo, head, uncommitted }: TakenCopy): LocalCopy {
  const isKept = head === undefined || (git(repo, "for-each-ref", "--contains", head) ?? "") !== "";
  const hashes = new Set(uncommitted.length === 0 ? [] : filesOf(machine.data).flatMap((path) => hashOf(path) ?? []));
  return {
    machine: machine.name,
    journal,
    head,
    isThere: {
      journal: machine.journals().some((path) => path.includes(session) && readText(path).startsWith(journal)),
      head: isKept,
      uncommitted: uncommitted.every((hash) => hashes.has(hash)),
    },
  };
}

function git(folder: string, ...args: readonly string[]): string | undefined {
  try {
    const { success, stdout } = new Deno.Command("git", { args: ["-C", folder, ...args], stderr: "null" }).outputSync();
    return success ? new TextDecoder().decode(stdout).trimEnd() : undefined;
  } catch {
    return undefined;
  }
}

function hashOf(path: string): string | undefined {
  try {
    return createHash("sha256").update(Deno.readFileSync(path)).digest("hex");
  } catch {
    return undefined;
  }
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

/** All files below a folder, except in `.git` folders. */
function filesOf(folder: string): readonly string[] {
  try {
    return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory, isFile }) =>
      isDirectory && name !== ".git" ? filesOf(join(folder, name)) : isFile ? [join(folder, name)] : []
    );
  } catch {
    return [];
  }
}
