/**
 * A session's folder while somebody works in it: its paths, its journal and its notebook.
 *
 * @module
 */
import { basename } from "node:path";
import { newNotebook, readStatus, type StatusKey, updateStatus } from "../workflow/notebook.ts";
import { type Phase, readPhase } from "../workflow/phase.ts";
import type { History } from "../workflow/history.ts";
import { MAX_SIGNAL_BYTES, readSignal, type SignalReading } from "../workflow/signal.ts";
import { iterationStamp } from "../workflow/stamp.ts";
import { SamocodeError } from "../system/errors.ts";
import { readBytesIfExists, readTextIfExists, removeIfExists, statIfExists, writeAtomic } from "../system/files.ts";
import { Journal } from "./journal.ts";
import { type Layout, layoutOf } from "./layout.ts";

/** An open session. */
export class SessionFolder implements Disposable {
  readonly layout: Layout;
  readonly journal: Journal;

  private constructor(layout: Layout, journal: Journal) {
    this.layout = layout;
    this.journal = journal;
  }

  /**
   * Opens the session in `path`.
   *
   * @throws {SamocodeError} Where there is none.
   */
  static open(path: string, options: { readonly readOnly?: boolean } = {}): SessionFolder {
    const layout = layoutOf(path);
    if (statIfExists(layout.journal) === undefined) {
      throw new SamocodeError("conflict", `Cannot open the session ${basename(path)}: ${path} has no journal`, {
        hint:
          "Start it with `samocode run --session NAME --task …`; a folder of the same name that is no session must go first",
      });
    }
    return new SessionFolder(layout, Journal.open(layout.journal, options));
  }

  /** Makes an empty session folder, or finds one that an interrupted start left. */
  static create(path: string): SessionFolder {
    const layout = layoutOf(path);
    Deno.mkdirSync(layout.logs, { recursive: true });
    return new SessionFolder(layout, Journal.open(layout.journal));
  }

  /** What is known from the journal. */
  get history(): History {
    return this.journal.history;
  }

  /** Deletes the signal of the iteration before. Rather than truncate: an empty file would look like a quiet agent. */
  clearSignal(): void {
    const found = statWithoutLinks(this.layout.signal);
    if (found?.isDirectory) Deno.removeSync(this.layout.signal, { recursive: true });
    else removeIfExists(this.layout.signal);
  }

  /** Reads what the agent left as its signal. Never throws for what an agent can do. */
  takeSignal(): SignalReading {
    const found = statWithoutLinks(this.layout.signal);
    if (found === undefined) return { kind: "missing" };
    try {
      const bytes = found.isFile ? readBytesIfExists(this.layout.signal, MAX_SIGNAL_BYTES + 1) : "not-a-file";
      return bytes === "not-a-file" ? { kind: "malformed", problem: "is not a regular file" } : readSignal(bytes);
    } catch (error) {
      return { kind: "malformed", problem: `cannot be read: ${error instanceof Error ? error.message : error}` };
    }
  }

  /** The phase that stands in the notebook; `undefined` where none can be read. */
  notebookPhase(): Phase | undefined {
    const text = readTextIfExists(this.layout.notebook);
    return text === undefined ? undefined : readPhase(readStatus(text).Phase ?? "");
  }

  /** Writes Status lines into the notebook; one that an agent deleted is begun again from the record. */
  updateNotebook(changes: Readonly<Partial<Record<StatusKey, string | number>>>): void {
    const before = readTextIfExists(this.layout.notebook);
    const after = updateStatus(before ?? this.#freshNotebook(), changes);
    if (after !== before) writeAtomic(this.layout.notebook, after);
  }

  [Symbol.dispose](): void {
    this.journal[Symbol.dispose]();
  }

  #freshNotebook(): string {
    const { task, dive, workplace, attempt } = this.history;
    return newNotebook({
      name: this.layout.name,
      task,
      dive,
      workplacePath: workplace?.path ?? "",
      branch: workplace?.branch,
      note: workplace?.note ?? "",
      phase: this.history.phase,
      stamp: iterationStamp(attempt?.iteration ?? 0, new Date()),
    });
  }
}

function statWithoutLinks(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined;
  }
}
