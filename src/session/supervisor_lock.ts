/**
 * The supervisor's lock: each user has at most one supervisor.
 *
 * @module
 */
import { join } from "node:path";
import { lockHolder } from "./lock.ts";

/** The path of the lock. */
export function supervisorLock(stateFolder: string): string {
  return join(stateFolder, "supervisor.lock");
}

/** Whether a supervisor is running, which reports dead workers, and what it does about them, itself. */
export function isSupervised(stateFolder: string): boolean {
  return lockHolder(supervisorLock(stateFolder)) !== undefined;
}
