/**
 * The fleet worker: takes sessions while it has free slots, sends heartbeats, and hands its sessions over when it
 * drains.
 *
 * @module
 */
import { join } from "node:path";
import { lockHolder, takeLock } from "../session/lock.ts";
import { pause } from "../system/pause.ts";
import { dataFolder, stateFolder } from "../system/user_folders.ts";
import { messageOf, SamocodeError } from "../text/errors.ts";
import { formatCount } from "../text/format.ts";
import { type Lease, LEASE_MS } from "./contract.ts";
import { Drive, type DriveContext } from "./drive.ts";
import { Engine } from "./engine.ts";
import { mayPass } from "./engine_errors.ts";
import { beat, claim, enqueueWanted } from "./lease.ts";
import { fleetFolder } from "./machine.ts";
import { SCHEMA_VERSION, WANTED } from "./schema.ts";
import { sweepMachine } from "./sweep_machine.ts";
import { machineMs } from "./session_lines.ts";
import type { Machine } from "./take_up.ts";
import { workerName } from "./worker_name.ts";
import { forgetWorker, registerWorker, seeWorker, wakeDecided, type WorkerRow } from "./workers.ts";

/** Options of a worker. */
export interface WorkRequest extends Pick<Machine, "env" | "self" | "shippedRoot" | "version"> {
  readonly name: string | undefined;
  readonly pool: string;
  readonly slots: number;
  readonly labels: readonly string[];
  /** Empty means all. */
  readonly accounts: readonly string[];
  /** The folder for all its files; the user's data folder by default. */
  readonly folder: string | undefined;
  /** Whether to end once nothing is left to do. */
  readonly untilIdle: boolean;
  /** Hands each session over after its iteration, then ends. */
  readonly drain: AbortSignal;
  /** Hands sessions over at once. */
  readonly end: AbortSignal;
  readonly log: (line: string) => void;
}

/** Look for work this often even without a notification: some may be lost. */
const SAFETY_LOOK_MS = 10_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

/** Most beats in flight while the engine does not answer. */
const MAX_BEATS = 3;

/**
 * Works until it is asked to drain.
 *
 * @throws {SamocodeError} If it cannot start: no engine, another worker here, or an invalid name.
 */
export async function work(request: WorkRequest): Promise<void> {
  const { env, slots, version, log } = request;
  // One connection for each session's shipping, and some for claims, heartbeats and queries.
  await using engine = await Engine.open(env, { use: "worker", maxConnections: slots + 4 });
  const place = { data: request.folder ?? dataFolder(env), key: engine.key };
  const folder = fleetFolder(place);
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  using _lock = await lockMachine(folder);
  const name = workerName(request.name, folder);
  const { pids } = await sweepMachine({ ...place, stateFolder: stateFolder(env) });
  if (pids.length > 0) log(`Ended leftover processes of a killed worker: ${pids.length}`);
  const { pool, labels, accounts } = request;
  const row = { name, pool, labels, accounts, slots, version: `${version}/${SCHEMA_VERSION}` };
  await registerWorker(engine, row);
  log(`${name} takes sessions of pool ${pool}, up to ${slots} at a time`);
  const worker = new Worker(engine, { ...request, name, row, machine: { ...request, worker: name, place } });
  await worker.work();
  await forgetWorker(engine, name).catch(() => {});
}

async function lockMachine(folder: string): Promise<Disposable> {
  const path = join(folder, "worker.lock");
  const holder = lockHolder(path);
  if (holder === undefined) return await takeLock(path, { session: "the fleet's folder" });
  throw new SamocodeError(
    "conflict",
    `Cannot work in ${folder}: it is locked by process ${holder.pid} since ${holder.since}`,
    {
      hint: "Give that worker more --slots, or this one another --folder",
    },
  );
}

interface WorkerContext extends Omit<WorkRequest, "name">, Pick<DriveContext, "machine"> {
  readonly name: string;
  readonly row: WorkerRow;
}

/** A started worker. */
class Worker {
  readonly #engine: Engine;
  readonly #context: WorkerContext;
  readonly #drives = new Map<string, Drive>();
  readonly #failures = new Map<string, number>();
  readonly #draining = new AbortController();
  #bell = Promise.withResolvers<void>();
  #beats = 0;
  /** The message of the current outage; `undefined` while the engine answers. */
  #outage: string | undefined;

  constructor(engine: Engine, context: WorkerContext) {
    this.#engine = engine;
    this.#context = context;
  }

