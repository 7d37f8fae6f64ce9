/**
 * A fleet worker's handle on the process of a session.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { readFailure } from "../operations/worker_failure.ts";
import type { Samocode } from "../operations/samocode.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { workerEnvironment } from "../settings/agent_environment.ts";
import { killTree } from "../system/processes/end_processes.ts";
import { notTakenForDeno } from "../system/processes/spawn_child.ts";
import { type Partner, spawnPartner } from "../system/processes/spawn_partner.ts";
import { SamocodeError } from "../text/errors.ts";
import { plainBlock } from "../text/terminal_text.ts";
import type { FromSession } from "./contract.ts";
import { lineOf, lineReader, readFromSession } from "./session_lines.ts";

/** Ending an agent takes up to seven seconds, ending its children longer. */
const END_WITHIN_MS = 30_000;

/** The process of a running session. */
export class SessionChild {
  readonly #partner: Partner;

  private constructor(partner: Partner) {
    this.#partner = partner;
  }

  /**
   * Starts the process.
   *
   * @param ask Called for each barrier; answered by {@linkcode passed} or {@linkcode end}.
   */
  static async start(
    { settings, env, self }: Samocode,
    folder: SessionFolder,
    ask: (barrier: FromSession) => void,
  ): Promise<SessionChild> {
    const [program = "", ...before] = self;
    const read = lineReader((line) => {
      const asked = readFromSession(line);
      if (asked !== undefined) ask(asked);
    });
    const partner = await spawnPartner({
      binary: notTakenForDeno(program),
      args: [
        ...[...before, "session-worker", "--leased", "--no-hand-edits"],
        ...["--session", basename(folder.layout.folder), "--config", settings.projectFile],
        ...(settings.isProviderNamed ? ["--provider", settings.provider] : []),
      ],
      cwd: dirname(settings.projectFile),
      env: workerEnvironment(env, settings),
    }, read);
    return new SessionChild(partner);
  }

  /** Whether this process holds the session's lock. */
  holds({ holder }: Pick<SessionFolder, "holder">): boolean {
    return holder?.pid === this.#partner.pid;
  }

  /** Tells the process that the lease was renewed at this time. */
  beat(atMs: number): void {
    this.#partner.say(lineOf({ beat: atMs }));
  }

  /** Lets the process continue after a barrier. */
  passed(seq: number): void {
    this.#partner.say(lineOf({ passed: seq }));
  }

  /** Makes the process end its agent and exit; kills it if it does not. */
  end(reason: string): void {
    this.#partner.say(lineOf({ end: reason }));
    const timer = setTimeout(() => killTree(this.#partner.pid), END_WITHIN_MS);
    void this.#partner.exited.then(() => clearTimeout(timer));
  }

  /** Resolves when the process has exited. */
  async exited(): Promise<void> {
    await this.#partner.exited;
    this.#partner.close();
  }

  /** Why the process failed, from its own error output. */
  async failure(name: string): Promise<SamocodeError> {
    const { code, signal } = await this.#partner.exited;
    const said = plainBlock(this.#partner.complaint()).trim();
    const failure = readFailure(said.split("\n").at(-1) ?? "");
    if (failure !== undefined) return new SamocodeError("conflict", plainBlock(failure.message), failure);
    const end = signal ?? `code ${code}`;
    return new SamocodeError("system", `Cannot run ${name}: its process ended (${end})${said && `:\n${said}`}`, {
      hint: "See the log of the worker",
    });
  }
}
