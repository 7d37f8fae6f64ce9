/**
 * What the page knows, and who must be drawn again when it changes.
 *
 * @module
 */
import { useEffect, useState } from "preact/hooks";
import type { JournalPage, SeatAnswer, SessionFacts, SessionRow } from "../src/view/contract.ts";
import { read } from "./api.ts";
import { type Connection, type Heard, listen } from "./stream.ts";

/** `list`: which sessions there are and how they are sorted; `row KEY`, `facts KEY`: one of them. */
type Topic = "list" | "connection" | "second" | "theme" | "announced" | `row ${string}` | `facts ${string}`;

const heardBy = new Map<string, Set<() => void>>();
const linesHeardBy = new Map<string, Set<(lines: JournalPage) => void>>();
const rows = new Map<string, SessionRow>();
const facts = new Map<string, SessionFacts>();
let connection: Connection = { kind: "connecting" };
let seat: SeatAnswer | undefined;
let hasList = false;
/** The server's clock minus the browser's. */
let aheadMs = 0;
let watch: (keys: readonly string[]) => void = () => {};

/** Begins to listen; once. */
export function openStore(): void {
  watch = listen({ onHeard: take, onConnection: connect });
  setInterval(() => {
    if (connection.kind === "live" && document.visibilityState === "visible") tell("second");
  }, 1_000);
}

/** Watches one session; `undefined` for none. */
export function watchSession(key: string | undefined): void {
  watch(key === undefined ? [] : [key]);
}

/** Says that something has changed. */
export function tell(topic: Topic): void {
  for (const hear of heardBy.get(topic) ?? []) hear();
}

/** Calls at each change, until what it returns is called. */
export function hear(topic: Topic, call: () => void): () => void {
  return addTo(heardBy, { topic, call });
}

/** Calls with each new part of a session's journal. */
export function hearLines(key: string, call: (lines: JournalPage) => void): () => void {
  return addTo(linesHeardBy, { topic: key, call });
}

/** All sessions, unsorted; `undefined` until they have come. */
export function allRows(): readonly SessionRow[] | undefined {
  return hasList ? [...rows.values()] : undefined;
}

/** One session's row. */
export function rowOf(key: string): SessionRow | undefined {
  return rows.get(key);
}

/** One session's facts. */
export function factsOf(key: string): SessionFacts | undefined {
  return facts.get(key);
}

/** Takes facts that came with an answer. */
export function takeFacts(now: SessionFacts): void {
  facts.set(now.key, now);
  setClock(now.at);
  tell(`facts ${now.key}`);
}

/** Why this page takes no decisions; empty if it does, or nobody knows yet. */
export function whyNoActs(): string {
  return seat?.why ?? "";
}

/** Whether the stream is there. */
export function connectionNow(): Connection {
  return connection;
}

/** The server's time, in milliseconds since 1970. It stands still while the page does not know what is so. */
export function serverNow(): number {
  return (connection.kind === "lost" ? connection.since : Date.now()) + aheadMs;
}

/** Draws the component again whenever one of the topics changes. */
export function useTopics(...topics: readonly Topic[]): void {
  const [, redraw] = useState(0);
  useEffect(() => {
    const drawn = (): void => redraw((count) => count + 1);
    const stops = topics.map((topic) => hear(topic, drawn));
    return () => stops.forEach((stop) => stop());
  }, topics);
}

function take(heard: Heard): void {
  switch (heard.name) {
    case "sessions": {
      const { rows: changed, gone, isAll, at } = heard.data;
      setClock(at);
      const before = isAll ? [...rows.keys()] : gone;
      const stay = new Set(changed.map(({ key }) => key));
      for (const key of before) if (!stay.has(key)) rows.delete(key);
      for (const row of changed) rows.set(row.key, row);
      hasList = true;
      for (const { key } of changed) tell(`row ${key}`);
      tell("list");
      break;
    }
    case "facts":
      takeFacts(heard.data);
      break;
    case "lines":
      for (const call of linesHeardBy.get(heard.data.key) ?? []) call(heard.data);
      break;
    case "bye":
      break;
  }
}

function setClock(at: string): void {
  aheadMs = Date.parse(at) - Date.now();
}

function connect(now: Connection): void {
  const isNew = now.kind === "live" && connection.kind !== "live";
  connection = now;
  tell("connection");
  if (isNew) void readSeat();
}

async function readSeat(): Promise<void> {
  seat = await read<SeatAnswer>("/api/seat").catch(() => undefined);
  tell("connection");
}

function addTo<Call>(
  all: Map<string, Set<Call>>,
  { topic, call }: { readonly topic: string; readonly call: Call },
): () => void {
  const calls = all.get(topic) ?? new Set();
  all.set(topic, calls.add(call));
  return () => void calls.delete(call);
}
