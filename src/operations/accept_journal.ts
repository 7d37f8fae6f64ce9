/**
 * A person's trust in a session's journal that somebody else may have changed.
 *
 * @module
 */
import { describeEvent } from "../messages/describe_event.ts";
import { SamocodeError } from "../text/errors.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** A journal as it stands. */
export interface JournalView {
  readonly session: string;
  /** What is wrong with it, in words; `undefined` if nothing is. */
  readonly doubt: string | undefined;
  /** Its last events, one line each, as they would count. */
  readonly events: readonly string[];
  /**
   * Accepts what is shown here, and nothing that came later.
   *
   * @throws {SamocodeError} If it has changed since, or a worker holds the session.
   */
  readonly accept: () => Promise<void>;
}

/**
 * Looks at a session's journal.
 *
 * @throws {SamocodeError} If there is no such session.
 */
export function viewJournal(samocode: Samocode, name: string): JournalView {
  using folder = openSession(samocode, name, { readOnly: true });
  using asItIs = openSession(samocode, name, { readOnly: true, asItIs: true });
  const { doubt } = folder.journal;
  const seen = asItIs.journal.extent;
  const session = folder.name;
  return {
    session,
    doubt,
    events: asItIs.journal.news.map((event) => describeEvent(event, { maxText: 70 })),
    async accept(): Promise<void> {
      if (doubt === undefined) return;
      using folder = openSession(samocode, name, { asItIs: true });
      using _lock = await folder.lock({ inDoubt: true });
      const { journal } = folder;
      if (journal.extent.sha256 !== seen.sha256) {
        throw new SamocodeError("conflict", `Cannot accept the journal of ${session}: it changed since it was shown`, {
          hint: "Look at it again",
          actions: [{ verb: "accept", session }],
        });
      }
      journal.accept({ found: doubt, by: "samocode trust" });
    },
  };
}
