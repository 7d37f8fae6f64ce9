/**
 * Finds how a repository tests itself, for the checks that `samocode init` proposes. What the repository says chooses
 * among these commands; it never words one.
 *
 * @module
 */
import { join } from "node:path";
import { readTextIfExists, statIfExists } from "../system/files/files.ts";
import { unlessFailing } from "../text/errors.ts";

type Command = readonly string[];

/** A worktree has no installed packages: each installs them as its lock file says. */
const NODE: readonly (readonly [lock: string, install: Command, test: Command])[] = [
  ["package-lock.json", ["npm", "ci"], ["npm", "test"]],
  ["pnpm-lock.yaml", ["pnpm", "install", "--frozen-lockfile"], ["pnpm", "test"]],
  ["yarn.lock", ["yarn", "install"], ["yarn", "test"]],
  ["bun.lock", ["bun", "install", "--frozen-lockfile"], ["bun", "run", "test"]],
];

/** What `npm init` writes where there is no test. */
const NO_TEST = /no test specified/;

/** The commands, in the order in which they are to be run; empty where nothing is found. */
export function findChecks(repository: string): readonly Command[] {
  const has = (name: string): boolean => statIfExists(join(repository, name))?.isFile === true;
  const read = (name: string): string => unlessFailing(() => readTextIfExists(join(repository, name))) ?? "";
  const found: Command[] = [];
  const script = textAt(read("package.json"), ["scripts", "test"]);
  if (script !== "" && !NO_TEST.test(script)) {
    const [, install, test = ["npm", "test"]] = NODE.find(([lock]) => has(lock)) ?? [];
    found.push(...install === undefined ? [] : [install], test);
  }
  if (/"tasks"\s*:\s*\{[^}]*"test"\s*:/.test(read("deno.json") + read("deno.jsonc"))) {
    found.push(["deno", "task", "test"]);
  }
  if (has("Cargo.toml")) found.push(["cargo", "test"]);
  if (has("go.mod")) found.push(["go", "test", "./..."]);
  if (has("pytest.ini") || /^\[tool\.pytest/m.test(read("pyproject.toml"))) {
    found.push(has("uv.lock") ? ["uv", "run", "pytest"] : ["pytest"]);
  }
  // It mostly calls one of the others.
  return found.length === 0 && /^test[ \t]*:(?!=)/m.test(read("Makefile")) ? [["make", "test"]] : found;
}

function textAt(json: string, path: readonly string[]): string {
  const value = unlessFailing((): unknown =>
    path.reduce<unknown>(
      (at, name) => typeof at === "object" && at !== null ? Reflect.get(at, name) : undefined,
      JSON.parse(json),
    )
  );
  return typeof value === "string" ? value : "";
}
