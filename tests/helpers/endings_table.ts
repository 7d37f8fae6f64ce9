/**
 * What docs/protocol.md says of how an agent's runs end, and what it should say.
 *
 * @module
 */
import { join } from "node:path";
import type { IterationEnd } from "../../src/workflow/iteration_end.ts";
import { afterFailure, UNKNOWN_LIMIT_WAIT_MS } from "../../src/workflow/retry.ts";

/** How a run may end. */
export interface Ending {
  readonly when: string;
  readonly end: IterationEnd;
}

/** The rows that a section of docs/protocol.md has under the table's head, cell by cell. */
export function documentedEndings(title: string): readonly (readonly string[])[] {
  const path = join(import.meta.dirname ?? ".", "..", "..", "docs", "protocol.md");
  const section = Deno.readTextFileSync(path).split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? "";
  return section.split("\n").filter((line) => line.startsWith("|")).slice(2)
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

/** The rows that it should have: one for each end, with all that leads to it. `now` is before the end of every limit. */
export function endingRows(endings: readonly Ending[], now: Date): readonly (readonly string[])[] {
  const rows = new Map<string, readonly [end: IterationEnd, whens: string[]]>();
  for (const { when, end } of endings) {
    const [, whens] = rows.get(nameOf(end)) ?? [end, []];
    rows.set(nameOf(end), [end, [...whens, when]]);
  }
  return [...rows].map(([name, [end, whens]]) => [whens.join("; "), name, alone(end, now), withAnother(end, now)]);
}

function nameOf(end: IterationEnd): string {
  if (end.kind === "crashed") return `\`crashed\`, \`${end.cause}\``;
  if (end.kind !== "rate-limited") return `\`${end.kind}\``;
  return `\`rate-limited\`, ${end.until === undefined ? "end unknown" : "end known"}`;
}

const POLICY = { maxRetries: 3, retryDelayMs: 5_000 };

function alone(end: IterationEnd, now: Date): string {
  if (end.kind === "finished") return "the signal decides";
  if (end.kind === "aborted") return "stopped";
  const action = afterFailure(end, { failures: 1, policy: POLICY, now });
  if (action.kind !== "retry") return action.kind === "block" ? "blocked" : "failed";
  if (action.delayMs === POLICY.retryDelayMs) return "another attempt";
  return action.delayMs === UNKNOWN_LIMIT_WAIT_MS ? "waits 5 minutes" : "waits for it";
}

function withAnother(end: IterationEnd, now: Date): string {
  if (end.kind === "finished" || end.kind === "aborted") return "";
  const team = { worker: "a", substitute: "b", backAt: undefined };
  const takesOver = (failures: number): boolean => {
    const action = afterFailure(end, { failures, policy: POLICY, now, team });
    return action.kind === "retry" && action.fallback !== undefined;
  };
  if (takesOver(1)) return "at once";
  return takesOver(POLICY.maxRetries + 1) ? "after the retries" : "";
}
