/**
 * A session's folder while somebody works in it: its paths, its journal and its notebook.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { newNotebook, readStatus, type StatusKey, updateStatus } from "../workflow/notebook.ts";
import { type Phase, readPhase } from "../workflow/phases.ts";
import type { History } from "../workflow/history.ts";
import { iterationStamp } from "../text/stamp.ts";
import { messageOf, SamocodeError } from "../text/errors.ts";
import {
  isSoleFile,
  readSoleTextIfExists,
  readTextIfExists,
  statIfExists,
  writeAtomic,
} from "../system/files/files.ts";
import { Journal, type JournalOptions } from "./journal.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { shortNames } from "./find_session.ts";

/** An open session. */
export class SessionFolder implements Disposable {
  readonly layout: Layout;
  readonly journal: Journal;
  #name: string | undefined;

  private constructor(layout: Layout, journal: Journal) {
    this.layout = layout;
    this.journal = journal;
  }

  /**
   * Opens the session in `path`.
   *
   * @throws {SamocodeError} Where its journal is not there or is no file; opening a pipe would wait for ever.
   */
  static open(path: string, options: JournalOptions = {}): SessionFolder {
    const layout = layoutOf(path);
    const found = statIfExists(layout.journal);
    if (found === undefined) {
      throw new SamocodeError("conflict", `Cannot open the session ${basename(path)}: ${path} has no journal`, {
        hint: "Move that folder away and start the session",
        actions: [{ verb: "start" }],
      });
    }
    if (!found.isFile) {
      throw new SamocodeError("conflict", `Cannot read the journal ${layout.journal}: not a regular file`, {
        hint: "Move it away; without its journal the folder is no session",
      });
    }
    return new SessionFolder(layout, Journal.open(layout.journal, options));
  }

  /**
   * Makes an empty session folder, or finds one that an interrupted start left.
   *
   * @throws {SamocodeError} Where it cannot be made.
   */
  static create(path: string): SessionFolder {
    const layout = layoutOf(path);
    try {
      Deno.mkdirSync(layout.logs, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new SamocodeError("system", `Cannot make the folder ${layout.logs}: ${messageOf(error)}`, {
        hint: "Move away what stands in its place, and check that you may write there and the disk has room",
        cause: error,
      });
    }
    return new SessionFolder(layout, Journal.open(layout.journal));
  }

  /** What the session is called by: the shortest name that leads to it. Looked up once. */
  get name(): string {
    const { folder } = this.layout;
    return this.#name ??= shortNames(dirname(folder))(basename(folder));
  }

  /** What is known from the journal. */
  get history(): History {
    return this.journal.history;
  }

  /** The phase that stands in the notebook; `undefined` where none can be read. */
  notebookPhase(): Phase | undefined {
    const text = readSoleTextIfExists(this.layout.notebook);
    return text === undefined ? undefined : readPhase(readStatus(text).Phase ?? "");
  }

  /** What the agent wrote into the notebook as the next step; empty where none can be read. */
  notebookNext(): string {
    return readStatus(readTextIfExists(this.layout.notebook) ?? "").Next ?? "";
  }

  /** Writes Status lines into the notebook; one that an agent deleted is begun again from the record. */
  updateNotebook(changes: Readonly<Partial<Record<StatusKey, string | number>>>): void {
    const before = readTextIfExists(this.layout.notebook);
    const after = updateStatus(before ?? this.#freshNotebook(), changes);
    // A link becomes a file of its own: what is written elsewhere would else pass as a human's edit of the notebook.
    if (after !== before || !isSoleFile(this.layout.notebook)) {
      writeAtomic(this.layout.notebook, after, { newMode: 0o600 });
    }
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
