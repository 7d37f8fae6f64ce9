/**
 * What is shown of a session, and where: a small file per session in the listener's folder, so that after a restart
 * messages are edited in place and nothing is sent twice.
 *
 * @module
 */
import { join } from "node:path";
import { type Json, type Post, TOPICS } from "../channels/post.ts";
import { EntryFiles } from "../session/entry_files.ts";
import { type Checked, flag, listOf, mapOf, number, oneOf, record, text } from "../workflow/shape.ts";

const keptPost = record({
  id: text,
  topic: oneOf(TOPICS),
  mark: text,
  title: text,
  facts: listOf(text),
  text,
  isSilent: flag,
  data: isData,
});

const place = record({
  /** With which the channel can edit it. */
  handle: text,
  /** Hash of the shown content. */
  hash: text,
  /** In milliseconds since 1970. */
  atMs: number,
});

/** Where and in which version a post is shown. */
export type Place = Checked<typeof place>;

const entry = record({
  session: text,
  /** The number of the last event that was read for notices. */
  cursor: number,
  /** Notices that some channel has not accepted yet. */
  notices: listOf(keptPost),
  /** The posts that are shown on any channel, by id. */
  posts: mapOf(keptPost),
  /** Where they are shown, by channel key and post id. */
  places: mapOf(mapOf(place)),
});

type Entry = Checked<typeof entry>;
type KeptPost = Checked<typeof keptPost>;

const files = new EntryFiles(join("listener", "shown"), entry);

/** What is shown of one session. Each change is on disk when its method returns. */
export class ShownBook {
  readonly #stateFolder: string;
  #entry: Entry;

  /**
   * Opens the book. If it cannot be read, it is empty.
   *
   * @param after The cursor of an empty book.
   */
  constructor(stateFolder: string, { session, after }: { readonly session: string; readonly after: number }) {
    this.#stateFolder = stateFolder;
    this.#entry = files.read(stateFolder, { session }) ??
      { session, cursor: after, notices: [], posts: {}, places: {} };
  }

  /** The session's folder. */
  get session(): string {
    return this.#entry.session;
  }

  /** The number of the last event that was read for notices. */
  get cursor(): number {
    return this.#entry.cursor;
  }

  /** Notices that some channel has not accepted yet. */
  get notices(): readonly Post[] {
    return this.#entry.notices.map(postFrom);
  }

  /** Records notices, and that everything up to an event was read. */
  advance(cursor: number, notices: readonly Post[]): void {
    const known = new Set(this.#entry.notices.map(({ id }) => id));
    const fresh = notices.filter(({ id }) => !known.has(id)).map(keptFrom);
    this.#write({ cursor, notices: [...this.#entry.notices, ...fresh] });
  }

  /** Removes a notice that all channels have accepted. */
  remove({ id }: Pick<Post, "id">): void {
    const { notices, posts, places } = this.#entry;
    const left = Object.entries(places).map(([channel, shown]) => [channel, without(shown, id)]);
    this.#write({
      notices: notices.filter((notice) => notice.id !== id),
      posts: without(posts, id),
      places: Object.fromEntries(left),
    });
  }

  /** What a channel shows, by post id. */
  on(channel: string): Readonly<Record<string, Place>> {
    return this.#entry.places[channel] ?? {};
  }

  /** A post as last shown, without its document, offers and reply. */
  post(id: string): Post | undefined {
    const kept = this.#entry.posts[id];
    return kept && postFrom(kept);
  }

  /** The post that a channel shows under a handle. */
  withHandle(channel: string, handle: string): string | undefined {
    return Object.entries(this.on(channel)).find(([, place]) => place.handle === handle)?.[0];
  }

  /** Records that a channel shows a post. */
  note(channel: string, post: Post, place: Place): void {
    const { posts, places } = this.#entry;
    this.#write({
      posts: { ...posts, [post.id]: keptFrom(post) },
      places: { ...places, [channel]: { ...places[channel], [post.id]: place } },
    });
  }

  /** Records that a channel will not edit a post again. */
  forget(channel: string, id: string): void {
    const { posts, places } = this.#entry;
    const left = { ...places, [channel]: without(places[channel] ?? {}, id) };
    const isShown = Object.values(left).some((shown) => Object.hasOwn(shown, id));
    this.#write({ posts: isShown ? posts : without(posts, id), places: left });
  }

  /** Deletes it from disk. */
  drop(): void {
    files.remove(this.#stateFolder, this.#entry);
  }

  #write(changes: Partial<Entry>): void {
    this.#entry = { ...this.#entry, ...changes };
    files.write(this.#stateFolder, this.#entry);
  }
}

function keptFrom({ id, topic, mark, title, facts, text, isSilent, data }: Post): KeptPost {
  return { id, topic, mark, title, facts, text, isSilent, data };
}

function postFrom(kept: KeptPost): Post {
  return { ...kept, document: undefined, offers: [], reply: "", isSettled: false };
}

function without<T>(all: Readonly<Record<string, T>>, name: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(all).filter(([each]) => each !== name));
}

function isData(value: unknown): value is Post["data"] {
  return isNamed(value) && isJson(value);
}

function isNamed(value: unknown): boolean {
  return record({ type: text, project: text, session: text })(value);
}

function isJson(value: unknown): value is Json {
  if (Array.isArray(value)) return value.every(isJson);
  return typeof value === "object" && value !== null ? Object.values(value).every(isJson) : value !== undefined;
}