  async work(): Promise<void> {
    const { drain, end, name } = this.#context;
    const heard = (channel: string, id: string): void => this.#hear(channel === "" ? undefined : id);
    await using _listening = await this.#engine.listen([WANTED], heard);
    const timer = setInterval(() => void this.#beat(), LEASE_MS.beat);
    const onDrain = (): void => this.#drain(`${name} is draining`, { now: false });
    const onEnd = (): void => this.#drain(`${name} is stopping`, { now: true });
    drain.addEventListener("abort", onDrain);
    end.addEventListener("abort", onEnd);
    if (drain.aborted) onDrain();
    try {
      await this.#takeAll();
      while (this.#drives.size > 0) await Promise.all([...this.#drives.values()].map(({ done }) => done));
    } finally {
      // After an error, no more heartbeats are sent for these sessions.
      for (const drive of this.#drives.values()) drive.lose(`${name} is stopping`);
      await Promise.all([...this.#drives.values()].map(({ done }) => done));
      clearInterval(timer);
      drain.removeEventListener("abort", onDrain);
      end.removeEventListener("abort", onEnd);
    }
  }

  /** Takes sessions until it drains; one claim at a time, since claims wait for the same lock. */
  async #takeAll(): Promise<void> {
    const { log, untilIdle } = this.#context;
    let retryMs = FIRST_RETRY_MS;
    let lookedAt = 0;
    while (!this.#draining.signal.aborted) {
      this.#bell = Promise.withResolvers();
      try {
        if (machineMs() - lookedAt >= SAFETY_LOOK_MS) {
          lookedAt = machineMs();
          await wakeDecided(this.#engine);
        }
        await this.#takeSome();
        if (this.#outage !== undefined) log("The database is back");
        this.#outage = undefined;
        retryMs = FIRST_RETRY_MS;
      } catch (error) {
        if (!mayPass(error)) throw error;
        const outage = messageOf(error);
        if (this.#outage !== outage) log(`${outage}. Retrying; agents keep working until their leases expire`);
        this.#outage = outage;
        await pause(retryMs, this.#draining.signal);
        retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
        continue;
      }
      if (untilIdle && this.#drives.size === 0) return;
      await this.#rung();
    }
  }

  async #takeSome(): Promise<void> {
    const { name, pool, labels, accounts, slots } = this.#context;
    await enqueueWanted(this.#engine);
    while (this.#drives.size < slots && !this.#draining.signal.aborted) {
      const takenAtMs = machineMs();
      const lease = await claim(this.#engine, { worker: name, pool, labels, accounts });
      if (lease === undefined) return;
      this.#take(lease, takenAtMs);
    }
  }

  #take(lease: Lease, takenAtMs: number): void {
    const { machine, log } = this.#context;
    // An earlier drive of this session may still be ending its agent here.
    const after = this.#drives.get(lease.id)?.done;
    const drive = new Drive(this.#engine, lease, { machine, log, takenAtMs, failures: this.#failures, after });
    this.#drives.set(lease.id, drive);
    void drive.done.then(() => {
      if (this.#drives.get(lease.id) === drive) this.#drives.delete(lease.id);
      this.#bell.resolve();
    });
  }

  /** Sends one heartbeat for all sessions. */
  async #beat(): Promise<void> {
    if (this.#beats >= MAX_BEATS) return;
    this.#beats++;
    const sentAtMs = machineMs();
    const drives = [...this.#drives.values()];
    try {
      const held = drives.length === 0 ? new Set() : await beat(this.#engine, drives.map(({ lease }) => lease));
      for (const drive of drives) {
        if (held.has(drive.lease.id)) drive.beat(sentAtMs);
        else drive.lose("another worker has it");
      }
      const { name, row } = this.#context;
      const drains = await seeWorker(this.#engine, name);
      if (drains === undefined) await registerWorker(this.#engine, row);
      else if (drains) this.#drain(`${name} is draining`, { now: false });
    } catch {
      // Ignore outages: each session ends its agent when its own lease runs out.
    } finally {
      this.#beats--;
    }
  }

  /**
   * Handles a notification about one session or any (`""`), or a reconnect (`undefined`), before which some may be
   * lost.
   */
  #hear(id: string | undefined): void {
    const concerned = id === undefined || id === "" ? this.#drives.values() : [this.#drives.get(id)];
    for (const drive of concerned) void drive?.lookAtActs();
    if (id === "") void this.#beat();
    this.#bell.resolve();
  }

  #drain(why: string, { now }: { readonly now: boolean }): void {
    if (!this.#draining.signal.aborted) {
      const count = this.#drives.size;
      this.#context.log(
        count === 0
          ? why
          : `${why}: ${formatCount(count, "session")} to hand over${now ? "" : " after their iterations"}`,
      );
    }
    this.#draining.abort();
    for (const drive of this.#drives.values()) drive.handOver(why, { now });
    this.#bell.resolve();
  }

  /** Resolves when there may be something to do. */
  async #rung(): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, SAFETY_LOOK_MS);
    await Promise.race([this.#bell.promise, late.promise]);
    clearTimeout(timer);
  }
}
