/**
 * Lines of a session's journal that the engine does not have yet. They are read with the usual checks, so that no line
 * that another program wrote is shipped.
 *
 * @module
 */
import { basename } from "node:path";
import { isAgents } from "../session/journal_reader.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { SamocodeError } from "../text/errors.ts";
import { eventLine } from "../workflow/event_line.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";

/** A line of a journal. */
export interface Line {
  readonly seq: number;
  readonly type: RecordedEvent["type"];
  /** Without its newline. */
  readonly text: string;
}

/** Most characters in one transaction; a longer line gets one to itself. */
const BATCH = 1024 * 1024;
/** Most characters kept in memory; the rest is read again once these are shipped. */
const MAX_KEPT = 8 * BATCH;

/** Follows a journal and keeps its unshipped lines. */
export class PendingLines implements Disposable {
  readonly #path: string;
  readonly #stateFolder: string;
  #folder: SessionFolder | undefined;
  #lines: Line[] = [];
  #size = 0;
  #isCut = false;
  /** The number of the last event read. */
  #taken: number;

  /** @param options.after The number of the last event that the engine has. */
  constructor({ folder, stateFolder, after }: {
    readonly folder: string;
    readonly stateFolder: string;
    readonly after: number;
  }) {
    this.#path = folder;
    this.#stateFolder = stateFolder;
    this.#taken = after;
  }

  /** The session as last read; `undefined` before its first event. */
  get folder(): SessionFolder | undefined {
    return this.#folder;
  }

  /** Whether the journal has more lines than fit: look again once these are dropped. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /**
   * Reads new lines.
   *
   * @returns `chatter` if all new lines are agents' actions and messages.
   * @throws {SamocodeError} If another program changed the journal. The next call succeeds once the session's process
   * has removed the foreign lines.
   */
  look(): "events" | "chatter" | "nothing" {
    if (this.#isCut && this.#lines.length === 0) this.#close();
    let found: "events" | "chatter" | "nothing" = "nothing";
    const see = (event: RecordedEvent): void => {
      if (event.seq <= this.#taken || this.#isCut) return;
      this.#take(event);
      if (found !== "events") found = isAgents(event) ? "chatter" : "events";
    };
    for (const event of this.#folder?.journal.refresh() ?? []) see(event);
    // Reopen it: a read-only journal would keep its doubt after the session's process removed the foreign lines.
    if (this.#folder?.journal.doubt !== undefined) this.#close();
    if (this.#folder === undefined) {
      this.#isCut = false;
      const options = { stateFolder: this.#stateFolder, readOnly: true, see };
      this.#folder = SessionFolder.openIfExists(this.#path, options);
    }
    this.#folder?.journal.check();
    return found;
  }

  /** The next lines, as many as fit in one transaction. */
  next(): readonly Line[] {
    let size = 0;
    const end = this.#lines.findIndex(({ text }, index) => (size += text.length) > BATCH && index > 0);
    return this.#lines.slice(0, end < 0 ? this.#lines.length : end);
  }

  /** Drops lines up to this one: the engine has them. */
  drop(last: number): void {
    this.#lines = this.#lines.filter(({ seq }) => seq > last);
    this.#size = this.#lines.reduce((size, { text }) => size + text.length, 0);
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  #take(event: RecordedEvent): void {
    if (event.seq !== this.#taken + 1) {
      throw new SamocodeError(
        "conflict",
        `Cannot upload ${basename(this.#path)}: event ${event.seq} follows event ${this.#taken}`,
        { hint: "Its journal here differs from the fleet's; move the folder away, and it is fetched again" },
      );
    }
    const line = { seq: event.seq, type: event.type, text: eventLine(event).trimEnd() };
    this.#lines.push(line);
    this.#size += line.text.length;
    this.#taken = event.seq;
    this.#isCut = this.#size >= MAX_KEPT;
  }

  #close(): void {
    this.#folder?.[Symbol.dispose]();
    this.#folder = undefined;
  }
}
