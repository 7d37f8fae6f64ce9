/**
 * A row of an event table: the shape of an event, and who wants to see it.
 *
 * @module
 */
import type { Shape } from "./shape.ts";

/** What the program knows of an event from its type. */
export interface EventRow<S extends Shape, IsPulse extends boolean = false> {
  readonly shape: S;
  readonly isNews: boolean;
  readonly isPulse: IsPulse;
}

/** An event that somebody who follows a session wants to see. */
export function news<S extends Shape>(shape: S): EventRow<S> {
  return { shape, isNews: true, isPulse: false };
}

/** An event that is in the log, but no news. */
export function detail<S extends Shape>(shape: S): EventRow<S> {
  return { shape, isNews: false, isPulse: false };
}

/** An event of each model call, for the views of what goes on now; no log has a line for it. */
export function pulse<S extends Shape>(shape: S): EventRow<S, true> {
  return { shape, isNews: false, isPulse: true };
}
