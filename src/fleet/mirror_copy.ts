/**
 * The copy of one session: an ordinary session folder, kept in sync with the engine. Several processes of a user may
 * update it at the same time.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { appendCopied, forgetCopied, seemsWhole } from "../session/copied_journal.ts";
import { Journal } from "../session/journal.ts";
import { layoutOf } from "../session/layout.ts";
import { lstatIfExists, readJsonIfExists, removeFolder, removeIfExists, writeAtomic } from "../system/files/files.ts";
import { lockFile } from "../system/files/folder_lock.ts";
import { unlessFailing } from "../text/errors.ts";
import { listOf, record, text } from "../workflow/shape.ts";
import type { Engine } from "./engine.ts";
import { EngineOutage } from "./engine_errors.ts";
import { FolderFiles, PART_BYTES, readPart, type SeenFile } from "./folder_files.ts";
import { type MaterializeOptions, writeTemporary } from "./materialize.ts";
import {
  listFiles,
  readPages,
  readSnapshot,
  readStamp,
  type Snapshot,
  type StoredFile,
  temporaryBeside,
  writeStored,
} from "./stored_session.ts";

/** Cached facts about a copy. A wrong or missing note only costs time. */
const isNote = record({
  stamp: text,
  files: listOf(record({ path: text, parts: listOf(text), stamp: text })),
});

/** A copy, which keeps its journal open between updates. */
export class MirrorCopy implements Disposable {
  readonly #options: MaterializeOptions;
  readonly #notePath: string;
  readonly #lockPath: string;
  #journal: Journal | undefined;
  #files: FolderFiles | undefined;

  /** @param options.folder The copy; created if missing. */
  constructor(options: MaterializeOptions) {
    const { folder } = options;
    this.#options = options;
    this.#notePath = join(dirname(folder), `.${basename(folder)}.json`);
    this.#lockPath = join(dirname(folder), `.${basename(folder)}.lock`);
  }

  /** Whether the copy is current, by the stamp of the session's row. */
  isCurrent(stamp: string): boolean {
    const { folder, stateFolder } = this.#options;
    return this.#note()?.stamp === stamp && seemsWhole(layoutOf(folder).journal, { stateFolder });
  }

