/**
 * The detached worker: this very program, running a session on its own, whatever becomes of whoever asked for it.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { lockHolder } from "../session/lock.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { workerEnvironment } from "../settings/agent_environment.ts";
import { killTree } from "../system/processes/end_processes.ts";
import { messageOf, SamocodeError } from "../text/errors.ts";
import { FileWatch } from "../system/files/file_watch.ts";
import { type DetachedProcess, notTakenForDeno, spawnDetached } from "../system/processes/spawn_child.ts";
import { plainBlock } from "../text/terminal_text.ts";
import { type Status, statusOf } from "./read_status.ts";
import type { Samocode } from "./samocode.ts";

/** What the worker is to work on. */
export interface WorkerRequest {
  /** A session that was created, and that nobody works on. */
  readonly folder: SessionFolder;
}

/** A worker begins within a second; on a machine that is out of breath it may take longer. */
const BEGIN_WITHIN_MS = 60_000;
/** A watch may stay silent on network and container file systems. */
const SAFETY_LOOK_MS = 1_000;

/**
 * Starts a worker and waits until it has begun.
 *
 * @returns Where the session stands then; it may have come to rest already.
 * @throws {SamocodeError} In the worker's own words, where it ended before it began.
 */
export async function startWorker(samocode: Samocode, request: WorkerRequest): Promise<Status> {
  const { folder } = request;
  using watch = new FileWatch(folder.layout.journal);
  const worker = await spawnWorker(samocode, request);
  let end: string | undefined;
  worker.exited.then(({ code, signal }) => {
    end = signal ?? `code ${code}`;
    watch.wake();
  });
  const deadline = Date.now() + BEGIN_WITHIN_MS;
  let isBegun = false;
  while (true) {
    // The order matters: whatever was recorded before its end is there when the end is known.
    const ended = end;
    for (const event of folder.journal.refresh()) {
      if (event.type !== "session.started") continue;
      if (event.pid === worker.pid) return statusOf(folder);
      isBegun = true;
    }
    // Where another worker was quicker, this one must be gone first: it would begin when that one has been stopped.
    if (ended !== undefined && isBegun) return statusOf(folder);
    if (ended !== undefined && lockHolder(folder.layout.lock) === undefined) throw failed(folder, ended, worker);
    if (Date.now() > deadline) {
      killTree(worker.pid);
      throw failed(folder, `did not begin within ${BEGIN_WITHIN_MS / 1000} s and was killed`, worker);
    }
    await watch.changed(SAFETY_LOOK_MS);
  }
}

async function spawnWorker(
  { settings, env, self }: Samocode,
  { folder }: WorkerRequest,
): Promise<DetachedProcess> {
  const [program = "", ...before] = self;
  try {
    return await spawnDetached({
      binary: notTakenForDeno(program),
      args: [
        ...before,
        "run",
        // The folder's own name: without its day it could mean a newer session.
        ...["--session", basename(folder.layout.folder)],
        ...["--config", settings.projectFile],
        // Elsewhere the settings of single phases would go before it.
        ...(settings.isProviderNamed ? ["--provider", settings.provider] : []),
      ],
      // A folder that stays.
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

/** How the command line ends where a person can mend it: what failed, and indented the way out. */
const COMPLAINT = /^samocode: ([^]+?)\n {2}([^\n]+)\n$/;

function failed({ name }: SessionFolder, end: string, worker: DetachedProcess): SamocodeError {
  const complaint = plainBlock(worker.complaint());
  const [, message, hint] = COMPLAINT.exec(complaint) ?? [];
  if (message !== undefined && hint !== undefined) return new SamocodeError("system", message, { hint });
  const said = complaint.trim() === "" ? "without a word" : `saying:\n${complaint.trim()}`;
  return new SamocodeError("system", `Cannot start a worker for ${name}: it ended (${end}) ${said}`, {
    hint: "Run it in a terminal to see more",
    actions: [{ verb: "run", session: name }],
  });
}
