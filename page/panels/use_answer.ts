/**
 * What a panel asks the server.
 *
 * @module
 */
import { useEffect, useState } from "preact/hooks";
import type { PanelProps } from "../panel.ts";

/** What came of a request. The last answer stays until the next one is there. */
export interface Asked<Answer> {
  readonly answer: Answer | undefined;
  readonly failure: unknown;
  readonly isLoading: boolean;
}

/**
 * Asks the server, and again whenever the path or the version changes.
 *
 * @param path Below the session's own; `undefined` to ask nothing.
 */
export function useAnswer<Answer>(
  { api }: Pick<PanelProps, "api">,
  { path, version = 0 }: { readonly path: string | undefined; readonly version?: number },
): Asked<Answer> {
  const [asked, setAsked] = useState<Asked<Answer>>({ answer: undefined, failure: undefined, isLoading: true });
  useEffect(() => {
    if (path === undefined) return;
    const stale = new AbortController();
    const settle = (next: Partial<Asked<Answer>>): void => {
      if (!stale.signal.aborted) setAsked((last) => ({ ...last, failure: undefined, isLoading: false, ...next }));
    };
    settle({ isLoading: true });
    api.read<Answer>(path, { abort: stale.signal }).then(
      (answer) => settle({ answer }),
      (failure) => settle({ failure }),
    );
    return () => stale.abort();
  }, [path, version]);
  return asked;
}

/** `?a=1&b=2` of what is set; empty if nothing is. */
export function queryOf(parts: Readonly<Record<string, string | number | undefined>>): string {
  const set = Object.entries(parts).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [`${name}=${encodeURIComponent(value)}`]
  );
  return set.length === 0 ? "" : `?${set.join("&")}`;
}
