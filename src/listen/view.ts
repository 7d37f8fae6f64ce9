/**
 * What the listener knows of a session that it follows: what posts are made of, and what heard acts are done with.
 *
 * @module
 */
import type { Status } from "../operations/status.ts";
import type { Samocode } from "../operations/samocode.ts";

/** A session at one moment. */
export interface View {
  /** With the settings of the session's own project. */
  readonly samocode: Samocode;
  readonly status: Status;
}

/** Where something that a person replies to was shown. */
export interface Shown {
  /** The session's folder. */
  readonly session: string;
  /** The post's id. */
  readonly post: string;
}

/** What acts on what a person does needs to know of all followed sessions. */
export interface Sessions {
  /** A session by its folder; `undefined` if it is not followed any more. */
  readonly open: (session: string) => View | undefined;
  /** Whether a session is followed, and could not be looked at so far. */
  readonly isAwaited: (session: string) => boolean;
  /** Those that a channel shows, newest first: who may decide there decides about no others. */
  readonly all: (channel: string) => readonly View[];
  /** What is shown under a handle of a channel. */
  readonly shownAs: (channel: string, handle: string) => Shown | undefined;
}
