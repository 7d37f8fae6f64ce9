/**
 * One session: its head, and the tab that the address names.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { SessionFacts, StoryAnswer } from "../src/view/contract.ts";
import { read, Refused } from "./api.ts";
import { setTitle } from "./attention.ts";
import { useKeys } from "./keys.ts";
import { Overview } from "./overview.tsx";
import type { PanelApi } from "./panel.ts";
import { PANELS } from "./panels/index.ts";
import { PlanTab } from "./plan.tsx";
import { goTo } from "./navigate.ts";
import { addressOf, NO_FILTER } from "./route.ts";
import { factsOf, hearLines, takeFacts, useTopics } from "./store.ts";
import { SessionHead } from "./session_head.tsx";
import { TABS } from "./tabs.ts";

/** A session, made anew for another one. */
export function SessionView(
  { session, tab, place }: { readonly session: string; readonly tab: string; readonly place: string },
): JSX.Element {
  useTopics(`facts ${session}`);
  const facts = factsOf(session);
  const problem = useFirstFacts(session);
  const story = useStory(session, facts?.storyVersion);
  const api = useMemo(() => apiOf(session), [session]);
  const go = (now: string): void => goTo({ view: "session", key: session, tab, place: now });
  const open = (name: string): void => goTo({ view: "session", key: session, tab: name, place: "" });
  useKeys({
    Escape: () => tab === "" ? goTo({ view: "list", filter: NO_FILTER }) : open(""),
    ...Object.fromEntries(TABS.map(({ letter, name }) => [`g ${letter}`, () => open(name)])),
    w: () => {
      if (tab !== "") open("");
      requestAnimationFrame(() => document.querySelector<HTMLElement>("[data-first]")?.focus());
    },
  });
  useEffect(() => setTitle(facts?.session ?? ""), [facts?.session]);
  if (facts === undefined) return problem === undefined ? <SessionSkeleton /> : <NoSession problem={problem} />;
  const Panel = PANELS.find(({ name }) => name === tab)?.View;
  const props = { session, facts, story, api, place, go };
  return (
    <article class="session">
      <SessionHead facts={facts} story={story} />
      <Tabs session={session} now={tab} />
      <div class="tab">
        {tab !== "" && <h2 class="unseen">{TABS.find(({ name }) => name === tab)?.title}</h2>}
        {Panel !== undefined ? <Panel {...props} /> : tab === "plan" ? <PlanTab {...props} /> : <Overview {...props} />}
      </div>
    </article>
  );
}

function Tabs({ session, now }: { readonly session: string; readonly now: string }): JSX.Element {
  return (
    <nav class="tabs" aria-label="Parts of the session">
      {TABS.map(({ name, title, letter }) => (
        <a
          key={name}
          href={addressOf({ view: "session", key: session, tab: name, place: "" })}
          aria-current={name === now ? "page" : undefined}
          title={`g ${letter}`}
        >
          {title}
        </a>
      ))}
    </nav>
  );
}

/** Asks once, for a stream that is opened anew takes longer; then the stream says what is so. */
function useFirstFacts(session: string): Refused | undefined {
  const [problem, setProblem] = useState<Refused>();
  useEffect(() => {
    const abort = new AbortController();
    read<SessionFacts>(`/api/sessions/${session}`, { abort: abort.signal }).then(
      takeFacts,
      (error) => error instanceof Refused && setProblem(error),
    );
    return () => abort.abort();
  }, [session]);
  return problem;
}

/** The story, read again when it has changed: one request at a time. */
function useStory(session: string, version: number | undefined): StoryAnswer | undefined {
  const [story, setStory] = useState<StoryAnswer>();
  useEffect(() => {
    if (version === undefined || story?.storyVersion === version) return;
    const abort = new AbortController();
    read<StoryAnswer>(`/api/sessions/${session}/story`, { abort: abort.signal }).then(setStory, () => {});
    return () => abort.abort();
  }, [session, version]);
  return story;
}

function apiOf(session: string): PanelApi {
  const address = (path: string): string => `/api/sessions/${session}/${path}`;
  return {
    read: (path, options) => read(address(path), options),
    address,
    onLines: (call) => hearLines(session, call),
  };
}

function NoSession({ problem }: { readonly problem: Refused }): JSX.Element {
  return (
    <div class="empty" role="alert">
      <h1>{problem.status === 404 ? "Session not found" : "The session cannot be shown"}</h1>
      <p>{problem.message}. {problem.hint}</p>
      <p>
        <a href={addressOf({ view: "list", filter: NO_FILTER })}>All sessions</a>
      </p>
    </div>
  );
}

function SessionSkeleton(): JSX.Element {
  return (
    <div class="session" aria-busy="true">
      <h1 class="unseen">The session is loading</h1>
      <span class="bone head-bone" />
      <span class="bone tabs-bone" />
      <span class="bone body-bone" />
    </div>
  );
}
