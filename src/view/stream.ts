/**
 * What a tab hears as it happens (server-sent events): rows of the list, facts of the sessions that it shows, and new
 * lines of their journals. Only what changed is remembered until the tab reads on, so that a slow one takes no memory.
 *
 * @module
 */
import { layoutOf } from "../session/layout.ts";
import { HEADERS, jsonOf } from "./answers.ts";
import type { StreamEvents } from "./contract.ts";
import { readJournalPage } from "./journal_pages.ts";
import type { Sessions } from "./sessions.ts";

/** Proxies and phones drop connections that are silent for a minute. */
const HEARTBEAT_MS = 15_000;

/** A page shows one session, and may compare a few. */
const MAX_WATCHED = 16;

/** How long a browser waits before it connects again. */
const RETRY_MS = 1_000;

const ENCODER = new TextEncoder();

/** Where a tab has read to in the journals that it shows: `KEY:BYTE,KEY:BYTE`; without a byte, to the end. */
export type Places = ReadonlyMap<string, number>;

/** Reads such a list; what is no place is left out. */
export function readPlaces(text: string): Places {
  const places = text.split(",").flatMap((part): [string, number][] => {
    const [, key, byte] = /^([0-9a-f]{16})(?::(\d{1,15}))?$/.exec(part.trim()) ?? [];
    return key === undefined ? [] : [[key, byte === undefined ? Infinity : Number(byte)]];
  });
  return new Map(places.slice(0, MAX_WATCHED));
}

/** One stream. */
export class Stream {
  readonly #sessions: Sessions;
  readonly #over = new DisposableStack();
  readonly #places: Map<string, number>;
  /** The keys of the sessions that changed since they were told. */
  readonly #changed = new Set<string>();
  /** What was told last, by key. */
  readonly #rows = new Map<string, string>();
  readonly #facts = new Map<string, string>();
  readonly #ended = Promise.withResolvers<void>();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #wake: (() => void) | undefined;
  #isFirst = true;
  #isBeating = false;
  #isOver = false;

  /** @param ended Called when nobody listens any more. */
  constructor(sessions: Sessions, places: Places) {
    this.#sessions = sessions;
    this.#places = new Map(places);
  }

  /** Resolves when nobody listens any more. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** The answer that streams. */
  response(): Response {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
        controller.enqueue(ENCODER.encode(`retry: ${RETRY_MS}\n\n`));
        this.#begin();
      },
      pull: () => this.#next(),
      cancel: () => this.#end(),
    }, { highWaterMark: 1 });
    return new Response(body, { headers: { ...HEADERS, "content-type": "text/event-stream" } });
  }

  /** Says that the server ends, and ends. */
  close(): void {
    if (this.#isOver) return;
    this.#controller?.enqueue(this.#message("bye", {}));
    this.#controller?.close();
    this.#end();
  }

  #begin(): void {
    for (const [key, byte] of this.#places) {
      if (this.#sessions.find(key) === undefined) {
        this.#places.delete(key);
        continue;
      }
      this.#over.use(this.#sessions.follow(key));
      this.#places.set(key, Math.min(byte, this.#sessions.find(key)?.facts?.journalBytes ?? 0));
      this.#changed.add(key);
    }
    this.#over.use(this.#sessions.hear((key) => {
      this.#changed.add(key);
      this.#wake?.();
    }));
    const beat = setInterval(() => {
      this.#isBeating = true;
      this.#wake?.();
    }, HEARTBEAT_MS);
    this.#over.defer(() => clearInterval(beat));
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#over.dispose();
    this.#wake?.();
    this.#ended.resolve();
  }

  /** Tells what there is to tell, or waits for it. */
  async #next(): Promise<void> {
    while (!this.#isOver) {
      const message = this.#due();
      if (message !== undefined) return this.#controller?.enqueue(message);
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
    }
  }

  #due(): Uint8Array | undefined {
    return this.#dueRows() ?? this.#dueFacts() ?? this.#dueLines() ?? this.#dueBeat();
  }

  #dueRows(): Uint8Array | undefined {
    if (this.#isFirst) {
      this.#isFirst = false;
      const rows = this.#sessions.rows();
      for (const row of rows) this.#rows.set(row.key, lasting(row));
      return this.#message("sessions", { at: now(), rows, gone: [], isAll: true });
    }
    const rows: StreamEvents["sessions"]["rows"][number][] = [];
    const gone: string[] = [];
    for (const key of this.#changed) {
      const row = this.#sessions.find(key)?.row;
      if (row === undefined && this.#rows.delete(key)) gone.push(key);
      if (row !== undefined && isNew(this.#rows, key, lasting(row))) rows.push(row);
      if (!this.#places.has(key)) this.#changed.delete(key);
    }
    return rows.length + gone.length === 0
      ? undefined
      : this.#message("sessions", { at: now(), rows, gone, isAll: false });
  }

  #dueFacts(): Uint8Array | undefined {
    for (const key of this.#changed) {
      const facts = this.#sessions.find(key)?.facts;
      if (facts !== undefined && isNew(this.#facts, key, lasting(facts))) return this.#message("facts", facts);
    }
    return undefined;
  }

  #dueLines(): Uint8Array | undefined {
    for (const key of this.#changed) {
      const { place, story, facts } = this.#sessions.find(key) ?? {};
      const from = this.#places.get(key);
      if (place === undefined || from === undefined || from >= (facts?.journalBytes ?? 0)) {
        this.#changed.delete(key);
        continue;
      }
      const page = readJournalPage(layoutOf(place.path).journal, { from, attempts: story?.attempts ?? [] });
      // Half a line.
      if (page.to <= from) {
        this.#changed.delete(key);
        continue;
      }
      this.#places.set(key, page.to);
      return this.#message("lines", { key, ...page });
    }
    return undefined;
  }

  #dueBeat(): Uint8Array | undefined {
    if (!this.#isBeating) return undefined;
    this.#isBeating = false;
    return ENCODER.encode("event: beat\ndata: {}\n\n");
  }

  #message<Name extends keyof StreamEvents>(name: Name, data: StreamEvents[Name]): Uint8Array {
    const id = [...this.#places].map(([key, byte]) => `${key}:${byte}`).join(",");
    return ENCODER.encode(`id: ${id}\nevent: ${name}\ndata: ${jsonOf(data)}\n\n`);
  }
}

function now(): string {
  return new Date().toISOString();
}

/** What changes with the clock alone is no news. */
function lasting(value: object): string {
  return JSON.stringify(value, (name, each) => CLOCKS.has(name) ? undefined : each);
}

const CLOCKS: ReadonlySet<string> = new Set(["elapsedMs", "workedMs", "leftMs", "at"]);

function isNew(told: Map<string, string>, key: string, now: string): boolean {
  if (told.get(key) === now) return false;
  told.set(key, now);
  return true;
}
