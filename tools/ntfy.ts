/**
 * The real ntfy server for the tests of its channel: Debian 13's package, unpacked beside the clients without
 * installing it. It also runs on Debian 12.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { statIfExists } from "../src/system/files/files.ts";
import { runCommand } from "../src/system/processes/run_command.ts";
import { SamocodeError } from "../src/text/errors.ts";
import { clientsFolder, type Environment } from "./client_pins.ts";

/** The version in Debian 13, whose behaviour the tests expect. */
export const NTFY_VERSION = "2.11.0";

const RELEASE = "trixie";
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Where the program is stored; `undefined` if no variable names the cache folder. */
export function ntfyProgram(env: Environment): string | undefined {
  const clients = clientsFolder(env);
  return clients === undefined ? undefined : join(clients, `ntfy-${NTFY_VERSION}`, "usr", "bin", "ntfy");
}

/** What the tool uses; the real machine by default. */
export interface NtfyOptions {
  readonly env?: Environment;
  readonly write?: (line: string) => void;
  readonly apt?: string;
  readonly dpkg?: string;
  readonly keyring?: string;
}

/**
 * Fetches the server, once per machine. Without apt and Debian's keys, says so, and the tests that need it are skipped.
 *
 * @throws {SamocodeError} If apt fails.
 */
export async function fetchNtfy(
  { env = Deno.env.toObject(), write = console.log, apt = "apt-get", dpkg = "dpkg", keyring = KEYRING }: NtfyOptions =
    {},
): Promise<void> {
  const program = ntfyProgram(env);
  if (program === undefined) return;
  const title = `ntfy ${NTFY_VERSION}`;
  const folder = join(program, "..", "..", "..");
  if (statIfExists(program) !== undefined) return write(`${title}: there already, ${folder}`);
  const archive = statIfExists(keyring) !== undefined ? await debianArchive(apt) : undefined;
  if (archive === undefined) return write(`${title}: skipped, it comes from Debian's archive by apt-get`);
  write(`${title}: fetching`);
  await Deno.mkdir(dirname(folder), { recursive: true });
  const work = await Deno.makeTempDir({ dir: dirname(folder), prefix: ".ntfy-" });
  try {
    await download(archive, { work, apt, dpkg, keyring });
    // Moved as a whole, so that a partial package never looks complete.
    await Deno.rename(join(work, "unpacked"), folder).catch((error) => {
      if (statIfExists(program) === undefined) throw error;
    });
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  write(`${title}: installed, ${folder}`);
}

/** The archive that the machine's own apt uses. */
async function debianArchive(apt: string): Promise<string | undefined> {
  const args = ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"];
  const found = await runCommand(apt, args, { cwd: "/" }).catch(() => undefined);
  return found?.stdout.split("\n").find((uri) => /\/debian\/?$/.test(uri));
}

async function download(
  archive: string,
  { work, apt, dpkg, keyring }: Required<Pick<NtfyOptions, "apt" | "dpkg" | "keyring">> & { readonly work: string },
): Promise<void> {
  for (const folder of ["lists/partial", "cache/archives/partial"]) {
    await Deno.mkdir(join(work, folder), { recursive: true });
  }
  const sources = join(work, "sources.list");
  await Deno.writeTextFile(sources, `deb [signed-by=${keyring}] ${archive} ${RELEASE} main\n`);
  const settings = {
    "Dir::Etc::SourceList": sources,
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::State::Lists": join(work, "lists"),
    "Dir::Cache": join(work, "cache"),
    // apt's sandbox user may not write here.
    "APT::Sandbox::User": Deno.uid() === 0 ? "root" : "",
  };
  const options = ["-qq", ...Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`])];
  await run(apt, [...options, "update"], work);
  await run(apt, [...options, "download", "ntfy"], work);
  const [name] = [...Deno.readDirSync(work)].map((entry) => entry.name).filter((each) => each.endsWith(".deb"));
  await run(dpkg, ["-x", join(work, name ?? ""), join(work, "unpacked")], work);
}

async function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  const { code, stderr } = await runCommand(program, args, { cwd, timeoutMs: 300_000 });
  if (code === 0) return;
  throw new SamocodeError("system", `Cannot fetch ntfy: ${program} ended with ${code}\n${stderr}`, {
    hint: "Check the network and apt's own settings, then run the task again",
  });
}
