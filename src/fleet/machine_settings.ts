/**
 * Which settings apply to a fleet session: the machine's own, plus those of the submitter that say how to work, but
 * none that guard the machine, name its folders or choose what it runs.
 *
 * @module
 */
import { join } from "node:path";
import { MAX } from "../operations/samocode.ts";
import { CHECKS, readProjectLines } from "../settings/project_lines.ts";
import { SETTING_NAMES } from "../settings/settings_table.ts";
import { configFolder } from "../system/user_folders.ts";
import { seeFile } from "../trust/seen_file.ts";
import type { FleetRequest } from "./contract.ts";

type Environment = Readonly<Record<string, string>>;

/** Checks, agents, models, time limits, retries, budgets, and the branch prefix. None of them is secret. */
const FROM_ELSEWHERE =
  /^(?:CHECK|GIT_BRANCH_PREFIX)$|^SAMOCODE_(?:(?:PROVIDER|MODEL|MAX)(?:_|$)|FALLBACK_PROVIDER$|(?:CHECK|STALL)_TIMEOUT$|RETRY_DELAY$|OUTAGE_PATIENCE$)|^(?:CLAUDE|CODEX)_(?:MODEL|TIMEOUT|MAX_TURNS)$/;

/** Limits that each machine counts for all of its sessions. */
const OF_MACHINE = /^SAMOCODE_MAX_(?:PARALLEL|.+_PER_DAY)$/;

/** The settings that are sent with a session to the worker's machine. */
export const SENT_SETTINGS: ReadonlySet<string> = new Set(
  [...SETTING_NAMES].filter((name) => FROM_ELSEWHERE.test(name) && !OF_MACHINE.test(name)),
);

/** Filters settings down to those that may be sent and that a row can hold. */
export function sendable(settings: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(settings).filter(([name, text]) =>
      SENT_SETTINGS.has(name) && text.length <= MAX.message && !text.includes("\0")
    ),
  );
}

/** The setting that names the fleet: no session's process needs it. */
const FLEET = "SAMOCODE_FLEET";

/**
 * The environment for loading a session's settings and starting its process. Its checks are in its project file. Sent
 * settings are filtered again: a row is untrusted input.
 */
export function environmentFor(env: Environment, { settings }: Pick<FleetRequest, "settings">): Environment {
  const own = { ...ownFile(env), ...env };
  const taken = Object.entries(sendable(settings)).filter(([name]) => name !== CHECKS && !(name in own));
  const { [FLEET]: _fleet, ...machine } = env;
  return { ...machine, ...Object.fromEntries(taken) };
}

function ownFile(env: Environment): Environment {
  const file = seeFile(join(configFolder(env), ".env"));
  return file === undefined ? {} : readProjectLines(file.text);
}
