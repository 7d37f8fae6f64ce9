/**
 * The folder of the agent's own program, and caches: a guarded agent gets its own, so that it leaves nothing in the
 * person's that runs outside.
 *
 * @module
 */
import { basename, join } from "node:path";
import { realPathIfExists, statIfExists } from "../system/files/files.ts";
import { type AgentHome, type Environment, OWN_HOME, TEMPORARY } from "./attempt.ts";
import type { Wall } from "./walls.ts";

/** Shows the person's settings, skills and login in {@linkcode OWN_HOME}. What the agent puts in their place is lost. */
export function homeWalls(
  home: AgentHome,
  { env, tmp }: { readonly env: Environment; readonly tmp: string },
): readonly Wall[] {
  const folder = home.folder(env);
  const link = (name: string, from: string): Wall => ({ path: join(OWN_HOME, name), access: "link", from });
  // One listing: each file that is missing would cost an error.
  const there = namesIn(folder);
  const shown = home.shown.filter((name) => there.has(name)).map((name) => link(name, join(folder, name)));
  const shared = home.shared.filter((name) => there.has(name)).flatMap((name): readonly Wall[] => {
    const from = realPathIfExists(join(folder, name));
    return from === undefined ? [] : [{ path: join(OWN_HOME, name), access: "write", from }];
  });
  const state = home.copied?.(env);
  if (state === undefined || !statIfExists(state)?.isFile) return [...shown, ...shared];
  const copy = `.samocode-${basename(state)}`;
  Deno.copyFileSync(state, join(tmp, copy));
  return [...shown, ...shared, link(basename(state), join(TEMPORARY, copy))];
}

function namesIn(folder: string): ReadonlySet<string> {
  try {
    return new Set(Array.from(Deno.readDirSync(folder), ({ name }) => name));
  } catch {
    return new Set();
  }
}

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

/** Puts caches of the project in the place of the person's. */
export function homeCacheWalls(env: Environment, homeCaches: string): readonly Wall[] {
  return HOME_CACHES.flatMap((name): readonly Wall[] => {
    const path = realPathIfExists(join(env["HOME"] ?? "", name));
    const from = join(homeCaches, name.replaceAll("/", "-"));
    if (path === undefined) return [];
    Deno.mkdirSync(from, { recursive: true, mode: 0o700 });
    return [{ path, access: "write", from }];
  });
}

/** The variables that lead programs to the caches of the project. */
export function cacheVariables(env: Environment, caches: string): Environment {
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
