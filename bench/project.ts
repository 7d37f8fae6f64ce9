/**
 * A project for the program to be measured in.
 *
 * @module
 */
import { join } from "node:path";
import type { Samocode } from "../src/operations/samocode.ts";
import { viewTrust } from "../src/operations/trust_project.ts";
import { stateFolder } from "../src/system/user_folders.ts";
import { loadSettings } from "../src/settings/load_settings.ts";
import { SYSTEM_CLOCK } from "../src/system/clock.ts";

/** Makes a project whose sessions lie in the very folder. */
export function writeProject(root: string): void {
  Deno.mkdirSync(root, { recursive: true });
  Deno.writeTextFileSync(join(root, ".samocode"), "MAIN_REPO=.\nWORKTREES=.\nSESSIONS=.\n");
  viewTrust({ env: { HOME: root }, workingDirectory: root, config: undefined }).trust();
}

/** The program set up for a project, for its operations to be called in this process. */
export function openProject(root: string): Samocode {
  return {
    settings: loadSettings({ env: { HOME: root }, workingDirectory: root, config: undefined, flags: {} }),
    version: "bench",
    env: {},
    shippedRoot: root,
    cacheFolder: join(root, "cache"),
    configFolder: join(root, ".config", "samocode"),
    stateFolder: stateFolder({ HOME: root }),
    self: [],
    now: () => new Date(),
    clock: SYSTEM_CLOCK,
  };
}
