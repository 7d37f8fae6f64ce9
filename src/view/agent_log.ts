/**
 * A page of what the agent of an iteration said and did.
 *
 * @module
 */
import { describeEvent, hasLine } from "../messages/describe_event.ts";
import { readAgentLog } from "../operations/read_agent_log.ts";
import type { Samocode } from "../operations/samocode.ts";
import { plainText } from "../text/terminal_text.ts";
import type { AgentEvent } from "../workflow/session_event.ts";
import type { LogAnswer } from "./contract.ts";

/** What of a log is wanted. */
export interface LogWish {
  readonly session: string;
  /** By default the last one. */
  readonly iteration: number | undefined;
  /** By default all of them. */
  readonly attempt: number | undefined;
  readonly search: string;
  /** Rows with a lower number; by default the newest. */
  readonly before: number | undefined;
}

type Row = LogAnswer["rows"][number];

const MAX_ROWS = 300;
const MAX_TEXT = 2_000;

const KINDS: Readonly<Partial<Record<AgentEvent["type"], Row["kind"]>>> = {
  "agent.said": "said",
  "agent.acted": "acted",
  "agent.denied": "denied",
};

/**
 * Reads a page. Only its rows are kept, however long the log is.
 *
 * @throws {SamocodeError} If there is no such iteration.
 */
export async function readLogPage(
  samocode: Samocode,
  { session, iteration, attempt, search, before = Infinity }: LogWish,
): Promise<LogAnswer> {
  const wanted = search.toLowerCase();
  const rows: Row[] = [];
  let n = 0;
  let current = 0;
  let isMore = false;
  for await (const entry of readAgentLog(samocode, { session, iteration })) {
    if (entry.kind === "event" && !hasLine(entry.event)) continue;
    n++;
    if (n >= before) break;
    if (entry.kind === "attempt") current = entry.attempt;
    if (attempt !== undefined && current !== attempt) continue;
    const row: Row = entry.kind === "attempt"
      ? { n, kind: "attempt", text: describeAttempt(entry) }
      : { n, kind: KINDS[entry.event.type] ?? "other", text: plainText(describeEvent(entry.event), MAX_TEXT) };
    if (wanted !== "" && !row.text.toLowerCase().includes(wanted)) continue;
    if (rows.push(row) <= MAX_ROWS) continue;
    rows.shift();
    isMore = true;
  }
  return { rows, before: isMore ? rows[0]?.n : undefined };
}

function describeAttempt(
  { attempt, provider, path }: {
    readonly attempt: number;
    readonly provider: string;
    readonly path: string | undefined;
  },
): string {
  const gone = path === undefined ? " · its log is gone" : "";
  return plainText(`Attempt ${attempt} · ${provider}${gone}`, MAX_TEXT);
}
