/**
 * What the page and its server say to each other, as JSON. Times are ISO 8601 in UTC; the page shows them in its own
 * zone.
 *
 * `GET /api/sessions` answers as the stream's first `sessions` does, `GET /api/sessions/KEY` with the facts of one.
 *
 * @module
 */
import type { Status, StatusRow } from "../operations/status.ts";
import type { Story } from "../workflow/story.ts";

/** A session in the list. */
export interface SessionRow extends
  Pick<
    StatusRow,
    | "session"
    | "state"
    | "needs"
    | "detail"
    | "phase"
    | "iteration"
    | "activity"
    | "task"
    | "costUsd"
    | "estimatedUsd"
    | "startedAt"
    | "updatedAt"
    | "elapsedMs"
  > {
  /** In addresses: the hash of its folder's path. */
  readonly key: string;
  readonly project: string;
  readonly plan: { readonly done: number; readonly total: number } | undefined;
  /** When its agent last printed anything; `undefined` unless one works. */
  readonly heardAt: string | undefined;
}

/** What the page shows of one session beside its story. Documents come with their own requests. */
export interface SessionFacts extends
  SessionRow,
  Pick<
    Status,
    | "now"
    | "attempt"
    | "wait"
    | "questions"
    | "route"
    | "provider"
    | "model"
    | "guard"
    | "branch"
    | "commit"
    | "work"
    | "finish"
    | "note"
    | "budget"
    | "tokens"
    | "workedMs"
    | "kept"
    | "checks"
  > {
  /** Where the session's own time stands, for ages that do not depend on the browser's clock. */
  readonly at: string;
  /** What the acts must name: the run that the page shows. */
  readonly run: string | undefined;
  /** Of the questions that wait: answers are for these, and must name them. */
  readonly asked: { readonly sha256: string } | undefined;
  /** Of the plan that waits. */
  readonly due: { readonly label: string; readonly sha256: string } | undefined;
  /** What else can be done, each with the command for a terminal. */
  readonly next: readonly { readonly verb: string; readonly words: string; readonly command: string }[];
  /** Changes whenever the story does. */
  readonly storyVersion: number;
  /** Bytes of the journal. */
  readonly journalBytes: number;
}

/** An event as the journal's view shows it. */
export interface JournalRow {
  readonly seq: number;
  readonly at: string;
  readonly type: string;
  readonly iteration: number;
  /** In words, safe to show as text. */
  readonly text: string;
}

/**
 * A page of the journal. `from` and `to` are bytes of the file; older rows end before `from`, newer ones begin at `to`.
 *
 * `GET /api/sessions/KEY/journal?before=BYTE` gives the rows that end there, by default at the end of the file;
 * `?from=BYTE` those from the first line on that begins at the byte or after it. `&search=TEXT` and
 * `&types=agent,check`, what a type begins with, leave out the others; a page with few rows or none is not the last one
 * while `from` is above 0.
 */
export interface JournalPage {
  readonly rows: readonly JournalRow[];
  readonly from: number;
  readonly to: number;
}

/**
 * The events of the stream `GET /api/stream?watch=KEY:BYTE,KEY:BYTE`; its id is that list as it stands now. `KEY` alone
 * begins at the journal's end. The facts of each watched session come at once, then when they change.
 */
export interface StreamEvents {
  /** At first all, then those that changed. */
  readonly sessions: {
    /** When the rows were read, by the server's clock. */
    readonly at: string;
    readonly rows: readonly SessionRow[];
    readonly gone: readonly string[];
    readonly isAll: boolean;
  };
  /** Of each watched session. */
  readonly facts: SessionFacts;
  /** New lines of a watched session's journal. */
  readonly lines: JournalPage & { readonly key: string };
  /** The server is there, and has nothing to tell; every 15 seconds. */
  readonly beat: Record<string, never>;
  /** Ends with this server; whoever waits connects again. */
  readonly bye: Record<string, never>;
}

/** `GET /api/sessions/KEY/story`. */
export type StoryAnswer = Story & { readonly storyVersion: number };

