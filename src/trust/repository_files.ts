/**
 * The files of a repository that an agent's client obeys: settings, hooks, and the programs that these name.
 *
 * @module
 */
import { dirname, extname, join, resolve } from "node:path";
import { isInside, statIfExists } from "../system/files/files.ts";
import { SamocodeError } from "../text/errors.ts";
import { seeFile, type SeenFile } from "./seen_file.ts";

/** Nobody's settings have as many; a folder that is linked into itself would never end. */
const MAX_FILES = 1_000;

/**
 * Reads the named files and folders of a repository, and the repository's files that they run.
 *
 * @param tops The folders in which a client looks for the names.
 */
export function seeRepository(tops: readonly string[], names: readonly string[]): readonly SeenFile[] {
  const found = new Map<string, SeenFile>();
  const add = (root: string, path: string): void => {
    const file = found.has(path) ? undefined : seeFile(path);
    if (file === undefined) return;
    if (found.size === MAX_FILES) {
      throw new SamocodeError("usage", `Cannot check the agents' settings in ${root}: over ${MAX_FILES} files`, {
        hint: "Move away what does not belong there",
      });
    }
    found.set(path, file);
    for (const named of programsIn(file)) {
      const program = resolve(root, named);
      if (isInside(root, program) && statIfExists(program)?.isFile) add(root, program);
    }
  };
  const walk = (root: string, path: string, depth: number): void => {
    if (statIfExists(path)?.isDirectory !== true) return add(root, path);
    if (depth === 0) return;
    for (const { name } of Deno.readDirSync(path)) walk(root, join(path, name), depth - 1);
  };
  for (const top of tops) for (const name of names) walk(top, join(top, name), MAX_DEPTH);
  return [...found.values()].sort((a, b) => a.path < b.path ? -1 : 1);
}

const MAX_DEPTH = 8;

/** The top of the repository that a folder is in: clients read its settings there; the folder itself outside of one. */
export function repositoryRoot(folder: string): string {
  for (let at = folder;; at = dirname(at)) {
    if (statIfExists(join(at, ".git")) !== undefined) return at;
    if (dirname(at) === at) return folder;
  }
}

/** The keys under which clients name what they run: hooks, MCP servers, helpers for keys, status lines. */
const RUNS = /^(?:command|args|notify|.*(?:Helper|Refresh|Export))$/;

/** All commands in a settings file, as they are written. */
export function commandsIn({ path, text }: Pick<SeenFile, "path" | "text">): readonly string[] {
  if (extname(path) === ".toml") {
    return [...text.matchAll(/^\s*(?:command|args|notify)\s*=\s*(.+)$/gm)].map(([, value = ""]) => value);
  }
  if (extname(path) !== ".json") return [];
  try {
    return textsUnder(JSON.parse(text), false);
  } catch {
    return [];
  }
}

function textsUnder(value: unknown, runs: boolean): readonly string[] {
  if (typeof value === "string") return runs ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) =>
    textsUnder(below, RUNS.test(key) || (runs && Array.isArray(value)))
  );
}

/** Words of commands that may be files of the repository. */
function programsIn(file: SeenFile): readonly string[] {
  const words = commandsIn(file).flatMap((text) => text.split(/[\s"'`;|&()<>,[\]]+/));
  return words.filter((word) => word !== "" && word.length < 1_000)
    .map((word) => word.replace(/^\$(?:CLAUDE_PROJECT_DIR|\{CLAUDE_PROJECT_DIR\}|PWD|\{PWD\})\//, ""));
}
