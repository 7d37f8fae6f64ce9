/**
 * The program behind the server, with the settings of its project.
 *
 * @module
 */
import { resolve } from "node:path";
import { type GateKeeper, loadSamocode, type Samocode } from "../src/operations/samocode.ts";
import { unlessFailing } from "../src/text/errors.ts";

/** What `main.ts` passes to the server. */
export interface HostOptions extends Pick<Samocode, "env" | "self" | "shippedRoot" | "version"> {
  readonly workingDirectory: string;
  /** The value of `--project`, a folder in the project. */
  readonly project: string | undefined;
  /** The value of `--config`. */
  readonly config: string | undefined;
  /** For the log; stdout belongs to the protocol. */
  readonly writeError: (text: string) => void;
}

/** What tools, resources and prompts work with. */
export interface Host {
  readonly version: string;
  /** Who opens the gates. Fixed when the server starts, because clients list the tools only once. */
  readonly gate: GateKeeper;
  /**
   * Loads the project's current settings. The server also starts without a project, and picks up fixes to the settings.
   *
   * @throws {SamocodeError} With every problem in the settings.
   */
  samocode(): Samocode;
  /** Writes to the server's log. */
  log(text: string): void;
}

/** Makes the host of one server. */
export function createHost(options: HostOptions): Host {
  const { version } = options;
  const samocode = () => loadSamocode({ ...options, workingDirectory: projectFolder(options), flags: {} });
  // Without settings there is nothing to approve yet, so the careful default is fine.
  const gate = unlessFailing(samocode)?.settings.gate ?? "ask";
  return { version, gate, samocode, log: (text) => options.writeError(`samocode mcp: ${text}\n`) };
}

/** Claude Code may have been started below its project's folder, which it names. */
function projectFolder({ env, workingDirectory, project }: HostOptions): string {
  return resolve(workingDirectory, project ?? (env["CLAUDE_PROJECT_DIR"] || "."));
}
