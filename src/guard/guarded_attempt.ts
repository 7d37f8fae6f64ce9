/**
 * The walls and the environment of one attempt: what it may write, what it must not see, and what belongs to it alone.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, delimiter, dirname, isAbsolute, join } from "node:path";
import { SamocodeError } from "../text/errors.ts";
import { lstatIfExists, statIfExists } from "../system/files/files.ts";
import { worktreeGitFolders } from "../system/worktree_git_folders.ts";
import { isBelow, type Wall } from "./walls.ts";

type Environment = Readonly<Record<string, string>>;

/** The folder of an agent's own program, as its row describes it. A guarded agent gets a copy that ends with the attempt. */
export interface AgentHome {
  /** The variable that names it. */
  readonly variable: string;
  readonly folder: (env: Environment) => string;
  /** What it only reads there: settings, hooks, skills. */
  readonly shown: readonly string[];
  /** Files that it rewrites in place and that must last: a login that is renewed. */
  readonly shared: readonly string[];
  /** A file whose changes need not last. */
  readonly copied?: (env: Environment) => string;
}

/** What stays the same for all attempts of a run. */
export interface GuardedProject {
  readonly mainRepo: string;
  readonly worktrees: string;
  readonly sessions: string;
  readonly cacheFolder: string;
  /** Files with settings and keys of samocode itself. */
  readonly secrets: readonly string[];
  /** What the person lets agents write as well. */
  readonly writable: readonly string[];
  readonly allow: readonly GuardOpening[];
  readonly hasNetwork: boolean;
}

/** What a person may let through by name. */
export type GuardOpening = "ssh-agent" | "docker";

/** One attempt of an agent. */
export interface AttemptToGuard {
  /** Absolute. */
  readonly binary: string;
  readonly env: Environment;
  readonly home: AgentHome | undefined;
  readonly workingDirectory: string;
  readonly sessionFolder: string;
  /** Files and folders in the session's folder that only the worker writes. */
  readonly record: readonly string[];
  readonly contextPath: string;
  readonly pluginFolder: string | undefined;
  readonly marker: string;
}

/** An attempt's walls, and its environment behind them. */
export interface Enclosure {
  readonly walls: readonly Wall[];
  readonly env: Environment;
}

/** Sockets of other programs are here. The attempt gets an empty folder, or its own for temporary files. */
const RUNTIME = "/run";
const TEMPORARY = ["/tmp", "/var/tmp"] as const;

/** What NixOS and name resolution need of {@linkcode RUNTIME}. */
const NEEDED_AT_RUNTIME = ["/run/current-system", "/run/booted-system", "/run/wrappers", "/run/opengl-driver"] as const;

/** Variables that lead to other programs' sockets or to a screen. */
const LEADS_OUT =
  /^(?:DBUS_.*|XDG_RUNTIME_DIR|DISPLAY|WAYLAND_.*|XAUTHORITY|TMUX.*|STY|GPG_AGENT_INFO|CONTAINER_HOST|WSL_INTEROP|VSCODE_.*|SSH_CONNECTION|I3SOCK|SWAYSOCK|KITTY_.*|NVIM|AT_SPI_.*|SESSION_MANAGER)$/;

/** Caches with a variable of their own; the first ones get a folder whether or not the person moved theirs. */
const CACHES = ["XDG_CACHE_HOME", "npm_config_cache", "GOMODCACHE"] as const;
const MOVED_CACHES = [
  "DENO_DIR",
  "PIP_CACHE_DIR",
  "UV_CACHE_DIR",
  "GOCACHE",
  "YARN_CACHE_FOLDER",
  "BUN_INSTALL_CACHE_DIR",
];
/** Caches that are only known by their place in the home folder. */
const HOME_CACHES = [".cargo/registry", ".cargo/git", ".m2/repository", ".gradle"] as const;

/** Of the repository's `.git`: what git of other checkouts, and of the person, obeys or works with. */
const SHARED_GIT = [
  "config",
  "config.worktree",
  "hooks",
  "info",
  "modules",
  "remotes",
  "branches",
  "HEAD",
  "index",
  "logs/HEAD",
  "worktrees",
];
/** The same in the folder of a worktree. */
const OWN_GIT = ["commondir", "gitdir", "config.worktree"];