/** `GET /api/sessions/KEY/plan`: the newest plan. */
export interface PlanAnswer {
  readonly name: string;
  readonly label: string;
  readonly sha256: string;
  /** Rendered and safe. */
  readonly html: string;
  /** What has changed since the plan that was shown before, as a diff; empty if there was none. */
  readonly changesHtml: string;
}

/** `GET /api/sessions/KEY/diff?commit=HASH&file=PATH`; without `commit` all of the branch, without `file` the first. */
export interface DiffAnswer {
  readonly commits: readonly { readonly hash: string; readonly subject: string; readonly at: string }[];
  readonly files: readonly { readonly path: string; readonly added: number; readonly removed: number }[];
  /** The diff of one file, rendered and safe. */
  readonly html: string;
  /** Why a part is not shown; empty if all is. */
  readonly left: string;
}

/** `GET /api/sessions/KEY/documents`. */
export interface DocumentRow {
  readonly name: string;
  readonly bytes: number;
  readonly at: string;
  readonly kind: "markdown" | "image" | "text";
}

/** `GET /api/sessions/KEY/documents/NAME`; an image comes as such from `/images/NAME`. */
export interface DocumentAnswer extends DocumentRow {
  readonly html: string;
}

/**
 * What an agent said and did, `GET /api/sessions/KEY/log?iteration=N&attempt=N&search=TEXT&before=N`: the newest rows,
 * without `attempt` of all of them.
 */
export interface LogAnswer {
  readonly rows: readonly {
    readonly n: number;
    readonly kind: "attempt" | "said" | "acted" | "denied" | "other";
    readonly text: string;
  }[];
  /** Where older rows are; `undefined` if these are the first. */
  readonly before: number | undefined;
}

/** `GET /api/sessions/KEY/checks`: the newest rounds. */
export interface ChecksAnswer {
  readonly rounds: readonly {
    readonly stage: string;
    /** Whether no agent has worked since; `undefined` of those before the first change, which say nothing of the work. */
    readonly isFresh: boolean | undefined;
    readonly runs: readonly {
      readonly command: string;
      readonly result: string;
      readonly detail: string;
      readonly durationMs: number;
      readonly commit: string | undefined;
      readonly tail: string;
    }[];
  }[];
}

/**
 * What a person does, `POST /api/sessions/KEY/acts`. `run` is what the page showed: an act on another run is refused as
 * settled (409) with what is so now.
 */
export type Act =
  & { readonly run: string | undefined }
  & (
    | {
      readonly verb: "answer";
      /** By question id. */
      readonly answers: Readonly<Record<string, string>>;
      /** `asked.sha256` of the facts that the form was made of. */
      readonly sha256: string;
    }
    | { readonly verb: "approve"; readonly sha256: string; readonly label: string }
    | { readonly verb: "revise"; readonly sha256: string; readonly feedback: string }
    | { readonly verb: "guide"; readonly text: string }
    | { readonly verb: "stop"; readonly now: boolean }
    | { readonly verb: "resume"; readonly guidance: string }
    /** The new absolute limits, in the units of `budget`; without any, what is used up is raised by its whole setting. */
    | { readonly verb: "raise"; readonly to: Readonly<Record<string, number>> }
    | { readonly verb: "accept_baseline" }
  );

/** The answer to an act: what came of it in words, and how the session stands. */
export interface ActAnswer {
  readonly words: string;
  readonly facts: SessionFacts;
}

/** Every refusal and failure. */
export interface Failure {
  readonly error: string;
  readonly hint: string;
  /** How the session stands, where an act came too late (409). */
  readonly facts?: SessionFacts | undefined;
}

/**
 * Whether this page may act, `GET /api/seat`. A cookie shows and no more: a browser sends it to every port of this machine,
 * so also to a server that an agent started. Acts need a key that only the page itself has, which it sends with every
 * request as `x-samocode-key`.
 *
 * The address that opens the page leads on to `/#code=CODE`, which browsers keep in their history, so it must be worthless
 * soon: `POST /api/key` with `x-samocode-code: CODE` lets a key that the page has made act, once for each code, and gives
 * the same answer. It may be repeated with the same key. The page keeps the key in localStorage.
 */
export interface SeatAnswer {
  readonly mayAct: boolean;
  /** Why not, and what to do about it; empty if it may. */
  readonly why: string;
}
