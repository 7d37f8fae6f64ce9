/**
 * The walls and the environment of one attempt: what it may write, what it must not see, and what belongs to it alone.
 *
 * @module
 */
import { basename, delimiter, dirname, isAbsolute, join } from "node:path";
import { SamocodeError } from "../text/errors.ts";
import { lstatIfExists, realPathIfExists, statIfExists } from "../system/files/files.ts";
import {
  type AttemptToGuard,
  type Environment,
  type GuardedProject,
  makePlaces,
  OWN_HOME,
  RUNTIME,
  TEMPORARY,
} from "./attempt.ts";
import { browserWalls } from "./browser_profiles.ts";
import { gitVariables, gitWalls } from "./git_walls.ts";
import { cacheVariables, homeCacheWalls, homeWalls } from "./own_folders.ts";
import { isWayOut, openSockets, socketWalls } from "./sockets.ts";
import { isBelow, type Wall, wallsAt } from "./walls.ts";

/** An attempt's walls, and its environment behind them. */
export interface Enclosure {
  readonly walls: readonly Wall[];
  /** What it keeps of its environment. */
  readonly kept: Environment;
  /** What it gets for that; nothing private. */
  readonly added: Environment;
}

/**
 * Makes the private folders of an attempt and finds its walls. What only the person can change is looked up once per run.
 *
 * @returns It throws a {@linkcode SamocodeError} where the record can be written around the walls.
 */
export function encloser(project: GuardedProject): (attempt: AttemptToGuard) => Enclosure {
  let surroundings: Surroundings | undefined;
  return (named) => {
    // Without a home folder there is nothing of the agent's own program to show.
    const hasHome = Boolean(named.env["HOME"]);
    const attempt = hasHome ? named : { ...named, home: undefined };
    const { env, home, workingDirectory, sessionFolder, record } = attempt;
    const sharesCaches = home !== undefined || (hasHome && attempt.isCheck === true);
    record.forEach(checkRecord);
    const { tmp, caches, homeCaches } = makePlaces(project, attempt.marker);
    surroundings ??= surroundingsOf(project, { env, homeCaches });
    const walls: readonly Wall[] = [
      ...surroundings.emptied.map((path): Wall => ({ path, access: "empty" })),
      ...surroundings.temporary.map((path): Wall => ({ path, access: "write", from: tmp })),
      ...surroundings.walls,
      ...wallsAt([programFolder(attempt.binary), home?.folder(env) ?? ""], "read"),
      ...wallsAt([attempt.contextPath, attempt.pluginFolder ?? ""], "read"),
      { path: caches, access: "write" },
      ...(sharesCaches ? surroundings.homeCaches : []),
      ...(home === undefined ? [] : homeWalls(home, { env, tmp })),
      ...wallsAt([workingDirectory, sessionFolder, ...project.writable], "write"),
      ...gitWalls(workingDirectory),
      // None of them is a link.
      ...wallsAt([sessionFolder], "read").flatMap(({ path }) =>
        record.map((each): Wall => ({ path: join(path, basename(each)), access: "read" }))
      ),
      ...wallsAt(project.secrets, "hidden"),
      ...wallsAt([project.stateFolder], "empty"),
    ];
    const kept = Object.entries(env).filter(([name]) => !isWayOut(name, project.allow));
    return {
      walls: [...walls, ...socketWalls(walls, openSockets(project.allow, env))],
      kept: Object.fromEntries(kept),
      added: {
        TMPDIR: TEMPORARY,
        ...gitVariables(env),
        ...(sharesCaches ? cacheVariables(env, caches) : {}),
        ...(home === undefined ? {} : { [home.variable]: OWN_HOME }),
      },
    };
  };
}

interface Surroundings {
  /** What the attempt gets folders in memory for. */
  readonly emptied: readonly string[];
  /** What it gets a folder on the disk for. */
  readonly temporary: readonly string[];
  readonly walls: readonly Wall[];
  readonly homeCaches: readonly Wall[];
}

function surroundingsOf(
  { mainRepo, worktrees, sessions, hosts, self }: GuardedProject,
  { env, homeCaches }: { readonly env: Environment; readonly homeCaches: string },
): Surroundings {
  const real = (paths: readonly string[]) => paths.flatMap((path) => realPathIfExists(path) ?? []);
  const emptied = real([RUNTIME, "/var/tmp"]);
  const temporary = real([TEMPORARY, env["TMPDIR"] ?? ""]);
  const isCovered = (path: string) => [...emptied, ...temporary].some((folder) => isBelow(folder, path));
  // Deno keeps there what this program imports where it runs from source, as the demo's agent does.
  const imports = env["DENO_DIR"] ?? "";
  const visible = wallsAt([mainRepo, worktrees, sessions, env["HOME"] ?? "", imports], "read");
  // The bridge to listed hosts is this program, and so is the demo's agent, which may be in a folder that is covered.
  const programs = self.filter(isAbsolute).map(programFolder);
  const own = wallsAt(programs.filter((folder) => hosts.length > 0 || isCovered(folder)), "read");
  const walls = [
    ...runtimeWalls(),
    ...visible,
    ...browserWalls(env),
    ...own,
    ...pathWalls(env["PATH"] ?? "", isCovered),
  ];
  return { emptied, temporary, walls, homeCaches: homeCacheWalls(env, homeCaches) };
}

/** What NixOS and name resolution need of {@linkcode RUNTIME}. */
const NEEDED_AT_RUNTIME = ["/run/current-system", "/run/booted-system", "/run/wrappers", "/run/opengl-driver"] as const;

function runtimeWalls(): readonly Wall[] {
  const resolver = realPathIfExists("/etc/resolv.conf");
  const needed = NEEDED_AT_RUNTIME.filter((path) => statIfExists(path) !== undefined)
    .map((path): Wall => ({ path, access: "read", from: realPathIfExists(path) ?? path }));
  return resolver !== undefined && isBelow(RUNTIME, resolver)
    ? [...needed, { path: resolver, access: "read", from: resolver }]
    : needed;
}

/** Programs must be found where PATH says, also in folders that are covered. */
function pathWalls(path: string, isCovered: (path: string) => boolean): readonly Wall[] {
  return path.split(delimiter).filter(isAbsolute).map(packageFolder).flatMap((entry): readonly Wall[] => {
    const parent = realPathIfExists(dirname(entry));
    const from = realPathIfExists(entry);
    if (parent === undefined || from === undefined) return [];
    const shown = join(parent, basename(entry));
    const isNeeded = isCovered(shown) && !NEEDED_AT_RUNTIME.some((each) => isBelow(each, shown));
    return isNeeded ? [{ path: shown, access: "read", from }] : [];
  });
}

function programFolder(binary: string): string {
  const real = realPathIfExists(binary) ?? binary;
  const folder = packageFolder(real);
  return folder === real ? dirname(real) : folder;
}

/** An npm package works only with the whole of its `node_modules`. */
function packageFolder(path: string): string {
  const end = path.indexOf("/node_modules/");
  return end < 0 ? path : path.slice(0, end);
}

/** A link made before the walls were there would lead around them; a file that is missing could not be walled. */
function checkRecord(path: string): void {
  const found = lstatIfExists(path);
  if (found?.isDirectory) return;
  if (found === undefined) return Deno.openSync(path, { append: true, create: true, mode: 0o600 }).close();
  if (found.isFile && (found.nlink ?? 1) === 1) return;
  throw new SamocodeError("conflict", `Cannot guard ${path}: it is a link, or there is another link to it`, {
    hint: `An agent may have made it. Look for the other name with: find / -xdev -samefile ${path}`,
  });
}