/** Where the private folders of an attempt are. */
export function attemptFolder(cacheFolder: string, marker: string): string {
  return join(cacheFolder, "guard", "run", marker);
}

/**
 * Makes the private folders of an attempt and finds its walls.
 *
 * @throws {SamocodeError} Where the record can be written around the walls.
 */
export function enclose(project: GuardedProject, named: AttemptToGuard): Enclosure {
  // Without a home folder there is nothing of the agent's own program to show.
  const attempt = named.env["HOME"] ? named : { ...named, home: undefined };
  attempt.record.forEach(checkRecord);
  const cache = realPath(project.cacheFolder) ?? project.cacheFolder;
  const own = attemptFolder(cache, attempt.marker);
  const places: Places = {
    cache,
    own,
    tmp: join(own, "tmp"),
    home: join(own, "home"),
    caches: join(cache, "guard", "cache", digest(project.mainRepo), "named"),
    homeCaches: join(cache, "guard", "cache", digest(project.mainRepo), "home"),
  };
  for (const folder of [places.tmp, places.home, places.caches]) {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  return { walls: wallsOf(project, { attempt, places }), env: environmentOf(project, { attempt, places }) };
}

interface Places {
  readonly cache: string;
  /** All that is the attempt's alone. */
  readonly own: string;
  readonly tmp: string;
  readonly home: string;
  /** Shared by the sessions of a project: never what programs outside would run. */
  readonly caches: string;
  /**
   * The same for caches that have no variable. Beside {@linkcode Places.caches}, not in it: a folder that is shown must
   * not be in one that agents can write, or one of them could put a link in its place.
   */
  readonly homeCaches: string;
}

interface Facts {
  readonly attempt: AttemptToGuard;
  readonly places: Places;
}

function wallsOf(project: GuardedProject, { attempt, places }: Facts): readonly Wall[] {
  const { env, workingDirectory, sessionFolder } = attempt;
  const covered = [RUNTIME, ...TEMPORARY, env["TMPDIR"] ?? ""].flatMap((path) => realPath(path) ?? []);
  const covers = (path: string) => covered.some((folder) => isBelow(folder, path));
  const visible = [
    project.mainRepo,
    project.worktrees,
    project.sessions,
    env["HOME"] ?? "",
    programFolder(attempt.binary),
    // The links of the attempt's own folder lead there.
    attempt.home?.folder(env) ?? "",
  ];
  const writable = [workingDirectory, sessionFolder, ...project.writable];
  const walls: readonly Wall[] = [
    ...covered.map((path): Wall =>
      path === RUNTIME ? { path, access: "empty" } : { path, access: "write", from: places.tmp }
    ),
    ...runtimeWalls(),
    ...settled(visible.filter((path) => path !== "/"), "read"),
    ...pathWalls(env["PATH"] ?? "", covers),
    ...settled([attempt.contextPath, attempt.pluginFolder ?? ""], "read"),
    { path: places.own, access: "write" },
    { path: places.caches, access: "write" },
    ...cacheWalls(attempt, places),
    ...homeWalls(attempt, places),
    ...settled(writable, "write"),
    ...gitWalls(workingDirectory),
    ...settled(attempt.record, "read"),
    ...settled(project.secrets, "hidden"),
  ];
  return [...walls, ...socketWalls(walls, openSockets(project.allow, env))];
}

/** Existing paths without links: a wall cannot be built on a link, and the agent could replace one. */
function settled(paths: readonly string[], access: Wall["access"]): readonly Wall[] {
  return paths.flatMap((path): readonly Wall[] => {
    const real = realPath(path);
    return real === undefined || real === "/" ? [] : [{ path: real, access }];
  });
}

function runtimeWalls(): readonly Wall[] {
  const resolver = realPath("/etc/resolv.conf");
  const needed = NEEDED_AT_RUNTIME.filter((path) => statIfExists(path) !== undefined)
    .map((path): Wall => ({ path, access: "read", from: realPath(path) ?? path }));
  return resolver !== undefined && isBelow(RUNTIME, resolver)
    ? [...needed, { path: resolver, access: "read", from: resolver }]
    : needed;
}

/** Programs must be found where PATH says, also in folders that are covered. */
function pathWalls(path: string, covers: (path: string) => boolean): readonly Wall[] {
  return path.split(delimiter).filter(isAbsolute).map(packageFolder).flatMap((entry): readonly Wall[] => {
    const parent = realPath(dirname(entry));
    const from = realPath(entry);
    if (parent === undefined || from === undefined) return [];
    const shown = join(parent, basename(entry));
    const isNeeded = covers(shown) && !NEEDED_AT_RUNTIME.some((each) => isBelow(each, shown));
    return isNeeded ? [{ path: shown, access: "read", from }] : [];
  });
}

function cacheWalls({ env, home }: AttemptToGuard, { homeCaches }: Places): readonly Wall[] {
  if (home === undefined) return [];
  return HOME_CACHES.flatMap((name): readonly Wall[] => {
    const path = realPath(join(env["HOME"] ?? "", name));
    const from = join(homeCaches, name.replaceAll("/", "-"));
    if (path === undefined) return [];
    Deno.mkdirSync(from, { recursive: true, mode: 0o700 });
    return [{ path, access: "write", from }];
  });
}

function homeWalls({ home, env }: AttemptToGuard, places: Places): readonly Wall[] {
  if (home === undefined) return [];
  const folder = home.folder(env);
  const state = home.copied?.(env);
  if (state !== undefined && statIfExists(state)?.isFile) Deno.copyFileSync(state, join(places.home, basename(state)));
  // Links, since each wall takes its time. What the agent puts in their place ends with the attempt.
  for (const name of home.shown) {
    const path = join(folder, name);
    if (statIfExists(path) !== undefined) Deno.symlinkSync(path, join(places.home, name));
  }
  return home.shared.flatMap((name): readonly Wall[] => {
    const from = realPath(join(folder, name));
    return from === undefined
      ? []
      : [{ path: from, access: "write" }, { path: join(places.home, name), access: "write", from }];
  });
}

function gitWalls(workingDirectory: string): readonly Wall[] {
  const found = worktreeGitFolders(workingDirectory);
  if (found === undefined) return [];
  const { own, common } = found;
  // An empty one of these does nothing; where there is none an agent could make one that runs its code outside.
  for (const name of ["hooks", "info"]) Deno.mkdirSync(join(common, name), { recursive: true });
  if (own === common) {
    return settled(["config", "config.worktree", "hooks", "info"].map((name) => join(common, name)), "read");
  }
  touch(join(own, "config.worktree"));
  return [
    ...settled([common], "write"),
    ...settled(SHARED_GIT.map((name) => join(common, name)), "read"),
    ...settled([own], "write"),
    ...settled([...OWN_GIT.map((name) => join(own, name)), join(workingDirectory, ".git")], "read"),
  ];
}

/** A wall that only forbids writing does not keep anyone from talking to the program behind a socket. */
function socketWalls(walls: readonly Wall[], allowed: readonly string[]): readonly Wall[] {
  const open = allowed.flatMap((path) => realPath(path) ?? []);
  const isVisible = (path: string) => {
    const around = walls.filter((wall) => isBelow(wall.path, path)).sort((a, b) => a.path.length - b.path.length).at(
      -1,
    );
    // What the agent can write is its own, or was given to it.
    return around === undefined || around.access === "read";
  };
  const others = socketPaths().flatMap((path) => realPath(path) ?? [])
    .filter((path) => !open.includes(path) && isVisible(path) && lstatIfExists(path)?.isSocket);
  return [...settled(others, "hidden"), ...open.map((path): Wall => ({ path, access: "read", from: path }))];
}

/** The sockets of what the person let through. */
function openSockets(allow: readonly GuardOpening[], env: Environment): readonly string[] {
  return allow.flatMap((opening): readonly string[] => {
    if (opening === "ssh-agent") return [env["SSH_AUTH_SOCK"] ?? ""];
    const named = /^unix:\/\/(.+)/.exec(env["DOCKER_HOST"] ?? "")?.[1];
    return [named ?? "/var/run/docker.sock"];
  }).filter((path) => path !== "");
}

const MAX_SOCKET_LIST = 4 * 1024 * 1024;

/** The paths of all sockets that somebody listens on; abstract ones begin with `@`. */
export function socketPaths(): readonly string[] {
  // /proc says that its files are empty, so it is no case for a reader that asks for the size.
  const text = readProcFile("/proc/net/unix").slice(0, MAX_SOCKET_LIST);
  return [...new Set(text.split("\n").slice(1).flatMap((line) => /^(?:\S+\s+){7}([/@].*)$/.exec(line)?.[1] ?? []))];
}

function environmentOf({ allow }: GuardedProject, { attempt, places }: Facts): Environment {
  const { env, home } = attempt;
  const isOut = (name: string) =>
    LEADS_OUT.test(name) || (name === "SSH_AUTH_SOCK" && !allow.includes("ssh-agent")) ||
    (name === "DOCKER_HOST" && !allow.includes("docker"));
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => !isOut(name)));
  return {
    ...kept,
    TMPDIR: TEMPORARY[0],
    ...gitVariables(env),
    ...(home === undefined ? {} : { ...cacheVariables(env, places.caches), [home.variable]: places.home }),
  };
}

