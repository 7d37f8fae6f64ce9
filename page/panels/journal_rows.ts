/**
 * The rows of a journal as they are needed: any of them by its number, although the server only knows bytes.
 *
 * @module
 */
import type { JournalPage, JournalRow } from "../../src/view/contract.ts";

/** Asks the server for a page. */
export type AskForPage = (query: JournalQuery) => Promise<JournalPage>;

/** From a byte on, or up to one; without both, up to the end. */
export interface JournalQuery {
  readonly from?: number;
  readonly before?: number;
}

/** What a list needs of a journal. */
export interface JournalRows {
  readonly count: number;
  /** How many rows were put before the first one, in sum. */
  readonly before: number;
  /** `undefined` until it is there. */
  readonly at: (index: number) => JournalRow | undefined;
  /** Fetches what is missing of these rows; `true` if anything came. */
  readonly see: (first: number, last: number) => Promise<boolean>;
  /** Takes what was appended. */
  readonly append: (page: JournalPage) => Promise<void>;
}

/** Where a row begins in the file. */
interface Anchor {
  readonly seq: number;
  readonly byte: number;
}

/** So many rows are read through rather than jumped over. */
const NEAR = 100;

/** Rows that are kept; those farthest from the sight go first. */
const MOST_KEPT = 20_000;

/** Halving a billion rows takes thirty; guessing by the bytes takes three or four. */
const MOST_JUMPS = 40;

/**
 * The whole journal. Rows are numbered without gaps, so that the scroll bar is right from the beginning; where a row is
 * in the file is guessed from where others are, and looked up again until it is found.
 */
export class WholeJournal implements JournalRows {
  readonly before = 0;
  readonly #ask: AskForPage;
  readonly #rows = new Map<number, JournalRow>();
  #anchors: readonly Anchor[];
  #last: number;
  #isAsking = false;

  /** @param page The newest page. */
  constructor(page: JournalPage, ask: AskForPage) {
    this.#ask = ask;
    this.#last = page.rows.at(-1)?.seq ?? 0;
    this.#anchors = [{ seq: 1, byte: 0 }, { seq: this.#last + 1, byte: page.to }];
    this.#keep(page);
  }

  get count(): number {
    return this.#last;
  }

  at(index: number): JournalRow | undefined {
    return this.#rows.get(index + 1);
  }

  async see(first: number, last: number): Promise<boolean> {
    if (this.#isAsking) return false;
    this.#isAsking = true;
    try {
      let hasMore = false;
      for (let jump = 0; jump < MOST_JUMPS; jump++) {
        const seq = this.#missing(first + 1, last + 1);
        if (seq === undefined) break;
        const page = await this.#ask(this.#queryFor(seq));
        this.#keep(page);
        hasMore = true;
        if (page.rows.length === 0) break;
      }
      this.#forget((first + last) / 2);
      return hasMore;
    } finally {
      this.#isAsking = false;
    }
  }

  append(page: JournalPage): Promise<void> {
    this.#last = Math.max(this.#last, page.rows.at(-1)?.seq ?? 0);
    this.#keep(page);
    return Promise.resolve();
  }

  #missing(first: number, last: number): number | undefined {
    for (let seq = Math.max(1, first); seq <= Math.min(last, this.#last); seq++) if (!this.#rows.has(seq)) return seq;
    return undefined;
  }

  #queryFor(seq: number): JournalQuery {
    const after = this.#anchors.findIndex((anchor) => anchor.seq > seq);
    const begin = this.#anchors[after - 1] ?? { seq: 1, byte: 0 };
    const end = this.#anchors[after];
    if (end === undefined || seq - begin.seq <= NEAR) return { from: begin.byte };
    if (end.seq - seq <= NEAR) return { before: end.byte };
    const share = (seq - NEAR / 2 - begin.seq) / (end.seq - begin.seq);
    return { from: begin.byte + Math.max(1, Math.floor(share * (end.byte - begin.byte))) };
  }

  #keep({ rows, from, to }: JournalPage): void {
    const [first] = rows;
    const last = rows.at(-1);
    if (first === undefined || last === undefined) return;
    // A number that no line has is one that could not be read.
    for (let seq = from === 0 ? 1 : first.seq; seq <= last.seq; seq++) this.#rows.set(seq, unreadable(seq, first.at));
    for (const row of rows) this.#rows.set(row.seq, row);
    const known = new Map(this.#anchors.map(({ seq, byte }) => [seq, byte]));
    if (from > 0) known.set(first.seq, from);
    known.set(last.seq + 1, to);
    this.#anchors = [...known].map(([seq, byte]) => ({ seq, byte })).sort((a, b) => a.seq - b.seq);
  }

  #forget(middle: number): void {
    if (this.#rows.size <= MOST_KEPT) return;
    for (const seq of this.#rows.keys()) if (Math.abs(seq - middle) > MOST_KEPT / 4) this.#rows.delete(seq);
  }
}

/** What was asked for alone, from the newest backwards as far as somebody scrolls. */
export class FoundRows implements JournalRows {
  readonly #ask: AskForPage;
  #rows: readonly JournalRow[];
  #from: number;
  #to: number;
  #before = 0;
  #isAsking = false;

  /** @param page The newest page of what was asked for. */
  constructor(page: JournalPage, ask: AskForPage) {
    this.#ask = ask;
    this.#rows = page.rows;
    this.#from = page.from;
    this.#to = page.to;
  }

  get count(): number {
    return this.#rows.length;
  }

  get before(): number {
    return this.#before;
  }

  /** Whether older ones may come. */
  get hasMore(): boolean {
    return this.#from > 0;
  }

  at(index: number): JournalRow | undefined {
    return this.#rows[index];
  }

  async see(first: number): Promise<boolean> {
    if (this.#isAsking) return false;
    this.#isAsking = true;
    try {
      const had = this.#from;
      let added = 0;
      // The server goes through a part of the journal for each page, and may find nothing in it.
      while (this.#from > 0 && first + added < NEAR) {
        const { rows, from } = await this.#ask({ before: this.#from });
        this.#rows = [...rows, ...this.#rows];
        this.#before += rows.length;
        this.#from = from;
        added += rows.length;
      }
      return this.#from < had;
    } finally {
      this.#isAsking = false;
    }
  }

  /** The server says which of them were asked for. */
  async append({ to }: JournalPage): Promise<void> {
    while (this.#to < to) {
      const page = await this.#ask({ from: this.#to });
      if (page.to <= this.#to) return;
      this.#rows = [...this.#rows, ...page.rows];
      this.#to = page.to;
    }
  }
}

function unreadable(seq: number, at: string): JournalRow {
  return { seq, at, type: "", iteration: 0, text: "A line that is not an event" };
}
