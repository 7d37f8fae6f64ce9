/**
 * Finds programs on PATH, without starting anything.
 *
 * @module
 */
import { programPath } from "../../system/processes/program_path.ts";

/**
 * The path of a program that can be started.
 *
 * @param name A name, or a path, which is taken as it is.
 * @returns `undefined` where there is no such program.
 */
export function findProgram(name: string, env: Readonly<Record<string, string>>): string | undefined {
  return programPath(name, { env }).program;
}
