/**
 * Where on PATH a program is, without starting anything.
 *
 * On Unix a mode says what is a program. On Windows a file's ending does, and not all that can be typed can be started
 * here: a `.cmd`, which npm makes for each program, runs in cmd.exe, whose quoting is no match for arguments of several
 * lines (CVE-2024-24576); Deno 2.5.0 to 2.5.4 refuse it (denoland/deno#31114), later ones quote (denoland/deno#31118).
 * What an agent is told is exactly such an argument, so a `.cmd` counts as none here.
 *
 * @module
 */
import { delimiter, isAbsolute, join } from "node:path";
import { statIfExists } from "../files/files.ts";
import { platform } from "../platform.ts";

/** What was found for a name. */
export interface ProgramPath {
  /** The program; `undefined` where there is none. */
  readonly program: string | undefined;
  /** On Windows, where there is no program: the script of that name, which only a shell can start. */
  readonly script: string | undefined;
}

/** Where to look. */
export interface ProgramPlace {
  readonly env: Readonly<Record<string, string>>;
  /** Another system to play, for tests. */
  readonly os?: string;
}

/**
 * Looks a program up.
 *
 * @param name A name, or a path, which is taken as it is, on Windows also without its ending.
 */
export function programPath(name: string, { env, os = Deno.build.os }: ProgramPlace): ProgramPath {
  const { programEndings, scriptEndings } = platform(os);
  const places = foldersFor(name, { env, os });
  const find = (endings: readonly string[]) =>
    places.flatMap((place) => namesOf(place, endings)).find((path) => isProgram(path, os));
  const program = find(programEndings);
  return { program, script: program === undefined ? find(scriptEndings) : undefined };
}

/** Paths to which an ending may be added. */
function foldersFor(name: string, { env, os }: Required<ProgramPlace>): readonly string[] {
  if (/[\\/]/.test(name)) return [name];
  // Windows does not tell `PATH` from `Path`.
  const key = os === "windows" ? Object.keys(env).find((each) => each.toUpperCase() === "PATH") ?? "PATH" : "PATH";
  // A relative folder on PATH depends on where one stands; a repository must not choose the program.
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
