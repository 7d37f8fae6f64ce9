/**
 * What the listener knows about a session that it follows.
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

/** The post that a person replied to. */
export interface Shown {
  /** The session's folder. */
  readonly session: string;
  /** The post's id. */
  readonly post: string;
}

/** What decisions need to know about all followed sessions. */
export interface Sessions {
  /** A session by its folder; `undefined` if it is no longer followed. */
  readonly open: (session: string) => View | undefined;
  /** Whether a session is followed but has not been read yet. */
  readonly isAwaited: (session: string) => boolean;
  /** The sessions that a channel shows, newest first. Nothing else can be decided there. */
  readonly all: (channel: string) => readonly View[];
  /** The post with this handle on a channel. */
  readonly shownAs: (channel: string, handle: string) => Shown | undefined;
}
