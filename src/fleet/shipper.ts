/**
 * Ships a session's new journal lines and changed files to the engine; each write is fenced.
 *
 * @module
 */
import { basename, join } from "node:path";
import { rowFrom } from "../operations/read_status.ts";
import { knownOf } from "../operations/status_sources.ts";
import { rawLogsOf } from "../session/raw_log.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { oneAtATime } from "../system/one_at_a_time.ts";
import { cutText } from "../text/cut_text.ts";
import { SamocodeError } from "../text/errors.ts";
import type { Lease } from "./contract.ts";
import type { Engine, Transaction } from "./engine.ts";
import { type ChangedFile, FolderFiles, type FolderLook, readParts, type ShippedFiles } from "./folder_files.ts";
import { checkHeld } from "./lease.ts";
import { type Line, PendingLines } from "./pending_lines.ts";
import { SCHEMA, SHIPPED } from "./schema.ts";

/** Where a shipper starts; `materialize` returns `after` and `files`. */
export interface ShipperOptions {
  /** The session's folder. It need not exist yet. */
  readonly folder: string;
  readonly stateFolder: string;
  /** The number of the last event that the engine has; 0 for none. */
  readonly after: number;
  readonly files: ShippedFiles;
}

/** How often files are shipped while the only new events are an agent's actions and messages, in milliseconds. */
const FILES_MS = 5_000;

/** Most characters of a task or an activity in a list. */
const MAX_TASK = 300;

/** Work for the transaction that ships a certain event. */
export interface Alongside {
  /** The number of the event. */
  readonly seq: number;
  readonly work: (transaction: Transaction) => Promise<void>;
}

const NOTHING: FolderLook = { changed: [], gone: [], leftOut: [], done: () => {} };

/** Ships one session while its lease is held. Concurrent calls run one after the other. */
export class Shipper implements Disposable {
  readonly #engine: Engine;
  readonly #lease: Lease;
  readonly #folder: string;
  readonly #lines: PendingLines;
  readonly #files: FolderFiles;
  readonly #told = new Set<string>();
  #shipped: number;
  #alongside: readonly Alongside[] = [];
  #lookedAt = -Infinity;
  readonly #inTurn = oneAtATime();

