/**
 * An open session: its paths, journal and notebook.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { newNotebook, readStatus, type StatusKey, updateStatus } from "../workflow/notebook.ts";
import { type Phase, readPhase } from "../workflow/phases.ts";
import type { History } from "../workflow/history.ts";
import { describeEarlier, describeRoute } from "../workflow/route.ts";
import { iterationStamp } from "../text/format.ts";
import { SamocodeError, systemError } from "../text/errors.ts";
import { shellWord } from "../text/terminal_text.ts";
import {
  isSoleFile,
  lstatIfExists,
  readSoleTextIfExists,
  readTextIfExists,
  writeAtomic,
} from "../system/files/files.ts";
import { Journal } from "./journal.ts";
import { type Elsewhere, elsewhereOf, onlyACopy } from "./elsewhere.ts";
import type { JournalOptions } from "./journal_reader.ts";
import { type Layout, layoutOf } from "./layout.ts";
import type { Look } from "./look.ts";
import { shortNames } from "./find_session.ts";
import { type LockHolder, lockHolder, takeLock } from "./lock.ts";

/** An open session. */
export class SessionFolder implements Disposable {
  readonly layout: Layout;
  readonly journal: Journal;
  /** What was seen in the worktree since anything ran there, if somebody looked. */
  look: Look | undefined;
  #name: string | undefined;

  private constructor(layout: Layout, journal: Journal) {
    this.layout = layout;
    this.journal = journal;
  }

  /**
   * Opens the session in `path`.
   *
   * @throws {SamocodeError} If its journal is missing, not a regular file or cannot be opened.
   */
  static open(path: string, options: JournalOptions): SessionFolder {
    const folder = SessionFolder.openIfExists(path, options);
    if (folder === undefined) throw withoutJournal(path);
    return folder;
  }

  /**
   * Opens the session in `path`; `undefined` if there is no journal.
   *
   * @throws {SamocodeError} If its journal is not a regular file, or cannot be opened.
   */
  static openIfExists(path: string, options: JournalOptions): SessionFolder | undefined {
    const layout = layoutOf(path);
    const journal = Journal.openIfExists(layout.journal, options);
    return journal && new SessionFolder(layout, journal);
  }

  /**
   * Creates a session folder, or completes one that an interrupted start left.
   *
   * @throws {SamocodeError} If it cannot be created.
   */
  static create(path: string, options: JournalOptions): SessionFolder {
    const layout = layoutOf(path);
    try {
      Deno.mkdirSync(layout.logs, { recursive: true, mode: 0o700 });
    } catch (error) {
      const hint = "Move away what is in its place, and check that you may write there and the disk has room";
      throw systemError(`Cannot create the folder ${layout.logs}`, { error, hint });
    }
    return new SessionFolder(layout, Journal.open(layout.journal, options));
  }

  /** The shortest name that leads to the session; looked up once. */
  get name(): string {
    const { folder } = this.layout;
    return this.#name ??= shortNames(dirname(folder))(basename(folder));
  }

  /** What is known from the journal. */
  get history(): History {
    return this.journal.history;
  }

  /** Where the session is, if this folder is only a copy. */
  get elsewhere(): Elsewhere | undefined {
    return elsewhereOf(this.layout.folder);
  }

  /** The living worker that holds the session's lock, if any. */
  get holder(): LockHolder | undefined {
    const { lockPath } = this.journal;
    return lockPath === undefined ? undefined : lockHolder(lockPath);
  }

  /**
   * Takes the session's lock, then reads what was appended until now.
   *
   * @param options.inDoubt Whether the journal may be one that cannot be trusted.
   * @returns The held lock; disposing releases it.
   * @throws {SamocodeError} If a living worker holds it, the folder is a copy, or another program changed the journal.
   */
  async lock({ now, inDoubt = false }: { readonly now?: Date; readonly inDoubt?: boolean } = {}): Promise<Disposable> {
    if (this.elsewhere !== undefined) throw onlyACopy(this.name);
    if (!inDoubt) this.journal.check();
    const { lockPath } = this.journal;
    if (lockPath === undefined && !inDoubt) throw withoutJournal(this.layout.folder);
    const lock = lockPath === undefined
      ? undefined
      : await takeLock(lockPath, { session: this.name, ...(now && { now }) });
    try {
      this.journal.refresh();
      if (!inDoubt) this.journal.check();
      return lock ?? { [Symbol.dispose]: () => {} };
    } catch (error) {
      lock?.[Symbol.dispose]();
      throw error;
    }
  }

  /** The phase in the notebook; `undefined` if it names none. */
  notebookPhase(): Phase | undefined {
    const text = readSoleTextIfExists(this.layout.notebook);
    return text === undefined ? undefined : readPhase(readStatus(text).Phase ?? "");
  }

  /** What the agent wrote as `Next` in the notebook; may be empty. */
  notebookNext(): string {
    return readStatus(readSoleTextIfExists(this.layout.notebook) ?? "").Next ?? "";
  }

  /** Writes Status lines into the notebook; one that an agent deleted is created again from the journal. */
  updateNotebook(changes: Readonly<Partial<Record<StatusKey, string | number>>>): void {
    // Never what a link leads to: an agent could have the worker copy a file that it cannot read itself.
    const isLink = lstatIfExists(this.layout.notebook)?.isSymlink;
    const before = isLink ? undefined : readTextIfExists(this.layout.notebook);
    const after = updateStatus(before ?? this.#freshNotebook(), changes);
    // A link is replaced by a file: an edit of its target would else pass as a human's edit of the notebook.
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
      route: describeRoute(this.history),
      earlier: describeEarlier(this.history),
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

/** A folder in a session's, in which other tools keep the notebook. */
const NESTED = "_samocode";

/** Whether the notebook of a folder is not in it, but in a folder of its own there. */
export function isNested(path: string): boolean {
  const [own, nested] = [path, join(path, NESTED)].map((folder) => lstatIfExists(layoutOf(folder).notebook));
  return own === undefined && nested !== undefined;
}

/** Says why a folder cannot be opened as a session. */
export function withoutJournal(path: string): SamocodeError {
  if (isNested(path)) {
    const [from, to] = [join(path, NESTED), path].map(shellWord);
    return new SamocodeError("conflict", `Cannot open the session ${basename(path)}: its notebook is in ${NESTED}`, {
      hint: `Move it up, and samocode adopts the session: mv ${from}/* ${to}/ && rmdir ${from}`,
    });
  }
  if (lstatIfExists(layoutOf(path).notebook) !== undefined) {
    const name = basename(path);
    return new SamocodeError(
      "conflict",
      `Cannot open the session ${name}: it was started by hand and has no journal yet`,
      {
        hint: "Run it, and samocode adopts it",
        actions: [{ verb: "resume", session: name }],
      },
    );
  }
  return new SamocodeError("conflict", `Cannot open the session ${basename(path)}: ${path} has no journal`, {
    hint: "Move that folder away and start the session",
    actions: [{ verb: "start" }],
  });
}
