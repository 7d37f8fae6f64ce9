/**
 * The guard: keeps an agent from everything that is not its work. Chooses what this machine can do, by trying it, and
 * wraps the command of each attempt.
 *
 * @module
 */
import { join } from "node:path";
import { SamocodeError } from "../text/errors.ts";
import { removeFolder, statIfExists } from "../system/files/files.ts";
import { platform } from "../system/platform.ts";
import { programPath } from "../system/processes/program_path.ts";
import type { GuardKind, GuardRecord } from "../workflow/run_events.ts";
import { attemptFolder, type AttemptToGuard, type GuardedProject, type GuardOpening } from "./attempt.ts";
import { bubblewrapArguments } from "./bubblewrap.ts";
import { encloser } from "./enclose.ts";
import type { Refused } from "./network/host_proxy.ts";
import { type NamedModelHosts, openHosts } from "./network/open_hosts.ts";
import { wayOut } from "./network/way_out.ts";
import { isRoot, type Namespace, probeBubblewrap, probeNamespace, probeTie, TIE } from "./probes.ts";
import { seatbeltProfile } from "./seatbelt.ts";
import type { Wall } from "./walls.ts";

/** What the settings say. */
export interface GuardSettings extends Omit<GuardedProject, "writable" | "allow" | "hasNetwork" | "hosts"> {
  readonly mode: "on" | "off" | "require";
  /** Absolute paths, separated by colons. */
  readonly writable: string;
  /** Names of {@linkcode GuardOpening}, separated by commas. */
  readonly allow: string;
  /** `open`, `off`, or hosts separated by commas. */
  readonly network: string;
  /** Where the models of the agents are. */
  readonly modelHosts: () => readonly NamedModelHosts[];
  readonly env: Readonly<Record<string, string>>;
}

