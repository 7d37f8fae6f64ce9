/**
 * What a guarded agent may see and change, as data: the ways of enforcing it are rendered from the same list.
 *
 * @module
 */
import { realPathIfExists } from "../system/files/files.ts";

/** What may be done with a path and all below it. */
export type Access =
  | "read"
  | "write"
  /** Replaced by an empty folder of its own. */
  | "empty"
  /** A file or socket that cannot be opened. */
  | "hidden"
  /** A link, in a folder that is the attempt's own. */
  | "link";

/** The access to one path; the longest path that applies counts. */
export interface Wall {
  /** Absolute and without links. */
  readonly path: string;
  readonly access: Access;
  /** What is shown there instead of the path's own content. */
  readonly from?: string;
}

/** Walls for paths that exist, links resolved: a wall cannot be built on a link, and the agent could replace one. */
export function wallsAt(paths: readonly string[], access: Access): readonly Wall[] {
  return paths.flatMap((named): readonly Wall[] => {
    const path = realPathIfExists(named);
    return path === undefined || path === "/" ? [] : [{ path, access }];
  });
}

/** Puts walls in the order in which they are built, parents first, and leaves out those that change nothing. */
export function orderWalls(walls: readonly Wall[]): readonly Wall[] {
  const last = new Map(walls.map((wall) => [wall.path, wall]));
  const kept: Wall[] = [];
  // Compared by segments: `/a b` must not come between `/a` and `/a/c`.
  const key = ({ path }: Wall) => path.replaceAll("/", "\0");
  for (const wall of [...last.values()].sort((a, b) => key(a) < key(b) ? -1 : 1)) {
    const around = kept.findLast(({ path }) => isBelow(path, wall.path));
    const isPlain = around === undefined || (around.from === undefined && around.access !== "empty");
    if (wall.from === undefined && isPlain && wall.access === (around?.access ?? "read")) continue;
    kept.push(wall);
  }
  return kept;
}

/** Tells whether `path` is below `folder`; both are absolute and normalized. */
export function isBelow(folder: string, path: string): boolean {
  return path !== folder && path.startsWith(folder === "/" ? folder : `${folder}/`);
}
