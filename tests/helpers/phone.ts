/**
 * A person with a phone: sessions that wait for them, without workers, and what they press and write.
 *
 * @module
 */
import { join } from "node:path";
import type { Post, Said } from "../../src/channels/post.ts";
import { Decisions } from "../../src/listen/decisions.ts";
import { OfferBook } from "../../src/listen/offers.ts";
import { postsFor } from "../../src/listen/posts.ts";
import type { Sessions, Shown, View } from "../../src/listen/view.ts";
import { readStatus } from "../../src/operations/read_status.ts";
import { openSession, type Samocode } from "../../src/operations/samocode.ts";
import { enrol } from "../../src/session/roster.ts";
import { hashOf } from "../../src/trust/seen_file.ts";
import { eventLine } from "../../src/workflow/event_line.ts";
import type { RecordedEvent, SessionEvent } from "../../src/workflow/session_event.ts";
import { samocodeIn } from "./background.ts";
import { TempProject } from "./temp_project.ts";

/** Two questions: one with options, one without a suggestion. */
export const QUESTIONS = `### Q1: Which database?

It must survive a restart.

A) Postgres
B) SQLite

**Suggestion:** A: it is there already

**Answer:** _waiting_

### Q2: Which port?

**Answer:** _waiting_
`;

/** A plan of two steps. */
export const PLAN = "# Plan: Add --top\n\n- [ ] Phase 1: do it\n- [ ] Phase 2: test it\n";

/** A session as its folder has it. */
export interface Waiting {
  readonly name?: string;
  readonly documents?: Readonly<Record<string, string>>;
  readonly events: readonly SessionEvent[];
  /** Whether this process is its worker. */
  readonly isRunning?: boolean;
}

const STARTED_AT = "2026-01-02T03:04:05.000Z";

/** A session that waits for the answers in a text. */
export function atQuestions(text = QUESTIONS, name = "top"): Waiting {
  const sha256 = hashOf(text);
  return {
    name,
    documents: { "_qa.md": text },
    events: [
      { type: "gate.reached", gate: "qa_answers", wants: undefined, document: "_qa.md", sha256, openQuestions: 2 },
      stopped({ kind: "waiting", for: "qa_answers", gate: "qa_answers", detail: "Answer the questions" }),
    ],
  };
}

/** A session that waits for the approval of a plan. */
export function atPlan(text = PLAN, name = "top"): Waiting {
  const document = "11-20-0500-plan-top.md";
  return {
    name,
    documents: { [document]: text },
    events: [
      { type: "phase.entered", phase: "planning", from: "requirements", by: "worker" },
      {
        ...{ type: "gate.reached", gate: "plan_approval", wants: "implementation", document } as const,
        ...{ sha256: hashOf(text), openQuestions: 0 },
      },
      stopped({ kind: "waiting", for: "plan_approval", gate: "plan_approval", detail: "Approve the plan" }),
    ],
  };
}

/** The end of a run. */
export function stopped(outcome: Extract<SessionEvent, { type: "session.stopped" }>["outcome"]): SessionEvent {
  return { type: "session.stopped", outcome };
}

/** A project with such sessions, and a listener without its process. */
export class Phone implements AsyncDisposable {
  readonly project = new TempProject();
  readonly samocode: Samocode;
  readonly listenerFolder: string;
  nowMs = Date.now();
  book: OfferBook;
  decisions: Decisions;
  readonly logged: string[] = [];
  /** What is shown under which handle. */
  readonly shown = new Map<string, Shown>();
  /** Whether its sessions are followed, and cannot be looked at. */
  isUnreadable = false;
  readonly #folders: string[] = [];
  #heard = 0;
  #isOpen = true;

  /** No worker is ever started: a session that goes on is queued behind one that this process runs. */
  constructor(env: Readonly<Record<string, string>> = {}) {
    this.samocode = samocodeIn(this.project.root, {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: join(this.project.root, "home"),
      SAMOCODE_PROVIDER: "demo",
      SAMOCODE_MAX_PARALLEL: "1",
      ...env,
    });
    this.listenerFolder = join(this.samocode.stateFolder, "listener");
    Deno.mkdirSync(this.listenerFolder, { recursive: true, mode: 0o700 });
    this.book = new OfferBook(this.listenerFolder, () => this.nowMs);
    this.decisions = this.#open();
    this.#occupy();
  }

