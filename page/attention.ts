/**
 * Tells a person who does not look: by the tab's title and icon, a notification, and a word for a screen reader.
 *
 * @module
 */
import { KEEPING } from "./keeping.ts";
import { allRows, hear, tell } from "./store.ts";
import { groupOf, standingOf } from "./words.ts";

const SWITCH = "notifications";

/** How long an announcement stays on the screen. */
const SAID_MS = 7_000;

let place = "";
let said = { words: "", isSeen: true, count: 0 };
let saidTimer: ReturnType<typeof setTimeout> | undefined;
let before: ReadonlyMap<string, string> | undefined;

/** Begins to tell; once. */
export function openAttention(): void {
  hear("list", () => {
    showTitle();
    tellChanges();
  });
}

/** Names what the page shows, in the tab's title. */
export function setTitle(title: string): void {
  place = title;
  showTitle();
}

/** Says something to whoever hears the page, and unless it is there to be seen, also to whoever looks at it. */
export function announce(words: string, { isSeen = true }: { readonly isSeen?: boolean } = {}): void {
  said = { words, isSeen, count: said.count + 1 };
  tell("announced");
  clearTimeout(saidTimer);
  saidTimer = setTimeout(() => {
    said = { ...said, words: "" };
    tell("announced");
  }, SAID_MS);
}

/** What was said last; `count` tells the same words apart. */
export function announced(): Readonly<typeof said> {
  return said;
}

/** Whether this browser notifies. */
export function notifies(): "on" | "off" | "denied" | "unable" {
  if (typeof Notification === "undefined" || !isSecureContext) return "unable";
  if (Notification.permission === "denied") return "denied";
  return Notification.permission === "granted" && KEEPING.read(SWITCH) === "on" ? "on" : "off";
}

/** Turns notifications on, which asks the person, or off. */
export async function setNotifications(isOn: boolean): Promise<void> {
  KEEPING.write(SWITCH, isOn ? "on" : "");
  if (isOn) await Notification.requestPermission();
}

function showTitle(): void {
  const count = (allRows() ?? []).filter((row) => groupOf(row) === "needs").length;
  const words = count === 0 ? "" : count === 1 ? "1 needs you" : `${count} need you`;
  document.title = [words, place, "samocode"].filter((part) => part !== "").join(" · ");
  const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  const address = count === 0 ? "/icon.svg" : "/icon-needs.svg";
  if (icon !== null && icon.getAttribute("href") !== address) icon.href = address;
}

/** What changed to something that a person wants to know of. */
function tellChanges(): void {
  const rows = allRows() ?? [];
  const now = new Map(rows.map((row) => [row.key, standingOf(row)]));
  const news = rows.filter((row) => {
    const was = before?.get(row.key);
    return was !== undefined && was !== standingOf(row) && groupOf(row) !== "running";
  });
  before = now;
  for (const row of news) {
    const words = `${row.session}: ${standingOf(row)}`;
    // Whoever looks at the session sees it there.
    announce(words, { isSeen: !location.hash.startsWith(`#/s/${row.key}`) });
    if (notifies() === "on" && !document.hasFocus()) notify(words, { key: row.key, body: row.detail.slice(0, 200) });
  }
}

/** Of several tabs that say the same, the browser shows one. */
function notify(title: string, { key, body }: { readonly key: string; readonly body: string }): void {
  try {
    const note = new Notification(title, { body, tag: `samocode-${key}`, icon: "/icon-needs.svg" });
    note.addEventListener("click", () => {
      focus();
      location.hash = `#/s/${key}`;
      note.close();
    });
  } catch {
    // Browsers of phones let only service workers notify.
  }
}
