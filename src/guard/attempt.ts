/**
 * What the guard is told of a run and of one attempt.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { realPathIfExists } from "../system/files/files.ts";
import type { HostRule } from "./network/host_list.ts";

/** Variables of a program. */
export type Environment = Readonly<Record<string, string>>;

/** The folder of an agent's own program, as its row describes it. A guarded agent gets one that ends with the attempt. */
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

/** Where the model of an agent is, as far as the agent's own settings tell. */
export interface ModelHosts {
  /** Where the agent goes by itself: these are let through without being listed. */
  readonly usual: readonly string[];
  /** Where a person sends it instead: a host of their choosing, which they must list. */
  readonly chosen: { readonly url: string; readonly from: string } | undefined;
}

/** What stays the same for all attempts of a run. */
export interface GuardedProject {
  readonly mainRepo: string;
  readonly worktrees: string;
  readonly sessions: string;
  readonly cacheFolder: string;
  /** Files with settings and keys of samocode itself. */
  readonly secrets: readonly string[];
  /** Where samocode keeps the heads and locks of all journals: whoever can open a file can lock it. */
  readonly stateFolder: string;
  /** What the person lets agents write as well. */
  readonly writable: readonly string[];
  readonly allow: readonly GuardOpening[];
  readonly hasNetwork: boolean;
  /** The hosts that can be reached without a network; empty for none. */
  readonly hosts: readonly HostRule[];
  /** The command that starts this program, without arguments. */
  readonly self: readonly string[];
}

/** What a person may let through by name. */
export type GuardOpening = "ssh-agent" | "docker";

/** One attempt of an agent. */
export interface AttemptToGuard {
  /** Absolute. */
  readonly binary: string;
  readonly env: Environment;
  readonly home: AgentHome | undefined;
  /** A check of the project: it has no program folder, but needs what agents fetched into their caches. */
  readonly isCheck?: boolean;
  readonly modelHosts: ModelHosts;
  readonly workingDirectory: string;
  readonly sessionFolder: string;
  /** Files and folders in the session's folder that only the worker writes. */
  readonly record: readonly string[];
  readonly contextPath: string;
  readonly pluginFolder: string | undefined;
  readonly marker: string;
}

/** Where sockets of other programs are; in the guard a folder in memory that ends with the attempt. */
export const RUNTIME = "/run";

/** The folder of an agent's own program, in {@linkcode RUNTIME}: making it on a disk would take longer than all walls. */
export const OWN_HOME = `${RUNTIME}/samocode`;

/** Where temporary files belong; in the guard a folder of the attempt's own. */
export const TEMPORARY = "/tmp";

/** The folders that are made for an attempt. */
export interface Places {
  /** What it has as {@linkcode TEMPORARY}, on the disk. */
  readonly tmp: string;
  /** Shared by the sessions of a project: never what programs outside would run. */
  readonly caches: string;
  /**
   * The same for caches that have no variable. Beside {@linkcode Places.caches}, not in it: a folder that is shown must
   * not be in one that agents can write, or one of them could put a link in its place.
   */
  readonly homeCaches: string;
}

/** Where temporary files of an attempt are. */
export function attemptFolder(cacheFolder: string, marker: string): string {
  return join(cacheFolder, "guard", "run", marker);
}

/** Makes the folders of an attempt. */
export function makePlaces({ cacheFolder, mainRepo }: GuardedProject, marker: string): Places {
  const cache = realPathIfExists(cacheFolder) ?? cacheFolder;
  const caches = join(cache, "guard", "cache", createHash("sha256").update(mainRepo).digest("hex").slice(0, 12));
  const places = {
    tmp: attemptFolder(cache, marker),
    caches: join(caches, "named"),
    homeCaches: join(caches, "home"),
  };
  for (const folder of [places.tmp, places.caches]) Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  return places;
}
