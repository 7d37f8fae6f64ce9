/**
 * Says where a file lies, without the folders that everybody knows.
 *
 * @module
 */

/**
 * Takes the folder away that a path lies in, so that what differs is seen on a narrow terminal: `_overview.md`,
 * `src/auth.ts`.
 *
 * @param folders The session's folder and the agent's; of two that fit, the longer one is taken away.
 */
export function shortPath(path: string, folders: readonly string[]): string {
  const fitting = folders.filter((folder) => path.startsWith(folder) && /^[\\/]./.test(path.slice(folder.length)));
  const longest = Math.max(-1, ...fitting.map(({ length }) => length));
  return path.slice(longest + 1);
}
