/**
 * Whose settings count for a session of the fleet: the machine's own, and of the submitter's those that say how to work,
 * never what guards the machine, where its folders are or what it runs.
 *
 * @module
 */
import { join } from "node:path";
import { readProjectLines } from "../settings/project_lines.ts";
import { SETTING_NAMES } from "../settings/settings_table.ts";
import { configFolder } from "../system/user_folders.ts";
import { seeFile } from "../trust/seen_file.ts";
import type { FleetRequest } from "./contract.ts";

type Environment = Readonly<Record<string, string>>;

/** Agents, models, time limits, retries, budgets, and how branches are called. */
const FROM_ELSEWHERE =
  /^SAMOCODE_(?:(?:PROVIDER|MODEL|MAX)(?:_|$)|FALLBACK_PROVIDER$|(?:CHECK|STALL)_TIMEOUT$|RETRY_DELAY$|OUTAGE_PATIENCE$)|^GIT_BRANCH_PREFIX$|^(?:CLAUDE|CODEX)_(?:MODEL|TIMEOUT|MAX_TURNS)$/;

/** Counted on each machine, for all of its sessions. */
const OF_MACHINE = /^SAMOCODE_MAX_(?:PARALLEL|.+_PER_DAY)$/;

/** The setting that names the fleet: no session's process needs it. */
const FLEET = "SAMOCODE_FLEET";

/** The environment with which a session's settings are loaded and its process is started. */
export function environmentFor(env: Environment, { settings }: Pick<FleetRequest, "settings">): Environment {
  const own = { ...ownFile(env), ...env };
  const taken = Object.entries(settings).filter(([name, value]) =>
    SETTING_NAMES.has(name) && FROM_ELSEWHERE.test(name) && !OF_MACHINE.test(name) && !(name in own) &&
    !value.includes("\0")
  );
  const { [FLEET]: _fleet, ...machine } = env;
  return { ...machine, ...Object.fromEntries(taken) };
}

function ownFile(env: Environment): Environment {
  const file = seeFile(join(configFolder(env), ".env"));
  return file === undefined ? {} : readProjectLines(file.text);
}
