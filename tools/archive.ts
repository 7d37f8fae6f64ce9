/**
 * Packs a folder. The same files give the same bytes: sorted names, no owners, one time for all.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { messageOf, SamocodeError } from "../src/system/errors.ts";
import { runCommand } from "../src/system/processes/run_command.ts";

/** Compressing a hundred megabytes takes some seconds. */
const TIMEOUT_MS = 5 * 60_000;

/** See https://reproducible-builds.org/docs/archives/; only GNU tar has them all. */
const REPRODUCIBLE = ["--format=ustar", "--sort=name", "--owner=0", "--group=0", "--numeric-owner"] as const;

/**
 * Writes `archive`, a `.tar.gz` of the folder. npm accepts it as a package whatever the folder is called.
 *
 * @throws {SamocodeError} Where tar or gzip is missing or fails.
 */
export async function packFolder(
  folder: string,
  { archive, time }: { readonly archive: string; readonly time: Date },
): Promise<void> {
  const mtime = `--mtime=@${Math.floor(time.getTime() / 1000)}`;
  const mode = ["--mode=u=rwX,go=rX", "--use-compress-program=gzip -9n"];
  const args = [...REPRODUCIBLE, mtime, ...mode, "-C", dirname(folder), "-cf", archive, basename(folder)];
  const { code, stderr } = await runCommand("tar", args, { cwd: ".", timeoutMs: TIMEOUT_MS })
    .catch((error) => ({ code: undefined, stderr: messageOf(error) }));
  if (code === 0) return;
  throw new SamocodeError("system", `Cannot pack ${archive}: ${stderr.trim()}`, {
    hint: "Make releases on Linux: this requires GNU tar and gzip",
  });
}
