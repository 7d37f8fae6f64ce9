/**
 * The bar on top: where one is, whether it is live, and the switches.
 *
 * @module
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { notifies, setNotifications } from "./attention.ts";
import { addressOf, NO_FILTER, type Route } from "./route.ts";
import { allRows, connectionNow, serverNow, useTopics } from "./store.ts";
import { themeNow } from "./theme.ts";
import { groupOf, momentOf } from "./words.ts";

const LIST = addressOf({ view: "list", filter: NO_FILTER });

/** The bar. Its height never changes. */
export function TopBar(
  { route, onHelp, onTheme }: {
    readonly route: Route;
    readonly onHelp: () => void;
    readonly onTheme: () => void;
  },
): JSX.Element {
  const theme = themeNow();
  return (
    <header class="bar">
      <a
        class="brand"
        href={LIST}
        aria-label="samocode, all sessions"
        aria-current={route.view === "list" ? "page" : undefined}
      >
        <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
          <rect width="32" height="32" rx="8" fill="currentColor" />
          <path
            class="lines"
            d="M9 11.5h9.5M9 16h14M9 20.5h6.5"
            stroke-width="2.6"
            stroke-linecap="round"
          />
        </svg>
        <span class="wide-only">samocode</span>
      </a>
      <NeedCount />
      <Live />
      <div class="switches">
        <Bell />
        <button
          type="button"
          class="icon"
          onClick={onTheme}
          aria-label={`Colors: ${theme}`}
          title={`Colors: ${theme} (t)`}
        >
          <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
            <circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="1.6" />
            {theme === "system" && <path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor" />}
            {theme === "dark" && <circle cx="10" cy="10" r="7" fill="currentColor" />}
          </svg>
        </button>
        <button type="button" class="icon" onClick={onHelp} aria-label="Keyboard" title="Keyboard (?)">
          <svg
            viewBox="0 0 20 20"
            width="20"
            height="20"
            fill="none"
            stroke="currentColor"
            stroke-width="1.6"
            aria-hidden="true"
          >
            <rect x="2" y="5" width="16" height="10.5" rx="2" />
            <path d="M5 8.5h.5M8.2 8.5h.5M11.4 8.5h.5M14.5 8.5h.5M6.5 12h7" stroke-linecap="round" />
          </svg>
        </button>
      </div>
    </header>
  );
}

function NeedCount(): JSX.Element {
  useTopics("list");
  const waiting = (allRows() ?? []).filter((row) => groupOf(row) === "needs");
  const only = waiting.length === 1 ? waiting[0] : undefined;
  const address = only === undefined
    ? addressOf({ view: "list", filter: { ...NO_FILTER, show: "needs" } })
    : addressOf({ view: "session", key: only.key, tab: "", place: "" });
  if (waiting.length === 0) return <span class="need-count" />;
  return (
    <span class="need-count">
      <a href={address}>{waiting.length === 1 ? "1 needs you" : `${waiting.length} need you`}</a>
    </span>
  );
}

function Live(): JSX.Element {
  useTopics("connection");
  const now = connectionNow();
  if (now.kind !== "lost") {
    return (
      <span class={now.kind === "live" ? "live-sign on" : "live-sign"} role="status">
        {now.kind === "live" ? "Live" : ""}
      </span>
    );
  }
  return (
    <span class="live-sign lost" role="status">
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <path d="m3.5 3.5 9 9m0-9-9 9" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" />
      </svg>
      <span>
        <span class="narrow-only">Offline</span>
        <span class="wide-only">
          Not connected since <span class="number">{momentOf(new Date(now.since).toISOString(), serverNow())}</span>
        </span>
      </span>
    </span>
  );
}

function Bell(): JSX.Element | null {
  const [state, setState] = useState(notifies);
  if (state === "unable") return null;
  const words =
    { on: "Notifications: on", off: "Notifications: off", denied: "Notifications: blocked by the browser" }[state];
  return (
    <button
      type="button"
      class="icon bell"
      aria-label={words}
      title={words}
      disabled={state === "denied"}
      onClick={() => void setNotifications(state === "off").then(() => setState(notifies()))}
    >
      <svg
        viewBox="0 0 20 20"
        width="20"
        height="20"
        fill="none"
        stroke="currentColor"
        stroke-width="1.6"
        stroke-linejoin="round"
        aria-hidden="true"
      >
        <path d="M5 14V9a5 5 0 0 1 10 0v5l1.2 1.5H3.8z" fill={state === "on" ? "currentColor" : "none"} />
        <path d="M8.3 17.5h3.4" stroke-linecap="round" />
        {state !== "on" && <path d="m3 3 14 14" stroke-linecap="round" />}
      </svg>
    </button>
  );
}
