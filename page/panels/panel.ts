/**
 * What every panel gets, and how it asks for more.
 *
 * @module
 */
import { useEffect, useState } from "preact/hooks";
import type { Failure, JournalPage, SessionFacts } from "../../src/view/contract.ts";
import type { Story } from "../../src/workflow/story.ts";

/** What a panel needs of the server. */
export interface PanelApi {
  /** @throws {Failure} What the server refused, or that it was not reached. */
  readonly get: <Answer>(path: string) => Promise<Answer>;
  /** Calls for each page of new lines of a session's journal, until the returned function is called. */
  readonly onLines: (session: string, take: (page: JournalPage) => void) => () => void;
}

/** What every panel gets. */
export interface PanelProps {
  /** The key of the session in addresses. */
  readonly session: string;
  readonly facts: SessionFacts;
  readonly story: Story | undefined;
  readonly api: PanelApi;
}

/** What came of a request. The last answer stays until the next one is there. */
export interface Asked<Answer> {
  readonly answer: Answer | undefined;
  readonly failure: Failure | undefined;
  readonly isLoading: boolean;
}

/**
 * Asks the server, and again whenever the path or the version changes.
 *
 * @param path Below the session's own; `undefined` to ask nothing.
 */
export function useAnswer<Answer>(
  { session, api }: Pick<PanelProps, "session" | "api">,
  path: string | undefined,
  version: unknown = 0,
): Asked<Answer> {
  const [asked, setAsked] = useState<Asked<Answer>>({ answer: undefined, failure: undefined, isLoading: true });
  useEffect(() => {
    if (path === undefined) return;
    let isStale = false;
    const settle = (next: Partial<Asked<Answer>>): void => {
      if (!isStale) setAsked((last) => ({ ...last, failure: undefined, isLoading: false, ...next }));
    };
    settle({ isLoading: true });
    api.get<Answer>(pathOf(session, path)).then((answer) => settle({ answer }), (failure) => settle({ failure }));
    return () => {
      isStale = true;
    };
  }, [session, path, version]);
  return asked;
}

/** The address of something of a session. */
export function pathOf(session: string, path: string): string {
  return `/api/sessions/${session}/${path}`;
}

/** `?a=1&b=2` of what is set; empty if nothing is. */
export function queryOf(parts: Readonly<Record<string, string | number | undefined>>): string {
  const set = Object.entries(parts).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [`${name}=${encodeURIComponent(value)}`]
  );
  return set.length === 0 ? "" : `?${set.join("&")}`;
}
