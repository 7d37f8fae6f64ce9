/**
 * A folder with one small file per session, in the user's state folder.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { unlessFailing } from "../text/errors.ts";
import type { Check } from "../workflow/shape.ts";
import { lstatIfExists, readTextIfExists, removeIfExists, writeAtomic } from "../system/files/files.ts";

/** Identifies the session of an entry. */
export interface OfSession {
  /** The session's folder. */
  readonly session: string;
}

/** Reads and writes such files. */
export class EntryFiles<Entry extends OfSession> {
  readonly #name: string;
  readonly #check: Check<Entry>;

  /** @param name The folder's path in the state folder. */
  constructor(name: string, check: Check<Entry>) {
    this.#name = name;
    this.#check = check;
  }

  /** The folder, created if missing. */
  folder(stateFolder: string): string {
    const folder = join(stateFolder, this.#name);
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  /** The path of a session's entry. */
  pathOf(stateFolder: string, { session }: OfSession): string {
    const name = createHash("sha256").update(session).digest("hex").slice(0, 16);
    return join(stateFolder, this.#name, `${name}.json`);
  }

  /** Replaces a session's entry. Returns its path. */
  write(stateFolder: string, given: Entry): string {
    this.folder(stateFolder);
    const path = this.pathOf(stateFolder, given);
    writeAtomic(path, JSON.stringify(given) + "\n", { newMode: 0o600 });
    return path;
  }

  /** The entry of a session; `undefined` if there is no readable one. */
  read(stateFolder: string, session: OfSession): Entry | undefined {
    return this.#at(this.pathOf(stateFolder, session));
  }

  /** Removes the entry of a session. */
  remove(stateFolder: string, session: OfSession): void {
    removeIfExists(this.pathOf(stateFolder, session));
  }

  /** All readable entries. */
  all(stateFolder: string): readonly Entry[] {
    const folder = join(stateFolder, this.#name);
    if (lstatIfExists(folder) === undefined) return [];
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".json")).sort();
    return names.flatMap((name) => this.#at(join(folder, name)) ?? []);
  }

  #at(path: string): Entry | undefined {
    const value: unknown = unlessFailing(() => JSON.parse(readTextIfExists(path) ?? ""));
    return this.#check(value) ? value : undefined;
  }
}