/** What git would do to files that it cannot replace here, or in the background, where it would be cut off at the end. */
const GIT_SETTINGS = [
  ["gc.autoDetach", "false"],
  ["maintenance.autoDetach", "false"],
  ["repack.updateServerInfo", "false"],
  ["gc.reflogExpire", "never"],
  ["gc.reflogExpireUnreachable", "never"],
] as const;

function gitVariables(env: Environment): Environment {
  const first = Number(env["GIT_CONFIG_COUNT"] ?? 0) || 0;
  const pairs = GIT_SETTINGS.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${first + index}`, key],
    [`GIT_CONFIG_VALUE_${first + index}`, value],
  ]);
  return { ...Object.fromEntries(pairs), GIT_CONFIG_COUNT: String(first + GIT_SETTINGS.length) };
}

function cacheVariables(env: Environment, caches: string): Environment {
  const names = [...CACHES, ...MOVED_CACHES.filter((name) => env[name])];
  const before = env["XDG_CACHE_HOME"] || join(env["HOME"] ?? "", ".cache");
  const browsers = join(before, "ms-playwright");
  return {
    // Large, and run outside as well: read where they are.
    ...(statIfExists(browsers)?.isDirectory && !env["PLAYWRIGHT_BROWSERS_PATH"]
      ? { PLAYWRIGHT_BROWSERS_PATH: browsers }
      : {}),
    ...Object.fromEntries(names.map((name) => [name, join(caches, name.toLowerCase())])),
  };
}

/** A link made before the walls were there would lead around them. */
function checkRecord(path: string): void {
  const found = lstatIfExists(path);
  if (found?.isDirectory) return;
  if (found === undefined) return touch(path);
  if (found.isFile && (found.nlink ?? 1) === 1) return;
  throw new SamocodeError("conflict", `Cannot guard ${path}: it is a link, or there is another link to it`, {
    hint: `An agent may have made it. Look for the other name with: find / -xdev -samefile ${path}`,
  });
}

function touch(path: string): void {
  if (lstatIfExists(path) === undefined) Deno.openSync(path, { append: true, create: true, mode: 0o600 }).close();
}

function programFolder(binary: string): string {
  const real = realPath(binary) ?? binary;
  const folder = packageFolder(real);
  return folder === real ? dirname(real) : folder;
}

/** An npm package works only with the whole of its `node_modules`. */
function packageFolder(path: string): string {
  const end = path.indexOf("/node_modules/");
  return end < 0 ? path : path.slice(0, end);
}

function realPath(path: string): string | undefined {
  if (!isAbsolute(path)) return undefined;
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}

function readProcFile(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
