/**
 * A worker's name. `Deno.hostname()` would need a permission that the binary does not have.
 *
 * @module
 */
import { join } from "node:path";
import { readTextIfExists, writeAtomic } from "../system/files/files.ts";
import { SamocodeError, unlessFailing } from "../text/errors.ts";

const NAME = /^[A-Za-z0-9][\w.-]{0,62}$/;

/**
 * Returns the given name, the host's name, or a random one that this machine keeps.
 *
 * @param folder Stores a random name.
 * @throws {SamocodeError} If the given name is not valid.
 */
export function workerName(given: string | undefined, folder: string): string {
  if (given !== undefined) {
    if (NAME.test(given)) return given;
    throw new SamocodeError("usage", `Cannot use ${JSON.stringify(given.slice(0, 80))} as a worker's name`, {
      hint: "Use letters, digits, dots, hyphens and underscores, at most 63",
    });
  }
  const host = unlessFailing(() => readTextIfExists("/etc/hostname"))?.trim() ?? "";
  if (NAME.test(host)) return host;
  const path = join(folder, "worker-name");
  const kept = readTextIfExists(path)?.trim() ?? "";
  if (NAME.test(kept)) return kept;
  const made = `worker-${crypto.randomUUID().slice(0, 8)}`;
  writeAtomic(path, `${made}\n`, { newMode: 0o600 });
  return made;
}
