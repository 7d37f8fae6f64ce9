/**
 * The ways from a guarded agent to programs outside: sockets, and the variables that lead to them. A wall that only
 * forbids writing does not keep anyone from talking to the program behind a socket.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { lstatIfExists, realPathIfExists } from "../system/files/files.ts";
import type { Environment, GuardOpening } from "./attempt.ts";
import { isBelow, type Wall } from "./walls.ts";

/** Variables that lead to other programs' sockets or to a screen. */
const LEADS_OUT =
  /^(?:DBUS_.*|XDG_RUNTIME_DIR|DISPLAY|WAYLAND_.*|XAUTHORITY|TMUX.*|STY|GPG_AGENT_INFO|CONTAINER_HOST|WSL_INTEROP|VSCODE_.*|SSH_CONNECTION|I3SOCK|SWAYSOCK|KITTY_.*|NVIM|AT_SPI_.*|SESSION_MANAGER)$/;

/** Tells whether a variable leads out of the guard, and was not let through. */
export function isWayOut(name: string, allow: readonly GuardOpening[]): boolean {
  return LEADS_OUT.test(name) || (name === "SSH_AUTH_SOCK" && !allow.includes("ssh-agent")) ||
    (name === "DOCKER_HOST" && !allow.includes("docker"));
}

/** Hides the sockets that could be seen behind these walls, except the `allowed` ones. */
export function socketWalls(walls: readonly Wall[], allowed: readonly string[]): readonly Wall[] {
  const open = allowed.flatMap((path) => realPathIfExists(path) ?? []);
  // The longest comes first.
  const longest = walls.toSorted((a, b) => b.path.length - a.path.length);
  const isVisible = (path: string) => {
    const around = longest.find((wall) => isBelow(wall.path, path));
    // What the agent can write is its own, or was given to it.
    return around === undefined || around.access === "read";
  };
  const folders = new Map<string, string | undefined>();
  // Most of a desktop's sockets are in a few folders that are covered.
  const settled = (path: string): readonly string[] => {
    const parent = dirname(path);
    if (!folders.has(parent)) folders.set(parent, realPathIfExists(parent));
    const folder = folders.get(parent);
    return folder === undefined ? [] : [join(folder, basename(path))];
  };
  const others = socketPaths().filter((path) => path.startsWith("/")).flatMap(settled)
    .filter((path) => !open.includes(path) && isVisible(path) && lstatIfExists(path)?.isSocket);
  return [
    ...others.map((path): Wall => ({ path, access: "hidden" })),
    ...open.map((path): Wall => ({ path, access: "read", from: path })),
  ];
}

/** The sockets of what the person let through. */
export function openSockets(allow: readonly GuardOpening[], env: Environment): readonly string[] {
  return allow.flatMap((opening): readonly string[] => {
    if (opening === "ssh-agent") return [env["SSH_AUTH_SOCK"] ?? ""];
    const named = /^unix:\/\/(.+)/.exec(env["DOCKER_HOST"] ?? "")?.[1];
    return [named ?? "/var/run/docker.sock"];
  }).filter((path) => path !== "");
}

const MAX_LIST_BYTES = 4 * 1024 * 1024;

/** The paths of all sockets that somebody listens on; abstract ones begin with `@`. */
export function socketPaths(): readonly string[] {
  // /proc says that its files are empty, so it is no case for a reader that asks for the size.
  const text = readProcFile("/proc/net/unix").slice(0, MAX_LIST_BYTES);
  return [...new Set(text.split("\n").slice(1).flatMap((line) => /^(?:\S+\s+){7}([/@].*)$/.exec(line)?.[1] ?? []))];
}

function readProcFile(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
