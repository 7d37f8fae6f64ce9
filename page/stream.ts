/**
 * One stream for all tabs: a browser allows a host six connections. The tab that holds the lock has the stream, the
 * others hear it by a channel; without these, each tab has its own.
 *
 * @module
 */
import type { StreamEvents } from "../src/view/contract.ts";
import { read, Refused } from "./api.ts";

/** An event of the stream, as it is handed on between tabs. */
export type Heard = {
  readonly [Name in keyof StreamEvents]: { readonly name: Name; readonly data: StreamEvents[Name] };
}[
  keyof StreamEvents
];

/** Whether the stream is there. */
export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** `since` is in milliseconds since 1970 by the browser's clock. */
  | {
    readonly kind: "lost";
    readonly since: number;
    /** Whether the server is there, and does not let this browser in: it was started anew. */
    readonly isRefused: boolean;
  };

type Message =
  | { readonly kind: "heard"; readonly heard: Heard }
  | { readonly kind: "connection"; readonly connection: Connection }
  | { readonly kind: "watch"; readonly tab: string; readonly keys: readonly string[] }
  /** Of a new leader, or a new tab: everybody says what they watch, and the leader says all again. */
  | { readonly kind: "hello" };

/** What a tab hears. */
export interface Listener {
  readonly onHeard: (heard: Heard) => void;
  readonly onConnection: (connection: Connection) => void;
}

/** Two beats of the server and some: a connection can die without a word while a machine sleeps. In milliseconds. */
const SILENT_AFTER_MS = 40_000;

const NAMES = ["sessions", "facts", "lines", "bye"] as const satisfies readonly (keyof StreamEvents)[];

/** A browser gives a lock back whose promise it may forget. */
const FOREVER = new Promise<never>(() => {});

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5_000;

const tabs: { readonly channel: BroadcastChannel | undefined; readonly id: string } = {
  channel: typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel("samocode"),
  id: `${Date.now()}-${Math.random()}`,
};

/**
 * Listens for as long as the tab lives.
 *
 * @returns Says which sessions the tab watches, by their keys.
 */
export function listen({ onHeard, onConnection }: Listener): (keys: readonly string[]) => void {
  const { channel, id } = tabs;
  let leader: Leader | undefined;
  let mine: readonly string[] = [];
  const tell = (message: Message): void => channel?.postMessage(message);
  const say = (): void => {
    leader?.watch(id, mine);
    tell({ kind: "watch", tab: id, keys: mine });
  };
  const lead = (): void => {
    leader = new Leader((message) => {
      tell(message);
      if (message.kind === "heard") onHeard(message.heard);
      if (message.kind === "connection") onConnection(message.connection);
    });
    leader.watch(id, mine);
    tell({ kind: "hello" });
  };
  channel?.addEventListener("message", ({ data }: MessageEvent<Message>) => {
    if (data.kind === "watch") leader?.watch(data.tab, data.keys);
    if (data.kind === "hello") {
      tell({ kind: "watch", tab: id, keys: mine });
      leader?.sayAgain();
    }
    if (leader !== undefined) return;
    if (data.kind === "heard") onHeard(data.heard);
    if (data.kind === "connection") onConnection(data.connection);
  });
  if (channel === undefined || navigator.locks === undefined) lead();
  else {
    void navigator.locks.request("samocode-stream", () => {
      lead();
      return FOREVER;
    });
    tell({ kind: "hello" });
  }
  addEventListener("pagehide", () => tell({ kind: "watch", tab: id, keys: [] }));
  addEventListener("pageshow", say);
  return (keys) => {
    mine = keys;
    say();
  };
}

/** Has the stream, and opens it anew when what is watched changes, or when it breaks. */
class Leader {
  readonly #tell: (message: Message) => void;
  readonly #watched = new Map<string, readonly string[]>();
  /** Where the journals were read to, by key. */
  readonly #bytes = new Map<string, string>();
  readonly #last = new Map<string, Heard>();
  #connection: Connection = { kind: "connecting" };
  #source: EventSource | undefined;
  #open = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #retryMs = FIRST_RETRY_MS;

