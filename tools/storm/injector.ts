/**
 * The library that makes one file operation of a program fail: `fault.c`, which says how it is told.
 *
 * @module
 */
import { join } from "node:path";
import { SamocodeError } from "../../src/text/errors.ts";

/** What can happen to a file operation. */
export const ACTIONS = ["crash", "torn", "full", "io"] as const;

/** One of them. */
export type Action = (typeof ACTIONS)[number];

/** A file operation as the library counts it. */
export interface Operation {
  /** `w` for what changes or locks a file, `r` for what looks at one. */
  readonly kind: "w" | "r";
  /** Its number within its kind, from 1. */
  readonly number: number;
  /** What is done, such as `write` or `rename`. */
  readonly name: string;
  readonly path: string;
}

/** These leave the disk as it was: a death there is the same as one before the next change. */
const CHANGES_NOTHING = new Set(["open", "lock", "sync"]);

const NEEDS_SPACE = new Set(["write", "create", "mkdir", "rename", "symlink", "link"]);

/** What can happen to an operation so that it makes a difference. */
export function actionsFor({ kind, name }: Operation): readonly Action[] {
  const makesSense: Readonly<Record<Action, boolean>> = {
    crash: kind === "w" && !CHANGES_NOTHING.has(name),
    torn: name === "write",
    full: NEEDS_SPACE.has(name),
    io: true,
  };
  return ACTIONS.filter((action) => makesSense[action]);
}

/** Whether a C compiler is there. */
export function canBuildInjector(): boolean {
  try {
    return new Deno.Command("cc", { args: ["--version"], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/**
 * Builds the library into a folder; returns its path.
 *
 * @throws {SamocodeError} If that fails.
 */
export function buildInjector(folder: string): string {
  const library = join(folder, "fault.so");
  const source = join(import.meta.dirname ?? ".", "fault.c");
  const hint = "Install a C compiler, such as Debian's gcc and libc6-dev, or leave the faults out: --faults 0";
  const args = ["-std=gnu11", "-O2", "-shared", "-fPIC", "-o", library, source, "-ldl"];
  if (!canBuildInjector()) {
    throw new SamocodeError("system", "Cannot inject faults: there is no C compiler, cc", { hint });
  }
  const { success, stderr } = new Deno.Command("cc", { args }).outputSync();
  if (!success) {
    throw new SamocodeError("system", `Cannot build ${source}: ${new TextDecoder().decode(stderr)}`, { hint });
  }
  return library;
}

/** What tells the library to count, or to strike. */
export function injection(
  { library, root, fault, report }: {
    readonly library: string;
    /** The project's folder. */
    readonly root: string;
    /** `count`, or `action:kind:number`. */
    readonly fault: string;
    readonly report: string;
  },
): Readonly<Record<string, string>> {
  const folders = ["sessions", "home", "worktrees", "repo"].map((name) => join(root, name)).join(":");
  return { LD_PRELOAD: library, STORM_FOLDERS: folders, STORM_FAULT: fault, STORM_REPORT: report };
}

/** Reads what the library reported, and removes it. */
export function takeReport(path: string): readonly Operation[] {
  let text = "";
  try {
    text = Deno.readTextFileSync(path);
    Deno.removeSync(path);
  } catch {
    // Nothing was counted or hit.
  }
  return text.split("\n").flatMap((line) => {
    const [, kind, number, name, where] = /^([rw]) (\d+) (\S+) (.*)$/.exec(line) ?? [];
    if ((kind !== "r" && kind !== "w") || name === undefined || where === undefined) return [];
    return [{ kind, number: Number(number), name, path: where }];
  });
}
