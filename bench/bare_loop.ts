/**
 * The floor of an iteration: starts the same agent with the same function of the platform, waits for it, and writes as
 * many bytes. It reads nothing, checks nothing and decides nothing.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { AGENT_ENVIRONMENT, readVisit, type Visit } from "./instant_agent.ts";
import type { Written } from "./loop_session.ts";

/** How the floor is laid. */
export interface BareLoopOptions {
  /** An empty folder. */
  readonly root: string;
  readonly agent: string;
  /** Whether it waits for the disk as often as the loop does: after each line of the journal, and for the notebook. */
  readonly durable: boolean;
  /** What the loop wrote in its last iteration. */
  readonly written: () => Written;
}

/** A loop without any of the duties. */
export class BareLoop implements Disposable {
  readonly #options: BareLoopOptions;
  readonly #journal: Deno.FsFile;
  #count = 0;

  constructor(options: BareLoopOptions) {
    this.#options = options;
    this.#journal = Deno.openSync(join(options.root, "journal"), { append: true, create: true });
  }

  /** Runs the agent once. */
  async step(): Promise<Visit & { readonly ms: number }> {
    const { root, agent, written } = this.#options;
    const begun = performance.now();
    const logPath = join(root, `log-${++this.#count}`);
    const output = openSync(logPath, "a");
    const child = spawn(agent, [], {
      env: { ...AGENT_ENVIRONMENT, SAMOCODE_SIGNAL: join(root, "signal") },
      stdio: ["ignore", output, "ignore"],
      detached: true,
    });
    await new Promise((resolve, reject) => child.once("exit", resolve).once("error", reject));
    closeSync(output);
    this.#write(written());
    return { ms: performance.now() - begun, ...readVisit(logPath) };
  }

  [Symbol.dispose](): void {
    this.#journal.close();
  }

  #write({ journalLines, notebookBytes, contextBytes }: Written): void {
    const { root, durable } = this.#options;
    for (const line of journalLines) {
      this.#journal.writeSync(new TextEncoder().encode(line));
      if (durable) this.#journal.syncDataSync();
    }
    Deno.writeFileSync(join(root, "context"), new Uint8Array(contextBytes));
    using notebook = Deno.openSync(join(root, "notebook"), { write: true, create: true, truncate: true });
    notebook.writeSync(new Uint8Array(notebookBytes));
    if (durable) notebook.syncDataSync();
  }
}