  constructor(tell: (message: Message) => void) {
    this.#tell = tell;
    // A phone that wakes up must not wait for the next try.
    const now = (): void => {
      if (document.visibilityState === "visible" && this.#connection.kind === "lost") this.#connect();
    };
    document.addEventListener("visibilitychange", now);
    addEventListener("online", now);
    this.#later(0);
  }

  watch(tab: string, keys: readonly string[]): void {
    if (keys.length === 0) this.#watched.delete(tab);
    else this.#watched.set(tab, keys);
    const wanted = this.#wanted();
    for (const key of this.#bytes.keys()) if (!wanted.includes(key)) this.#bytes.delete(key);
    if (wanted.join() !== this.#open && this.#connection.kind !== "lost") this.#later(0);
  }

  /** For a tab that has just come. */
  sayAgain(): void {
    this.#tell({ kind: "connection", connection: this.#connection });
    for (const heard of this.#last.values()) this.#tell({ kind: "heard", heard });
  }

  #wanted(): readonly string[] {
    return [...new Set([...this.#watched.values()].flat())].sort();
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), ms);
  }

  #connect(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    const wanted = this.#wanted();
    this.#open = wanted.join();
    const watch = wanted.map((key) => this.#bytes.get(key) ?? key).join(",");
    const source = new EventSource(`/api/stream?watch=${watch}`);
    this.#source = source;
    this.#listenOn(source);
    source.addEventListener("beat", () => this.#listenOn(source));
    source.addEventListener("open", () => {
      this.#retryMs = FIRST_RETRY_MS;
      this.#say({ kind: "live" });
    });
    source.addEventListener("error", () => void this.#lose(source));
    for (const name of NAMES) {
      source.addEventListener(name, ({ data, lastEventId }) => {
        if (source !== this.#source) return;
        this.#listenOn(source);
        for (const place of lastEventId.split(",")) this.#bytes.set(place.split(":")[0] ?? "", place);
        this.#hear({ name, data: JSON.parse(data) });
        if (name === "bye") void this.#lose(source);
      });
    }
  }

  #listenOn(source: EventSource): void {
    if (source !== this.#source) return;
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => void this.#lose(source), SILENT_AFTER_MS);
  }

  #hear(heard: Heard): void {
    if (heard.name === "facts") this.#last.set(heard.data.key, heard);
    if (heard.name === "sessions") {
      this.#last.set("", { name: "sessions", data: joined(this.#last.get(""), heard.data) });
    }
    this.#tell({ kind: "heard", heard });
  }

  async #lose(source: EventSource): Promise<void> {
    if (source !== this.#source) return;
    source.close();
    this.#source = undefined;
    clearTimeout(this.#silence);
    const before = this.#connection;
    const since = before.kind === "lost" ? before.since : Date.now();
    if (before.kind !== "lost") this.#say({ kind: "lost", since, isRefused: false });
    this.#later(this.#retryMs);
    this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2);
    // An event source does not say why.
    const isRefused = await read("/api/seat").then(
      () => false,
      (error) => error instanceof Refused && error.status === 401,
    );
    if (this.#connection.kind === "lost") this.#say({ kind: "lost", since, isRefused });
  }

  #say(connection: Connection): void {
    this.#connection = connection;
    this.#tell({ kind: "connection", connection });
  }
}

/** The whole list after a change of it. */
function joined(before: Heard | undefined, change: StreamEvents["sessions"]): StreamEvents["sessions"] {
  if (change.isAll || before?.name !== "sessions") return change;
  const rows = new Map(before.data.rows.map((row) => [row.key, row]));
  for (const row of change.rows) rows.set(row.key, row);
  for (const key of change.gone) rows.delete(key);
  return { at: change.at, rows: [...rows.values()], gone: [], isAll: true };
}
