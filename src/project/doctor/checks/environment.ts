/**
 * The version of samocode, the project's settings, what guards the agents, and the disks that sessions write to.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { type Finding, ok, problem, warning } from "../../../contract/finding.ts";
import { guardSettings, providersOf } from "../../../settings/settings.ts";
import { cacheFolder } from "../../../system/user_folders.ts";
import { statIfExists } from "../../../system/files/files.ts";
import { type Check, isOlder } from "../check.ts";
import { chooseGuard, holds } from "../../../guard/guard.ts";
import { socketPaths } from "../../../guard/sockets.ts";
import { canKeep } from "../../../system/processes/keeper.ts";
import { describeGuard } from "../../../messages/describe_event.ts";
import { SamocodeError } from "../../../text/errors.ts";

/** The oldest version that the code runs on. */
const OLDEST_DENO = [2, 4] as const;

/** Checks the program itself. */
export const program: Check = {
  area: "samocode",
  *examine({ version, self }): Generator<Finding> {
    const { deno } = Deno.version;
    const text = `Version ${version}, ${self.length === 1 ? "one binary, with" : "on"} Deno ${deno}`;
    yield isOlder(deno, OLDEST_DENO) ? problem(`${text}, which is too old`, "deno upgrade") : ok(text);
  },
};

/** Checks the settings. */
export const settings: Check = {
  area: "settings",
  *examine({ settings, settingsProblems }): Generator<Finding> {
    yield* settingsProblems;
    if (settings === undefined) return;
    for (const text of settings.warnings) {
      const [what = "", ...fix] = text.split(". ");
      yield warning(what, fix.join(". "));
    }
    yield ok(`${settings.projectFile}: ${settings.mainRepo}, with ${providersOf(settings).join(", ")}`);
  },
};

/** A night's logs of a busy session stay below this. */
const ENOUGH_BYTES = 2 * 1024 ** 3;
/** Below this a build may fail at any moment. */
const LEAST_BYTES = 200 * 1024 ** 2;

/** Checks the free space of each disk once. */
export const disk: Check = {
  area: "disk",
  *examine({ settings, env, workingDirectory }): Generator<Finding> {
    const folders = settings === undefined
      ? [workingDirectory]
      : [settings.sessions, settings.worktrees, settings.mainRepo];
    const seen = new Set<number>();
    for (const folder of [...folders, cacheFolder(env)]) {
      const there = existing(folder);
      const device = Deno.statSync(there).dev;
      if (seen.has(device)) continue;
      seen.add(device);
      const { bavail, bsize } = statfsSync(there);
      const free = bavail * bsize;
      const text = `${(free / 1024 ** 3).toFixed(1)} GiB free at ${folder}`;
      const remedy = "Free some space, for example by removing old worktrees";
      if (free >= ENOUGH_BYTES) yield ok(text);
      else yield free < LEAST_BYTES ? problem(text, remedy) : warning(text, remedy);
    }
  },
};

/** The folder itself, or the nearest one above it that exists. */
function existing(folder: string): string {
  return statIfExists(folder) !== undefined || folder === dirname(folder) ? folder : existing(dirname(folder));
}

/** The check. */
export const guard: Check = {
  area: "guard",
  async *examine({ settings, env, self }): AsyncGenerator<Finding> {
    if (settings === undefined) return;
    try {
      const { record, tie } = await chooseGuard(guardSettings(settings, { env, self, cacheFolder: cacheFolder(env) }));
      const text = `Agents are ${describeGuard(record)}`;
      if (holds(record.kind)) yield ok(text);
      else yield warning(text, settings.guard === "off" ? "Remove SAMOCODE_GUARD=off" : INSTALL);
      if (tie === undefined) yield canKeep(env) ? ok(KEPT) : warning(UNTIED, TIE_THEM);
      for (const name of record.open) yield warning(`Agents can leave the guard through ${name}`, OPENED);
      if (holds(record.kind) && record.network === "open") yield* abstractSockets();
    } catch (error) {
      if (!(error instanceof SamocodeError)) throw error;
      yield problem(error.message, error.hint);
    }
  },
};

const INSTALL = "Install bubblewrap (apt install bubblewrap), then run samocode doctor";
const KEPT =
  "If a worker is killed, a shell that watches it ends its agent: there is no setpriv here to have the system do it";
const UNTIED =
  "If a worker is killed, its agent works on until the next run: there is neither setpriv nor a shell to end it";
const TIE_THEM = "Install bubblewrap, or util-linux for setpriv";
const OPENED = "Remove it from SAMOCODE_GUARD_ALLOW when you no longer need it";

/** Nothing but a network of its own keeps an agent from these. */
function* abstractSockets(): Generator<Finding> {
  const names = socketPaths().filter((path) => path.startsWith("@/"));
  if (names.length === 0) return;
  const shown = names.slice(0, 3).join(", ");
  yield warning(`Agents can reach abstract sockets: ${shown}`, "Stop those programs, or run samocode in a container");
}
