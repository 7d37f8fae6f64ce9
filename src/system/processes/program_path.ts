/**
 * Finds a program on PATH without starting it.
 *
 * On Windows a `.cmd`, which npm creates for each program, does not count: cmd.exe cannot safely quote arguments of
 * several lines (CVE-2024-24576), such as an agent's instructions. Deno 2.5.0 to 2.5.4 refuse it (denoland/deno#31114),
 * later versions quote (denoland/deno#31118).
 *
 * @module
 */
import { delimiter, isAbsolute, join } from "node:path";
import { statIfExists } from "../files/files.ts";
import { platform } from "../platform.ts";

/** What was found. */
export interface ProgramPath {
  readonly program: string | undefined;
  /** A script on Windows that only a shell can start, if there is no program. */
  readonly script: string | undefined;
}

/** Where to look; tests may pass another operating system. */
export interface ProgramPlace {
  readonly env: Readonly<Record<string, string>>;
  readonly os?: string;
}

/**
 * Finds a program.
 *
 * @param name A name or a path; on Windows the ending may be missing.
 */
export function programPath(name: string, { env, os = Deno.build.os }: ProgramPlace): ProgramPath {
  const { programEndings, scriptEndings } = platform(os);
  const places = foldersFor(name, { env, os });
  const find = (endings: readonly string[]) =>
    places.flatMap((place) => namesOf(place, endings)).find((path) => isProgram(path, os));
  const program = find(programEndings);
  return { program, script: program === undefined ? find(scriptEndings) : undefined };
}

function foldersFor(name: string, { env, os }: Required<ProgramPlace>): readonly string[] {
  if (/[\\/]/.test(name)) return [name];
  // Windows usually writes `Path`.
  const key = os === "windows" ? Object.keys(env).find((each) => each.toUpperCase() === "PATH") ?? "PATH" : "PATH";
  // Relative folders are skipped: a repository must not choose the program.
  return (env[key] ?? "").split(delimiter).filter((folder) => isAbsolute(folder)).map((folder) => join(folder, name));
}

function namesOf(path: string, endings: readonly string[]): readonly string[] {
  const isWhole = endings.some((ending) => ending !== "" && path.toLowerCase().endsWith(ending));
  return isWhole ? [path] : endings.map((ending) => `${path}${ending}`);
}

function isProgram(path: string, os: string): boolean {
  try {
    const found = statIfExists(path);
    return found?.isFile === true && (!platform(os).hasModes || ((found.mode ?? 0) & 0o111) !== 0);
  } catch {
    return false;
  }
}
