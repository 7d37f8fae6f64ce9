/**
 * The detached worker: this same program, running a session on its own. It outlives whoever started it.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import type { SessionFolder } from "../session/session_folder.ts";
import { workerEnvironment } from "../settings/agent_environment.ts";
import { killTree } from "../system/processes/end_processes.ts";
import { messageOf, SamocodeError } from "../text/errors.ts";
import { FileWatch } from "../system/files/file_watch.ts";
import { type DetachedProcess, notTakenForDeno, spawnDetached } from "../system/processes/spawn_child.ts";
import { plainBlock } from "../text/terminal_text.ts";
import { statusOf } from "./read_status.ts";
import type { Status } from "./status.ts";
import { checkRepository } from "./trust_project.ts";
import type { Samocode } from "./samocode.ts";

/** A worker takes less than a second to begin; an overloaded machine may need longer. */
const BEGIN_WITHIN_MS = 60_000;
/** File watching does not work on some network and container file systems. */
const SAFETY_LOOK_MS = 1_000;

/**
 * Starts a worker for a session that was created and has none, and waits until it has begun.
 *
 * @returns The status then; the session may be at rest already.
 * @throws {SamocodeError} If it ended before it began: the worker's own error, if it reported one.
 */
export async function startWorker(samocode: Samocode, folder: SessionFolder): Promise<Status> {
  checkRepository(samocode);
  using watch = new FileWatch(folder.layout.journal);
  const worker = await spawnWorker(samocode, folder);
  let end: string | undefined;
  worker.exited.then(({ code, signal }) => {
    end = signal ?? `code ${code}`;
    watch.wake();
  });
  const deadline = performance.now() + BEGIN_WITHIN_MS;
  let isBegun = false;
  while (true) {
    // Read before the journal: everything that the worker recorded is there once its end is known.
    const ended = end;
    for (const event of folder.journal.refresh()) {
      if (event.type !== "session.started") continue;
      if (event.pid === worker.pid) return statusOf(folder);
      isBegun = true;
    }
    // If another worker was faster, wait until this one is gone: it would begin once the other one is stopped.
    if (ended !== undefined && isBegun) return statusOf(folder);
    if (ended !== undefined && folder.holder === undefined) throw await failed(folder, ended, worker);
    if (performance.now() > deadline) {
      killTree(worker.pid);
      throw await failed(folder, `did not begin within ${BEGIN_WITHIN_MS / 1000} s and was killed`, worker);
    }
    await watch.changed(SAFETY_LOOK_MS);
  }
}

async function spawnWorker(
  { settings, env, self, isPersons = false }: Samocode,
  folder: SessionFolder,
): Promise<DetachedProcess> {
  const [program = "", ...before] = self;
  try {
    return await spawnDetached({
      binary: notTakenForDeno(program),
      args: [
        ...before,
        "session-worker",
        // The folder's full name: without its date it could mean a newer session.
        ...["--session", basename(folder.layout.folder)],
        ...["--config", settings.projectFile],
        // In the environment, the settings of single phases would take precedence.
        ...(settings.isProviderNamed ? ["--provider", settings.provider] : []),
        ...(isPersons ? [] : ["--no-hand-edits"]),
      ],
      // A worktree may be removed while the worker runs.
      cwd: dirname(settings.projectFile),
      env: workerEnvironment(env, settings),
      logPath: folder.layout.workerLog,
    });
  } catch (error) {
    throw new SamocodeError("system", `Cannot start a worker for ${folder.name}: ${messageOf(error)}`, {
      hint: "Fix that, or run it in a terminal",
      actions: [{ verb: "run", session: folder.name }],
      cause: error,
    });
  }
}

async function failed({ name }: SessionFolder, end: string, worker: DetachedProcess): Promise<SamocodeError> {
  const output = plainBlock(worker.complaint()).trim();
  // Loaded on demand: a process that keeps starting workers should not hold the parser in memory.
  const { readFailure } = await import("./worker_failure.ts");
  const failure = readFailure(output.split("\n").at(-1) ?? "");
  if (failure !== undefined) return new SamocodeError("system", plainBlock(failure.message), failure);
  const said = output === "" ? " and printed nothing" : `:\n${output}`;
  return new SamocodeError("system", `Cannot start a worker for ${name}: it ended (${end})${said}`, {
    hint: "Run it in a terminal to see more",
    actions: [{ verb: "run", session: name }],
  });
}
