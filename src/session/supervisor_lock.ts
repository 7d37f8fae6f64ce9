/**
 * The lock of the supervisor, of which each user has one at most.
 *
 * @module
 */
import { join } from "node:path";
import { lockHolder } from "./lock.ts";

/** Where its record is. */
export function supervisorLock(stateFolder: string): string {
  return join(stateFolder, "supervisor.lock");
}

/** Whether a supervisor is at work: it tells of deaths itself, and what it does about them. */
export function isSupervised(stateFolder: string): boolean {
  return lockHolder(supervisorLock(stateFolder)) !== undefined;
}
