/**
 * Packs a folder. The same files give the same bytes: names in order, nobody's ids, one time for all.
 *
 * @module
 */
import { SamocodeError } from "../src/system/errors.ts";
import { runCommand } from "../src/system/processes/run_command.ts";

/** A hundred megabytes take some seconds to compress. */
const PATIENCE_MS = 5 * 60_000;

/** See https://reproducible-builds.org/docs/archives/; only GNU tar knows them all. */
const SAME_EACH_TIME = ["--format=ustar", "--sort=name", "--owner=0", "--group=0", "--numeric-owner"] as const;

/**
 * Writes `archive`, which ends with `.tar.gz`, with what lies in `folder`, without the folder itself.
 *
 * @throws {SamocodeError} Where tar or gzip is missing or fails.
 */
export async function packFolder(
  folder: string,
  { archive, time }: { readonly archive: string; readonly time: Date },
): Promise<void> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  const tar = archive.replace(/\.gz$/, "");
  const mtime = `--mtime=@${Math.floor(time.getTime() / 1000)}`;
  await run("tar", [...SAME_EACH_TIME, mtime, "--mode=u=rwX,go=rX", "-C", folder, "-cf", tar, ...names]);
  await run("gzip", ["-9", "--no-name", "--force", tar]);
}

async function run(binary: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await runCommand(binary, args, { cwd: ".", timeoutMs: PATIENCE_MS }).catch((cause) => {
    throw unpacked(binary, cause instanceof Error ? cause.message : String(cause));
  });
  if (code !== 0) throw unpacked(binary, stderr.trim());
}

function unpacked(binary: string, problem: string): SamocodeError {
  return new SamocodeError("system", `Cannot pack the release: ${binary}: ${problem}`, {
    hint: "It takes GNU tar and gzip: make releases on Linux",
  });
}
