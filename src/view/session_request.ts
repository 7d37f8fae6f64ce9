/**
 * A request for something of one session, and how it is answered.
 *
 * @module
 */
import type { SeenSession } from "./seen_session.ts";
import type { Sessions } from "./sessions.ts";

/** A request for something of one session. */
export interface SessionRequest {
  readonly sessions: Sessions;
  readonly session: SeenSession;
  readonly query: URLSearchParams;
  /** What the path names behind the request, decoded; empty if nothing. */
  readonly rest: string;
  /** Whether a person looks who may act. */
  readonly mayAct: boolean;
}

/** An answer as JSON, or as it is. */
export type Answer = (request: SessionRequest) => unknown;
