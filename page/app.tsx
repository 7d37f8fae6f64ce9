/**
 * The frame around each view: the bar, the views, the keys that work everywhere.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { announced, setTitle } from "./attention.ts";
import { TopBar } from "./bar.tsx";
import { HelpDialog } from "./help.tsx";
import { useKeys } from "./keys.ts";
import { ListView } from "./list.tsx";
import { goTo, useRoute } from "./navigate.ts";
import { NO_FILTER } from "./route.ts";
import { SessionView } from "./session.tsx";
import { allRows, connectionNow, useTopics, watchSession, whyNoActs } from "./store.ts";
import { setTheme, themeNow, THEMES } from "./theme.ts";
import { groupOf } from "./words.ts";

/** The page. */
export function App(): JSX.Element {
  const route = useRoute();
  const [isHelping, setIsHelping] = useState(false);
  const key = route.view === "session" ? route.key : undefined;
  useTopics("connection", "theme");
  useEffect(() => watchSession(key), [key]);
  useEffect(() => {
    if (key === undefined) setTitle("");
    else scrollTo(0, 0);
  }, [key]);
  const cycleTheme = (): void => setTheme(THEMES[(THEMES.indexOf(themeNow()) + 1) % THEMES.length] ?? "system");
  useKeys({
    "?": () => setIsHelping(true),
    "g s": () => goTo({ view: "list", filter: NO_FILTER }),
    n: () => goToNext(key),
    t: cycleTheme,
  });
  const connection = connectionNow();
  const isLost = connection.kind === "lost";
  return (
    <>
      <a class="skip" href="#main" onClick={skipToMain}>
        Skip to content
      </a>
      <TopBar route={route} onHelp={() => setIsHelping(true)} onTheme={cycleTheme} />
      <main id="main" tabIndex={-1} class={isLost ? "stale" : ""}>
        {route.view === "list"
          ? <ListView filter={route.filter} />
          : <SessionView key={route.key} session={route.key} tab={route.tab} place={route.place} />}
      </main>
      <Announced />
      {isLost && connection.isRefused && <Notice words={STARTED_ANEW} />}
      {isLost && !connection.isRefused && <NoServer />}
      {!isLost && whyNoActs() !== "" && <Notice words={whyNoActs()} />}
      {isHelping && <HelpDialog onClose={() => setIsHelping(false)} />}
    </>
  );
}

const STARTED_ANEW = "The server was restarted. Run samocode view in a terminal and open the address it prints; " +
  "this page then reconnects";

/** Milliseconds; a server that is only started anew, or a machine that wakes up, is back sooner. */
const GONE_AFTER_MS = 5_000;

/** What to do when nobody answers. */
function NoServer(): JSX.Element | null {
  const [isGone, setIsGone] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsGone(true), GONE_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return isGone ? <Notice words={NO_SERVER} /> : null;
}

const NO_SERVER =
  "The server is not responding. If it has stopped, run samocode view in a terminal and open the address it prints";

/** What holds for the whole page, at its end: nothing moves for it. */
function Notice({ words }: { readonly words: string }): JSX.Element {
  return <p class="notice" role="alert">{words}.</p>;
}

/** The last thing that was announced, seen for some seconds. */
function Announced(): JSX.Element {
  useTopics("announced");
  const { words, isSeen, count } = announced();
  return (
    <div class={isSeen ? "announced" : "unseen"} role="status" aria-live="polite">
      {words !== "" && <p key={count}>{words}</p>}
    </div>
  );
}

/** A plain link to `#main` would change the route. */
function skipToMain(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function goToNext(from: string | undefined): void {
  const waiting = (allRows() ?? []).filter((row) => groupOf(row) === "needs").map(({ key }) => key).sort();
  const next = waiting.find((key) => from !== undefined && key > from) ?? waiting[0];
  if (next !== undefined) goTo({ view: "session", key: next, tab: "", place: "" });
}
