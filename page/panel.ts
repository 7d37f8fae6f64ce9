/**
 * What a tab of a session is given.
 *
 * @module
 */
import type { ComponentType } from "preact";
import type { JournalPage, SessionFacts, StoryAnswer } from "../src/view/contract.ts";

/** How a panel asks the server about its session. */
export interface PanelApi {
  /**
   * Reads what is below `/api/sessions/KEY/`.
   *
   * @throws {Refused} If the server refuses, with its words.
   */
  readonly read: <Answer>(path: string, options?: { readonly abort?: AbortSignal }) => Promise<Answer>;
  /** The address of an image below `/api/sessions/KEY/`. */
  readonly address: (path: string) => string;
  /** Calls for new lines of the journal, until what it returns is called. After a break they may begin further on. */
  readonly onLines: (hear: (lines: JournalPage) => void) => () => void;
}

/** The props of a panel. It is made anew for another session. */
export interface PanelProps {
  /** The session's key. */
  readonly session: string;
  readonly facts: SessionFacts;
  /** `undefined` until it has come. */
  readonly story: StoryAnswer | undefined;
  readonly api: PanelApi;
  /** What follows the tab in the address, decoded: a file, an iteration, a document. Empty for none. */
  readonly place: string;
  /** Changes it, and with it the address. */
  readonly go: (place: string) => void;
}

/** A tab. */
export interface Panel {
  /** In the address, `#/s/KEY/NAME`. */
  readonly name: string;
  readonly title: string;
  /** The key after `g`. */
  readonly letter: string;
  readonly View: ComponentType<PanelProps>;
}