  constructor(engine: Engine, lease: Lease, { files, ...about }: ShipperOptions) {
    this.#engine = engine;
    this.#lease = lease;
    this.#folder = about.folder;
    this.#shipped = about.after;
    this.#lines = new PendingLines(about);
    this.#files = new FolderFiles(
      about.folder,
      new Map([...files].map(([path, parts]) => [path, { parts, stamp: "" }])),
    );
  }

  /** The number of the last event known to be in the engine. */
  get shipped(): number {
    return this.#shipped;
  }

  /**
   * Ships what is new. An event's files arrive with it or before it, except that during mere actions and messages of an
   * agent, files follow every few seconds.
   *
   * @returns The number of the last event that the engine has.
   * @throws {FencedError} If another worker has the session; then nothing of the batch is stored.
   * @throws {SamocodeError} If another program changed the journal, or the engine is out of reach. The next call
   * retries.
   */
  ship(): Promise<number> {
    return this.#inTurn(() => this.#ship());
  }

  /**
   * Runs `happen`, which may write to the session, while nothing is shipped. The work that it returns runs in the
   * transaction that ships what it wrote: the engine gets both or neither.
   */
  async alongside(happen: () => Promise<Alongside>): Promise<void> {
    await this.#inTurn(async () => {
      this.#alongside = [...this.#alongside, await happen()];
    });
  }

  [Symbol.dispose](): void {
    this.#lines[Symbol.dispose]();
  }

  async #ship(): Promise<number> {
    do {
      // Read the lines first, so that the files are at least as new.
      const found = this.#lines.look();
      const { folder } = this.#lines;
      if (folder === undefined) break;
      const now = performance.now();
      const looks = found !== "chatter" || now - this.#lookedAt >= FILES_MS;
      let files = looks ? this.#files.look(unfinishedIn(folder)) : NOTHING;
      if (looks) this.#lookedAt = now;
      const isDue = (): boolean => hasNews(files) || this.#due(this.#shipped).length > 0;
      for (let lines = this.#lines.next(); lines.length > 0 || isDue(); lines = this.#lines.next()) {
        await this.#shipBatch(folder, { lines, files });
        files = NOTHING;
      }
    } while (this.#lines.isCut);
    return this.#shipped;
  }

  async #shipBatch(
    folder: SessionFolder,
    { lines, files }: { readonly lines: readonly Line[]; readonly files: FolderLook },
  ): Promise<void> {
    const summary = JSON.stringify(summaryOf(folder));
    const untold = files.leftOut.filter((each) => !this.#told.has(each));
    const last = lines.at(-1)?.seq ?? this.#shipped;
    const due = this.#due(last);
    const unsteady = await this.#engine.transaction(async (transaction) => {
      const there = await checkHeld(transaction, this.#lease);
      await this.#writeLines(transaction, { lines, there });
      const unsteady = await this.#writeFiles(transaction, files);
      for (const { work } of due) await work(transaction);
      const { id } = this.#lease;
      await transaction.commit(
        `update ${SCHEMA}.session set lines = $2, summary = $3, folder = $4, changed_at = clock_timestamp(),
          detail = coalesce($5, detail) where id = $1 returning pg_notify($6, id::text)`,
        [id, last, summary, basename(this.#folder), untold.length === 0 ? null : describeLeftOut(untold), SHIPPED],
      );
      return unsteady;
    });
    this.#shipped = last;
    this.#lines.drop(last);
    this.#alongside = this.#alongside.filter((each) => !due.includes(each));
    files.done(unsteady);
    for (const each of untold) this.#told.add(each);
  }

  /** The work that belongs to events up to this one. */
  #due(last: number): readonly Alongside[] {
    return this.#alongside.filter(({ seq }) => seq <= last);
  }

  /** @param options.there How many lines the engine has: it may have stored a batch whose answer was lost. */
  async #writeLines(
    transaction: Transaction,
    { lines, there }: { readonly lines: readonly Line[]; readonly there: number },
  ): Promise<void> {
    const last = lines.at(-1)?.seq ?? this.#shipped;
    if (there < this.#shipped || there > last) throw outOfStep(this.#folder, { there, here: this.#shipped });
    const missing = lines.filter(({ seq }) => seq > there);
    if (missing.length === 0) return;
    await transaction.query(
      `insert into ${SCHEMA}.journal (session, seq, epoch, type, line)
        select $1, l.seq, $2, l.type, l.line from unnest($3::int[], $4::text[], $5::text[]) as l (seq, type, line)`,
      [
        ...[this.#lease.id, this.#lease.epoch, missing.map(({ seq }) => seq)],
        ...[missing.map(({ type }) => type), missing.map(({ text }) => text)],
      ],
    );
  }

  /** @returns The files that changed while they were shipped. */
  async #writeFiles(transaction: Transaction, { changed, gone }: FolderLook): Promise<ReadonlySet<string>> {
    const unsteady = new Set<string>();
    for (const file of changed) {
      if (!await this.#writeFile(transaction, file)) unsteady.add(file.path);
    }
    if (gone.length > 0) {
      const statement = `delete from ${SCHEMA}.file where session = $1 and path = any($2::text[])`;
      await transaction.query(statement, [this.#lease.id, gone]);
    }
    return unsteady;
  }

  /** Writes the changed parts, and the file's time to the first one. @returns Whether it stayed the same meanwhile. */
  async #writeFile(transaction: Transaction, { path, parts, modifiedAt }: ChangedFile): Promise<boolean> {
    const { id, epoch } = this.#lease;
    const known = this.#files.known(path);
    let number = 0;
    let isSteady = true;
    for (const { bytes, sha256 } of readParts(join(this.#folder, path))) {
      isSteady &&= sha256 === parts[number];
      if (sha256 !== known[number]) {
        await transaction.query(
          `insert into ${SCHEMA}.file (session, path, part, sha256, body, epoch, modified_at)
            values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (session, path, part) do update
            set sha256 = excluded.sha256, body = excluded.body, epoch = excluded.epoch`,
          [id, path, number, sha256, bytes, epoch, modifiedAt],
        );
      }
      number++;
    }
    const rest = `delete from ${SCHEMA}.file where session = $1 and path = $2 and part >= $3`;
    if (number < known.length) await transaction.query(rest, [id, path, number]);
    const time = `update ${SCHEMA}.file set modified_at = $3 where session = $1 and path = $2 and part = 0`;
    await transaction.query(time, [id, path, modifiedAt]);
    return isSteady && number === parts.length;
  }
}

function outOfStep(folder: string, { there, here }: { readonly there: number; readonly here: number }): SamocodeError {
  return new SamocodeError(
    "conflict",
    `Cannot upload ${basename(folder)}: the fleet has ${there} of its events, but this worker uploaded ${here}`,
    { hint: "To continue from what the fleet has: samocode start NAME --fleet" },
  );
}

/** Matches logs of a running attempt or check: they still grow, and secrets in them are only masked at the end. */
function unfinishedIn({ history, layout }: SessionFolder): (path: string) => boolean {
  const { running, attempt, evidence } = history;
  const logs = !running ? [] : [
    ...(attempt === undefined ? [] : rawLogsOf(layout, attempt.log)),
    ...(evidence.running === undefined ? [] : rawLogsOf(layout, evidence.running.log)),
  ];
  const paths = new Set(logs.map((log) => `_logs/${basename(log)}`));
  return (path) => paths.has(path);
}

/** What lists show of a session without reading its journal. */
function summaryOf(folder: SessionFolder): object {
  const { state, phase, iteration, needs, activity, task, costUsd, estimatedUsd, startedAt, updatedAt } = rowFrom(
    folder.layout,
    knownOf(folder, folder.name),
  );
  const row = { state, phase, iteration, needs, activity: cutText(activity, MAX_TASK), task: cutText(task, MAX_TASK) };
  return { ...row, costUsd, estimatedUsd, startedAt, updatedAt };
}

function hasNews({ changed, gone }: FolderLook): boolean {
  return changed.length > 0 || gone.length > 0;
}

function describeLeftOut(files: readonly string[]): string {
  return cutText(`Not kept in the fleet: ${files.join(", ")}`, 500);
}
