/**
 * Writes what the checks said into the documents that a session ends with, in place of whatever an agent put there.
 *
 * @module
 */
import { checkSection } from "../messages/describe_checks.ts";
import { findHandover } from "../session/handover.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { readSoleTextIfExists, writeAtomic } from "../system/files/files.ts";

const BEGIN = "<!-- samocode: checks -->";
const END = "<!-- /samocode: checks -->";

/** Writes it into the summary and the pull-request text. Doing it twice changes nothing. */
export function noteEvidence({ layout, history }: SessionFolder): void {
  // It was done before this run, and says what was checked then.
  if (history.resumedAfter?.kind === "done") return;
  const { summary, pullRequest } = findHandover(layout);
  for (const [path, withLogs] of [[summary, true], [pullRequest, false]] as const) {
    const text = path === undefined ? undefined : readSoleTextIfExists(path);
    if (path === undefined || text === undefined) continue;
    writeAtomic(path, withSection(text, checkSection(history.evidence, { withLogs })));
  }
}

/** Puts a section at the end, and removes the one that was written before. */
export function withSection(text: string, section: string): string {
  const own = text.replace(new RegExp(`${BEGIN}[^]*?${END}`, "g"), "").replaceAll(BEGIN, "").replaceAll(END, "");
  return `${own.trimEnd()}\n\n${BEGIN}\n\n${section}\n${END}\n`;
}
