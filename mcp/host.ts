/**
 * What stands behind the server: the program, set up for the one project that it serves.
 *
 * @module
 */
import { resolve } from "node:path";
import { type GateKeeper, loadSamocode, type Samocode } from "../src/operations/samocode.ts";

/** What `main.ts` hands to the server. */
export interface HostOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** The value of `--project`: a folder of the project. */
  readonly project: string | undefined;
  /** The value of `--config`. */
  readonly config: string | undefined;
  /** How this very program is called, its own arguments left out. */
  readonly self: readonly string[];
  readonly shippedRoot: string;
  readonly version: string;
  /** For the log; standard output belongs to the protocol. */
  readonly writeError: (text: string) => void;
}

/** What tools, resources and prompts work with. */
export interface Host {
  readonly version: string;
  /** Who opens the gates. Fixed when the server begins, because clients read the tools only once. */
  readonly gate: GateKeeper;
  /**
   * The program with the project's settings as they are now: a server starts where no project is set up yet, and what
   * a person mends meanwhile counts.
   *
   * @throws {SamocodeError} With everything that is wrong with the settings, and the way out.
   */
  samocode(): Samocode;
  /** Says something to whoever runs the server. */
  log(text: string): void;
}

/** Makes the host of one server. */
export function createHost(options: HostOptions): Host {
  const { version } = options;
  const samocode = () => loadSamocode({ ...options, workingDirectory: projectFolder(options), flags: {} });
  return { version, gate: gateOf(samocode), samocode, log: (text) => options.writeError(`samocode mcp: ${text}\n`) };
}

/** Claude Code says where its project is; it may have been started in a folder below. */
function projectFolder({ env, workingDirectory, project }: HostOptions): string {
  return resolve(workingDirectory, project ?? (env["CLAUDE_PROJECT_DIR"] || "."));
}

/** Without settings nothing can be approved either, so the careful default does. */
function gateOf(samocode: () => Samocode): GateKeeper {
  try {
    return samocode().settings.gate;
  } catch {
    return "ask";
  }
}
