/**
 * The tabs of a session.
 *
 * @module
 */
import { PANELS } from "./panels/index.ts";

/** A tab as it is named and reached. */
export interface Tab {
  /** In the address; empty for the overview. */
  readonly name: string;
  readonly title: string;
  /** The key after `g`. */
  readonly letter: string;
}

/** All of them, in order. */
export const TABS: readonly Tab[] = [
  { name: "", title: "Overview", letter: "o" },
  { name: "plan", title: "Plan", letter: "p" },
  ...PANELS,
];
