/**
 * Sessions in words and groups.
 *
 * @module
 */
import type { SessionRow } from "../src/view/contract.ts";
import { formatCost } from "../src/text/format.ts";

/** What a person looks for first. */
export type Group = "needs" | "running" | "resting";

/** The groups, in order. */
export const GROUPS: Readonly<Record<Group, string>> = { needs: "Needs you", running: "Running", resting: "At rest" };

/** Whose turn it is. */
export function groupOf({ needs, state }: Pick<SessionRow, "needs" | "state">): Group {
  if (needs !== "none") return "needs";
  return isUnderWay(state) ? "running" : "resting";
}

/** Whether a session goes on by itself. */
export function isUnderWay(state: SessionRow["state"]): boolean {
  return state === "running" || state === "queued";
}

const NEEDS: Readonly<Record<Exclude<SessionRow["needs"], "none">, string>> = {
  answers: "Questions for you",
  approval: "Plan to approve",
  budget: "Budget used up",
  baseline: "Checks fail",
  unblock: "Blocked",
};

const STATES: Readonly<Record<SessionRow["state"], string>> = {
  running: "Running",
  queued: "Queued",
  waiting: "Waiting",
  ready: "Ready to continue",
  blocked: "Blocked",
  done: "Done",
  failed: "Failed",
  stopped: "Stopped",
  crashed: "Crashed",
};

/** How it stands, in two or three words. */
export function standingOf({ needs, state }: Pick<SessionRow, "needs" | "state">): string {
  return needs === "none" ? STATES[state] : NEEDS[needs];
}

/** What it cost, `~` before list prices; a dash where nobody knows. */
export function costOf({ costUsd, estimatedUsd }: Pick<SessionRow, "costUsd" | "estimatedUsd">): string {
  if (costUsd === undefined && estimatedUsd === undefined) return "–";
  return `${estimatedUsd === undefined ? "" : "~"}${formatCost((costUsd ?? 0) + (estimatedUsd ?? 0))}`;
}

/** `14:37` today, else `Sat 14:37`, or `2026-10-03`, in the browser's own zone. */
export function momentOf(at: string, now: number): string {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return "";
  const time = moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (moment.toDateString() === new Date(now).toDateString()) return time;
  const isThisWeek = Math.abs(now - moment.getTime()) < 6 * 86_400_000;
  if (isThisWeek) return `${moment.toLocaleDateString("en-GB", { weekday: "short" })} ${time}`;
  return moment.toLocaleDateString("sv-SE");
}