  /**
   * Updates the copy.
   *
   * @returns Whether anything was new.
   * @throws {SamocodeError} If the engine's data is not a valid session, or the disk or the engine fails.
   */
  async sync(engine: Engine): Promise<boolean> {
    Deno.mkdirSync(dirname(this.#options.folder), { recursive: true, mode: 0o700 });
    using _lock = await lockFile(this.#lockPath);
    return await readSnapshot(engine, async (snapshot) => {
      const found = await readStamp(snapshot, this.#options.id);
      if (found === undefined || found.lines === 0 || this.isCurrent(found.stamp)) return false;
      const journal = this.#trusted(found.lines);
      const isNew = journal === undefined ? await this.#makeAnew(snapshot) : await this.#update(snapshot, {
        journal,
        lines: found.lines,
      });
      this.#writeNote(found.stamp);
      return isNew;
    });
  }

  /** Removes the copy, its note and its lock file. */
  remove(): void {
    const { folder, stateFolder } = this.#options;
    this[Symbol.dispose]();
    removeCopy(folder, stateFolder);
    for (const path of [this.#notePath, this.#lockPath]) removeIfExists(path);
  }

  [Symbol.dispose](): void {
    this.#journal?.[Symbol.dispose]();
    this.#journal = undefined;
  }

  /** The copy's journal; `undefined` if the copy has to be rebuilt. */
  #trusted(lines: number): Journal | undefined {
    const { folder, stateFolder } = this.#options;
    const { journal: path } = layoutOf(folder);
    // Another process may have rebuilt the copy.
    if (this.#journal !== undefined && !this.#journal.isAt(path)) this[Symbol.dispose]();
    this.#journal ??= unlessFailing(() => Journal.openIfExists(path, { stateFolder }));
    this.#journal?.refresh();
    if (this.#journal?.doubt !== undefined || (this.#journal?.history.lastSeq ?? 0) > lines) this[Symbol.dispose]();
    return this.#journal;
  }

  async #update(
    snapshot: Snapshot,
    { journal, lines }: { readonly journal: Journal; readonly lines: number },
  ): Promise<boolean> {
    const before = journal.history.lastSeq;
    try {
      // Files before events: a reader who sees an event about a document finds it.
      const hasNewFiles = await this.#updateFiles(snapshot);
      const pages = readPages(snapshot, { id: this.#options.id, after: before });
      for await (const page of pages) appendCopied(journal, page);
      return hasNewFiles || lines > before;
    } catch (error) {
      if (error instanceof EngineOutage) throw error;
      return await this.#makeAnew(snapshot);
    }
  }

  async #updateFiles(snapshot: Snapshot): Promise<boolean> {
    const { folder, id } = this.#options;
    this.#files ??= new FolderFiles(folder, new Map(this.#note()?.files.map(({ path, ...seen }) => [path, seen])));
    const files = this.#files;
    files.look(() => false).done();
    const stored = await listFiles(snapshot, id);
    const paths = new Set(stored.map(({ path }) => path));
    const gone = [...files.seen.keys()].filter((path) => !paths.has(path));
    for (const path of gone) removeIfExists(join(folder, path));
    const changed = stored.filter(({ path, parts }) => files.known(path).join() !== parts.join());
    for (const file of changed) await this.#replace(snapshot, { file, known: files.known(file.path) });
    files.look(() => false).done();
    return gone.length > 0 || changed.length > 0;
  }

  /** Replaces a file atomically. Fetches only the parts that differ from the local ones. */
  async #replace(
    snapshot: Snapshot,
    { file, known }: { readonly file: StoredFile; readonly known: readonly string[] },
  ): Promise<void> {
    const { folder, id } = this.#options;
    const path = join(folder, file.path);
    makeFolders(folder, dirname(file.path));
    const to = temporaryBeside(path);
    const local = (number: number, sha256: string): Uint8Array | undefined =>
      known[number] === sha256 ? readPart(path, number * PART_BYTES) : undefined;
    try {
      await writeStored(snapshot, { id, file, to, local });
      Deno.renameSync(to, path);
    } catch (error) {
      removeIfExists(to);
      throw error;
    }
  }

  async #makeAnew(snapshot: Snapshot): Promise<true> {
    const { folder, stateFolder } = this.#options;
    this[Symbol.dispose]();
    const { temporary, files } = await writeTemporary(snapshot, this.#options);
    removeCopy(folder, stateFolder);
    Deno.renameSync(temporary, folder);
    this.#files = new FolderFiles(folder, new Map([...files].map(([path, parts]) => [path, { parts, stamp: "" }])));
    return true;
  }

  #note(): { readonly stamp: string; readonly files: readonly (SeenFile & { readonly path: string })[] } | undefined {
    return readJsonIfExists(this.#notePath, {
      parse: (value) => {
        if (isNote(value)) return value;
        throw new TypeError("no note");
      },
    });
  }

  #writeNote(stamp: string): void {
    const files = [...this.#files?.seen ?? []].map(([path, seen]) => ({ path, ...seen }));
    writeAtomic(this.#notePath, JSON.stringify({ stamp, files }), { newMode: 0o600 });
  }
}

/** Moves the copy away before removing it, so that nobody reads half a session. */
function removeCopy(folder: string, stateFolder: string): void {
  if (lstatIfExists(folder) === undefined) return;
  const away = temporaryBeside(folder);
  Deno.renameSync(folder, away);
  forgetCopied(away, { stateFolder });
  removeFolder(away);
}

/** Creates the folders on the way to a file. Anything else in their place, such as a link, is removed. */
function makeFolders(root: string, way: string): void {
  let folder = root;
  for (const name of way.split(/[\\/]/).filter((name) => name !== ".")) {
    folder = join(folder, name);
    const found = lstatIfExists(folder);
    if (found !== undefined && !found.isDirectory) Deno.removeSync(folder);
    if (found?.isDirectory !== true) Deno.mkdirSync(folder, { mode: 0o700 });
  }
}
