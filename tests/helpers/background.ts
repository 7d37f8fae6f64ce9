/**
 * A project with sessions that run in workers of their own; none of them outlives the test.
 *
 * @module
 */
import { join } from "node:path";
import { followEvents } from "../../src/operations/wait_session.ts";
import { readStatus } from "../../src/operations/read_status.ts";
import type { Status } from "../../src/operations/status.ts";
import { openSession, released, type Samocode } from "../../src/operations/samocode.ts";
import { loadSettings } from "../../src/settings/load_settings.ts";
import { SYSTEM_CLOCK } from "../../src/system/clock.ts";
import { cacheFolder, configFolder, stateFolder } from "../../src/system/user_folders.ts";
import type { ProcessEntry } from "../../src/system/processes/process_source.ts";
import { processesWithVariable } from "../../src/system/processes/process_table.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";
import { programUnderTest, ROOT } from "./program_under_test.ts";
import { TempProject } from "./temp_project.ts";

/** Slow enough that an iteration lasts until it is ended from outside. */
export const SLOW = { SAMOCODE_DEMO_PACE: "20" };

/** Slow enough to be met at work. */
export const STEADY = { SAMOCODE_DEMO_PACE: "4" };

/** The program, set up for a project in a folder. */
export function samocodeIn(root: string, env: Readonly<Record<string, string>>): Samocode {
  return {
    settings: loadSettings({ env, workingDirectory: root, config: undefined, flags: {} }),
    version: "0.0.0",
    env,
    shippedRoot: ROOT,
    cacheFolder: cacheFolder(env),
    configFolder: configFolder(env),
    stateFolder: stateFolder(env),
    self: programUnderTest(),
    now: () => new Date(),
    clock: SYSTEM_CLOCK,
  };
}

/** Two minutes: what a test waits for takes seconds, and a test that waits for ever names no reason. */
function patience(): AbortSignal {
  return AbortSignal.timeout(120_000);
}

/** A project that ends, when it is disposed, whatever still runs for it. */
export class Background implements AsyncDisposable {
  readonly project = new TempProject();
  readonly sessions = join(this.project.root, "sessions");
  /** Every process that works for this project carries it. */
  readonly #mark = crypto.randomUUID();

  /** The environment of whoever asks. */
  env(more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
    return {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: join(this.project.root, "home"),
      DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "/", ".cache", "deno"),
      DENO_NO_UPDATE_CHECK: "1",
      SAMOCODE_PROVIDER: "demo",
      SAMOCODE_DEMO_PACE: "0",
      SAMOCODE_MAX_RETRIES: "0",
      TEST_MARK: this.#mark,
      ...more,
    };
  }

  samocode(more: Readonly<Record<string, string>> = {}): Samocode {
    return samocodeIn(this.project.root, this.env(more));
  }

  /** The names of all session folders, without their day. */
  names(): readonly string[] {
    return [...Deno.readDirSync(this.sessions)].map(({ name }) => name.slice("YY-MM-DD-".length)).sort();
  }

  /** Resolves when the session rests and its worker has let go of it. */
  async rested(session: string): Promise<Status> {
    for await (const { status } of followEvents(this.samocode(), { session, after: 0, abort: patience() })) {
      if (status.state === "running") continue;
      using folder = openSession(this.samocode(), session, { readOnly: true });
      await released(folder);
      return readStatus(this.samocode(), { session });
    }
    throw new Error(`${session} does not rest`);
  }

  /** Resolves when the session's journal holds what is looked for. */
  async until(session: string, wanted: (event: RecordedEvent) => boolean): Promise<Status> {
    let state = "";
    for await (const { events, status } of followEvents(this.samocode(), { session, after: 0, abort: patience() })) {
      if (events.some(wanted)) return status;
      ({ state } = status);
    }
    throw new Error(`${session} is ${state}, and what the test waits for has not happened`);
  }

  /** The process that works on the session. */
  workerPid(session: string): number {
    const { workerPid } = readStatus(this.samocode(), { session });
    if (workerPid === undefined) throw new Error(`nobody works on ${session}`);
    return workerPid;
  }

  /** What still runs for this project: workers, agents, and all that they started. */
  running(): readonly ProcessEntry[] {
    return processesWithVariable(`TEST_MARK=${this.#mark}`);
  }

  /** Resolves when nothing runs any more; a worker ends shortly after its last event. */
  async quiet(): Promise<void> {
    const deadline = performance.now() + 10_000;
    // Strangers' children cannot be waited for, only looked at.
    while (this.running().length > 0 || hasDeadChild()) {
      if (performance.now() > deadline) throw new Error(`left running: ${this.running().map(({ pid }) => pid)}`);
      await new Promise((wake) => setTimeout(wake, 10));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pid } of this.running()) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch {
        // Gone already.
      }
    }
    await this.quiet();
    this.project[Symbol.dispose]();
  }
}

/** A child that is dead, but whose end this process has not been told yet: the test's sanitizers would find that. */
function hasDeadChild(): boolean {
  return [...Deno.readDirSync("/proc")].some(({ name }) => {
    try {
      return /^\d+$/.test(name) &&
        new RegExp(`\\) Z ${Deno.pid} `).test(Deno.readTextFileSync(`/proc/${name}/stat`));
    } catch {
      return false;
    }
  });
}
