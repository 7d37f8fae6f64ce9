/**
 * Finds programs on PATH, without starting anything.
 *
 * @module
 */
import { delimiter, isAbsolute, join } from "node:path";
import { statIfExists } from "../system/files.ts";

/**
 * The path of a program.
 *
 * @param name A name, or a path, which is taken as it is.
 * @returns `undefined` where there is no such program.
 */
export function findProgram(name: string, env: Readonly<Record<string, string>>): string | undefined {
  if (/[\\/]/.test(name)) return isProgram(name) ? name : undefined;
  // A relative folder on PATH depends on where one stands; a repository must not choose the program.
  const folders = (env["PATH"] ?? env["Path"] ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  const endings = Deno.build.os === "windows" ? [".exe", ".cmd", ".bat", ""] : [""];
  return folders.flatMap((folder) => endings.map((ending) => join(folder, `${name}${ending}`))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    const found = statIfExists(path);
    return found?.isFile === true && (Deno.build.os === "windows" || ((found.mode ?? 0) & 0o111) !== 0);
  } catch {
    return false;
  }
}