  /** Makes a session; returns its folder. */
  session({ name = "top", documents = {}, events, isRunning = false }: Waiting): string {
    const folder = join(this.project.root, "sessions", `26-01-02-${name}`);
    Deno.mkdirSync(join(folder, "_logs"), { recursive: true });
    for (const [file, text] of Object.entries(documents)) Deno.writeTextFileSync(join(folder, file), text);
    const all: readonly SessionEvent[] = [
      { type: "session.created", name, task: "Add --top", dive: "" },
      { type: "session.started", provider: "demo", version: "1", pid: 1 },
      ...events,
    ];
    const lines = all.map((event, index) => eventLine({ ...event, seq: index + 1, at: STARTED_AT }));
    Deno.writeTextFileSync(join(folder, "_journal.jsonl"), lines.join(""));
    const lock = this.project.own(folder);
    if (isRunning) hold(lock);
    this.#folders.push(folder);
    return folder;
  }

  /** The first session as it is now. */
  view(name = "top"): View {
    return { samocode: this.samocode, status: readStatus(this.samocode, { session: name }) };
  }

  /** What should be visible, without what follows the progress; all of it can be replied to. */
  posts(name = "top"): readonly Post[] {
    const view = this.view(name);
    const posts = postsFor(view, this.book);
    for (const { id } of posts) this.shown.set(id, { session: view.status.folder, post: id });
    return posts.filter(({ topic }) => topic !== "progress");
  }

  /** The nonce of a button. */
  nonce(label: string, name = "top"): string {
    const offers = this.posts(name).flatMap((post) => post.offers);
    const found = offers.find((offer) => offer.label === label);
    if (found === undefined) throw new Error(`no button ${label}, but ${offers.map(({ label }) => label).join(", ")}`);
    return found.nonce;
  }

  /** Does something on a channel; resolves with what the person is told once it is done. */
  async does(said: Said, { by = "telegram:1", key, channel = "telegram" }: Doing = {}): Promise<string> {
    let tell = (_text: string): void => {};
    const told = new Promise<string>((resolve) => tell = resolve);
    const heard = { by, key: key ?? `${++this.#heard}`, said, answer: (text: string) => Promise.resolve(tell(text)) };
    await this.decisions.hear(heard, { channel, refusal: undefined });
    return await told;
  }

  /** Presses a button. */
  async taps(label: string, doing?: Doing): Promise<string> {
    return await this.does({ kind: "tap", nonce: this.nonce(label) }, doing);
  }

  /** Replies to the post whose id begins like this. */
  async replies(post: string, text: string, doing?: Doing): Promise<string> {
    this.posts();
    const handle = [...this.shown.keys()].find((id) => id.startsWith(post));
    if (handle === undefined) throw new Error(`no post ${post}, but ${[...this.shown.keys()].join(", ")}`);
    return await this.does({ kind: "reply", text, handle }, doing);
  }

  /** Every event of a session. */
  events(name = "top"): readonly RecordedEvent[] {
    const events: RecordedEvent[] = [];
    using _folder = openSession(this.samocode, name, { readOnly: true, see: (event) => events.push(event) });
    return events;
  }

  /** Appends to a session's journal, as a worker or another door does. */
  append(event: SessionEvent, name = "top"): void {
    using folder = openSession(this.samocode, name);
    folder.journal.append(event);
  }

  /** Ends the listener, after what it is doing. */
  async end(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.decisions[Symbol.asyncDispose]();
  }

  /** Starts another listener, which reads everything from the disk. */
  async restart(): Promise<void> {
    await this.end();
    this.book = new OfferBook(this.listenerFolder, () => this.nowMs);
    this.decisions = this.#open();
    this.#isOpen = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    this.project[Symbol.dispose]();
  }

  #open(): Decisions {
    const all = (): readonly View[] => this.#folders.map((folder) => this.view(folder.split("/").at(-1)));
    const sessions: Sessions = {
      all: (channel) => channel === "elsewhere" ? [] : all(),
      open: (session) => this.isUnreadable ? undefined : all().find(({ status }) => status.folder === session),
      isAwaited: () => this.isUnreadable,
      shownAs: (_channel, handle) => this.shown.get(handle),
    };
    const log = (line: string): void => void this.logged.push(line);
    return new Decisions({ folder: this.listenerFolder, book: this.book, sessions, changed: () => {}, log });
  }

  /** Uses up the only place for a running session. */
  #occupy(): void {
    const { stateFolder } = this.samocode;
    const lock = join(stateFolder, "busy.lock");
    hold(lock);
    enrol(stateFolder, { session: join(this.project.root, "busy"), lock, projectFile: "", settings: {} });
  }
}

/** Who does it, and where. */
export interface Doing {
  readonly by?: string;
  /** Of what is heard; by default one of its own. */
  readonly key?: string;
  readonly channel?: string;
}

/** Makes this process the holder of a session's lock. */
function hold(lock: string): void {
  const fields = Deno.readTextFileSync("/proc/self/stat").split(") ")[1]?.split(" ") ?? [];
  const boot = Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
  Deno.writeTextFileSync(lock, JSON.stringify({ pid: Deno.pid, startId: `${boot}/${fields[19]}`, since: STARTED_AT }));
}
