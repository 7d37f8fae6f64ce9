/**
 * Signs of how a session stands. They differ in shape, and a word is always beside them.
 *
 * @module
 */
import type { JSX } from "preact";
import type { SessionRow } from "../src/view/contract.ts";

const SHAPES: Readonly<Record<SessionRow["state"] | "needs", JSX.Element>> = {
  needs: <path d="M8 1.2 14.8 8 8 14.8 1.2 8z" fill="currentColor" />,
  running: (
    <>
      <circle class="pulse" cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="1.5" />
      <circle cx="8" cy="8" r="3.5" fill="currentColor" />
    </>
  ),
  queued: (
    <circle
      cx="8"
      cy="8"
      r="5.5"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-dasharray="3 2.4"
    />
  ),
  waiting: <path d="M5 3v10M11 3v10" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" />,
  ready: <path d="M4.5 2.8v10.4L13 8z" fill="currentColor" />,
  blocked: <path d="M8 1.5 15 14H1z" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" />,
  done: (
    <path
      d="M2.5 8.5 6.3 12 13.5 4"
      fill="none"
      stroke="currentColor"
      stroke-width="2.2"
      stroke-linecap="round"
      stroke-linejoin="round"
    />
  ),
  failed: <path d="m3.5 3.5 9 9m0-9-9 9" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" />,
  stopped: <rect x="3" y="3" width="10" height="10" rx="1.5" fill="currentColor" />,
  crashed: <path d="M9.5 1 3 9.2h4L6.5 15 13 6.8H9z" fill="currentColor" />,
};

/** The sign of a state; decoration, since its word is beside it. */
export function Glyph({ state, needs }: Pick<SessionRow, "state" | "needs">): JSX.Element {
  const kind = needs === "none" ? state : "needs";
  return (
    <svg class={`glyph ${kind}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      {SHAPES[kind]}
    </svg>
  );
}
