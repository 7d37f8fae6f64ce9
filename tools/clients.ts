/**
 * `deno task clients`: fetches the pinned agent CLIs and checkers for the end-to-end tests, once per machine.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { SamocodeError } from "../src/text/errors.ts";
import { runCommand } from "../src/system/processes/run_command.ts";
import {
  CLIENT_NAMES,
  CLIENT_PINS,
  clientCommand,
  clientFolder,
  type ClientName,
  clientsFolder,
  type Environment,
} from "./client_pins.ts";
import { fetchNtfy } from "./ntfy.ts";
import { runTool } from "./run_tool.ts";

/** A client unpacks to some 400 MB; a slow line needs its time, a dead one must not hold a build for ever. */
const INSTALL_TIMEOUT_MS = 15 * 60_000;
const VERSION_TIMEOUT_MS = 60_000;

/** What the tool uses; the real machine by default. */
export interface ClientsOptions {
  readonly env?: Environment;
  readonly write?: (line: string) => void;
  /** The npm program. */
  readonly npm?: string;
}

/**
 * Sees to it that every pinned client is there, and says a line about each.
 *
 * @throws {SamocodeError} Where there is no cache folder, no npm, or npm fails.
 */
export async function installClients(
  { env = Deno.env.toObject(), write = console.log, npm = "npm" }: ClientsOptions = {},
): Promise<void> {
  const clients = clientsFolder(env);
  if (clients === undefined) {
    throw new SamocodeError("usage", "Cannot place the clients: neither HOME nor XDG_CACHE_HOME is set", {
      hint: "Set one of them",
    });
  }
  for (const name of CLIENT_NAMES) {
    const folder = clientFolder(name, clients);
    const title = `${name} ${CLIENT_PINS[name].version}`;
    if (await isInstalled(name, folder)) write(`${title}: there already, ${folder}`);
    else {
      write(`${title}: fetching`);
      await install(name, { folder, npm });
      write(`${title}: installed, ${folder}`);
    }
  }
}

/** Tells whether a folder holds a client that answers with the pinned version. */
export async function isInstalled(name: ClientName, folder: string): Promise<boolean> {
  try {
    const [program, ...args] = clientCommand(name, { folder, clients: dirname(folder) });
    // In the client's own folder: an agent CLI that starts in a project may read that project's settings.
    const { code, stdout } = await runCommand(program, [...args, "--version"], {
      cwd: folder,
      timeoutMs: VERSION_TIMEOUT_MS,
    });
    return code === 0 && stdout.split(/\s+v?|^v/).includes(CLIENT_PINS[name].version);
  } catch {
    return false;
  }
}

/** Installs beside the final place and moves it there whole: a broken download never looks like a client. */
async function install(name: ClientName, { folder, npm }: { folder: string; npm: string }): Promise<void> {
  await Deno.mkdir(dirname(folder), { recursive: true });
  const fresh = await Deno.makeTempDir({ dir: dirname(folder), prefix: `.${basename(folder)}-` });
  try {
    await installInto(fresh, { name, npm });
    if (!(await isInstalled(name, fresh))) await runBlockedInstallScript(name, fresh);
    await Deno.remove(folder, { recursive: true }).catch(ignoreNotFound);
    await Deno.rename(fresh, folder).catch(async (error) => {
      // Somebody else was installing the same and was first.
      if (!(await isInstalled(name, folder))) throw error;
    });
  } finally {
    await Deno.remove(fresh, { recursive: true }).catch(ignoreNotFound);
  }
}

async function installInto(folder: string, { name, npm }: { name: ClientName; npm: string }): Promise<void> {
  // Without a package.json of its own npm would look for one in the folders above.
  await Deno.writeTextFile(join(folder, "package.json"), `{ "private": true }\n`);
  const { package: id, version } = CLIENT_PINS[name];
  // The native program comes as an optional dependency.
  const args = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--include=optional", `${id}@${version}`];
  const result = await runCommand(npm, args, { cwd: folder, timeoutMs: INSTALL_TIMEOUT_MS }).catch((cause) => {
    throw new SamocodeError("system", `Cannot fetch ${name} ${version}: ${npm} does not start`, {
      hint: "Install Node.js, which brings npm, or let SAMOCODE_TEST_CLAUDE and SAMOCODE_TEST_CODEX name the programs",
      cause,
    });
  });
  if (result.code === 0) return;
  throw new SamocodeError(
    "system",
    `Cannot fetch ${name} ${version}: npm ended with ${result.code}\n${result.stderr}`,
    {
      hint: "Check the network and npm's own settings, then run the task again",
    },
  );
}

/** Some npm policies leave install scripts out, and Claude Code puts its native program in place in one. */
async function runBlockedInstallScript(name: ClientName, folder: string): Promise<void> {
  const script = join("node_modules", CLIENT_PINS[name].package, "install.cjs");
  const result = await runCommand("node", [script], { cwd: folder, timeoutMs: INSTALL_TIMEOUT_MS }).catch(() =>
    undefined
  );
  if (await isInstalled(name, folder)) return;
  throw new SamocodeError(
    "system",
    `Cannot use ${name}: it does not answer with version ${CLIENT_PINS[name].version}\n${result?.stderr ?? ""}`
      .trimEnd(),
    { hint: `Run npm install ${CLIENT_PINS[name].package}@${CLIENT_PINS[name].version} by hand and see what it says` },
  );
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

if (import.meta.main) {
  await runTool(async () => {
    await installClients();
    await fetchNtfy();
  });
}