/** A command to be started. */
export interface WrappedCommand extends Disposable {
  /** The hosts that were asked for in vain so far; absent where no list of hosts applies. */
  readonly refused?: () => Refused;
  readonly binary: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What guards the agents of a run. */
export interface Guard {
  /** For the record. */
  readonly record: GuardRecord;
  /** The program by which the system itself ends an agent with its worker; `undefined` where there is none. */
  readonly tie: string | undefined;
  /**
   * Wraps the command of an attempt. Disposing removes the attempt's private folders.
   *
   * @throws {SamocodeError} Where the record could be written nevertheless.
   */
  wrap(attempt: AttemptToGuard, args: readonly string[]): WrappedCommand;
}

const OPENINGS: readonly GuardOpening[] = ["ssh-agent", "docker"];
const SANDBOX_EXEC = "/usr/bin/sandbox-exec";

/**
 * Chooses the strongest guard that works here.
 *
 * @throws {SamocodeError} Where the settings cannot be used, and where a guard is required and none works.
 */
export async function chooseGuard(settings: GuardSettings): Promise<Guard> {
  const project: GuardedProject = {
    ...settings,
    writable: readWritable(settings.writable),
    allow: readAllow(settings.allow),
    hasNetwork: settings.network === "open",
    hosts: openHosts(settings),
  };
  const { guard, obstacle } = settings.mode === "off"
    ? await without("switched off by SAMOCODE_GUARD=off", settings.env)
    : await strongest(project, settings.env);
  if (settings.mode === "require" && !holds(guard.record.kind)) {
    throw new SamocodeError("system", `Cannot guard the agents: ${obstacle}`, {
      hint: "Install bubblewrap and run samocode doctor, or set SAMOCODE_GUARD=on to work without the guard",
    });
  }
  if (!project.hasNetwork && guard.record.kind !== "bubblewrap") {
    throw new SamocodeError("system", `Cannot limit the network: ${obstacle}`, {
      hint: settings.mode === "off"
        ? "Remove SAMOCODE_GUARD=off, or set SAMOCODE_GUARD_NETWORK=open"
        : "Install bubblewrap and run samocode doctor, or set SAMOCODE_GUARD_NETWORK=open",
    });
  }
  return guard;
}

/** Tells whether a guard keeps an agent from the record. */
export function holds(kind: GuardKind): boolean {
  return kind === "bubblewrap" || kind === "seatbelt";
}

async function strongest(
  project: GuardedProject,
  env: GuardSettings["env"],
): Promise<{ readonly guard: Guard; readonly obstacle: string }> {
  const { guard: kind } = platform();
  if (kind === undefined) return await without("there is no guard for this system", env);
  if (kind === "seatbelt") {
    const isThere = statIfExists(SANDBOX_EXEC) !== undefined;
    if (isThere) return { guard: behindSeatbelt(project), obstacle: "" };
    return await without(`there is no ${SANDBOX_EXEC}`, env);
  }
  const bwrap = programPath("bwrap", { env }).program;
  const obstacle = bwrap === undefined ? "bubblewrap is not installed" : await probeBubblewrap(bwrap, project);
  if (bwrap !== undefined && obstacle === undefined) return { guard: behindBubblewrap(bwrap, project), obstacle: "" };
  const reason = obstacle ?? "";
  const namespace = await probeNamespace(env);
  if (namespace === undefined) return await without(reason, env);
  return { guard: inNamespace(namespace, { note: reason, tie: await probeTie(env) }), obstacle: reason };
}

async function without(
  reason: string,
  env: GuardSettings["env"],
): Promise<{ readonly guard: Guard; readonly obstacle: string }> {
  return { guard: unguarded({ note: reason, tie: await probeTie(env) }), obstacle: reason };
}

function behindBubblewrap(bwrap: string, project: GuardedProject): Guard {
  const { hasNetwork, hosts, allow } = project;
  const enclose = encloser(project);
  return {
    record: { kind: "bubblewrap", open: allow, ...networkRecord(project), note: "" },
    tie: bwrap,
    wrap(attempt, args): WrappedCommand {
      const { walls, kept, added } = enclose(attempt);
      const place = { cwd: attempt.workingDirectory, hasNetwork, isRoot: isRoot() };
      const folder = attemptFolder(project.cacheFolder, attempt.marker);
      if (hosts.length === 0) {
        const wrapped = bubblewrapArguments(walls, { ...place, binary: attempt.binary, args });
        return command({ binary: bwrap, args: wrapped, env: { ...kept, ...added } }, folder);
      }
      const { proxy, wall, ...bridge } = wayOut(project, attempt, { args, env: added });
      const wrapped = bubblewrapArguments([...walls, wall], { ...place, ...bridge });
      // The bridge is started with the caches of the person, where its own modules are.
      return {
        ...command({ binary: bwrap, args: wrapped, env: kept }, folder, proxy),
        refused: () => proxy.refused,
      };
    },
  };
}

function behindSeatbelt(project: GuardedProject): Guard {
  const { hasNetwork, allow } = project;
  const enclose = encloser(project);
  return {
    record: { kind: "seatbelt", open: allow, ...networkRecord(project), note: "untested on macOS" },
    tie: undefined,
    wrap(attempt, args): WrappedCommand {
      const folder = attemptFolder(project.cacheFolder, attempt.marker);
      // Nothing can be shown in another place: the agent works in its own folder, where the same names are read only.
      const { walls, kept, added } = enclose({ ...attempt, home: undefined });
      const own: Wall = { path: folder, access: "write" };
      const all = [...walls.filter(({ from }) => from === undefined), own, ...ownFolderWalls(attempt)];
      const profile = seatbeltProfile(all, { hasNetwork });
      const wrapped = ["-p", profile, attempt.binary, ...args];
      return command({ binary: SANDBOX_EXEC, args: wrapped, env: { ...kept, ...added, TMPDIR: folder } }, folder);
    },
  };
}

function ownFolderWalls({ home, env }: AttemptToGuard): readonly Wall[] {
  if (home === undefined) return [];
  const folder = home.folder(env);
  const state = home.copied?.(env);
  return [
    { path: folder, access: "write" },
    ...home.shown.map((name): Wall => ({ path: join(folder, name), access: "read" })),
    ...(state === undefined ? [] : [{ path: state, access: "write" } as const]),
  ];
}

function networkRecord({ hasNetwork, hosts }: GuardedProject): Pick<GuardRecord, "network" | "hosts"> {
  if (hosts.length === 0) return { network: hasNetwork ? "open" : "off" };
  return { network: "allow-list", hosts: hosts.map(({ text }) => text) };
}

/** Why nothing stronger guards an agent, and what ties it to its worker. */
export interface Weak {
  readonly note: string;
  readonly tie: string | undefined;
}

/** Only what ends with the attempt is better than without a guard: nothing outlives it. */
function inNamespace({ binary: unshare, before }: Namespace, { note, tie }: Weak): Guard {
  return {
    record: { kind: "pid-namespace", open: [], network: "open", note },
    tie,
    wrap: ({ binary, env }, args) => tied(tie, { binary: unshare, args: [...before, binary, ...args], env }),
  };
}

/** No guard at all. */
export function unguarded({ note, tie }: Weak): Guard {
  return {
    record: { kind: "none", open: [], network: "open", note },
    tie,
    wrap: ({ binary, env }, args) => tied(tie, { binary, args, env }),
  };
}

function tied(tie: string | undefined, wrapped: Omit<WrappedCommand, typeof Symbol.dispose>): WrappedCommand {
  const { binary, args, env } = wrapped;
  return command(tie === undefined ? wrapped : { binary: tie, args: [...TIE, binary, ...args], env }, undefined);
}

function command(
  wrapped: Omit<WrappedCommand, typeof Symbol.dispose>,
  folder: string | undefined,
  proxy?: Disposable,
): WrappedCommand {
  return {
    ...wrapped,
    [Symbol.dispose]: () => {
      proxy?.[Symbol.dispose]();
      if (folder !== undefined) removeFolder(folder);
    },
  };
}

function readWritable(text: string): readonly string[] {
  const paths = text.split(":").map((path) => path.trim()).filter((path) => path !== "");
  const wrong = paths.find((path) => !path.startsWith("/") || path === "/");
  if (wrong === undefined) return paths;
  throw new SamocodeError(
    "usage",
    `Cannot use SAMOCODE_GUARD_WRITABLE: ${JSON.stringify(wrong)} is not an absolute path`,
    {
      hint: "Separate absolute paths with colons, as in SAMOCODE_GUARD_WRITABLE=/srv/data:/opt/sdk",
    },
  );
}

function readAllow(text: string): readonly GuardOpening[] {
  const names = text.split(",").map((name) => name.trim()).filter((name) => name !== "");
  const wrong = names.find((name) => !OPENINGS.some((opening) => opening === name));
  if (wrong === undefined) return OPENINGS.filter((opening) => names.includes(opening));
  throw new SamocodeError("usage", `Cannot use SAMOCODE_GUARD_ALLOW: it has no ${JSON.stringify(wrong)}`, {
    hint: `Name one or more of ${OPENINGS.join(", ")}`,
  });
}
