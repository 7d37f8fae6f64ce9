/**
 * What went against a session: checks that failed, what was refused, what was tried again.
 *
 * @module
 */
import { commandLine } from "../text/command_words.ts";
import { formatCount, formatDuration } from "../text/format.ts";
import type { CheckStage } from "../workflow/evidence.ts";
import { folded, moment, pill, text } from "./html.ts";
import type { Report } from "./report.ts";

const STAGES: Readonly<Record<CheckStage, string>> = {
  baseline: "Before the first change",
  review: "Before the review",
  end: "At the end",
};

/** Of retries, the last ones. */
const MAX_RETRIES = 100;

/** The checks as HTML. */
export function checksSection({ checks: { words, rounds } }: Report): string {
  const shown = rounds.map(({ stage, runs }) =>
    `<h3>${STAGES[stage]}</h3>\n${
      runs.map(({ command, result, detail, durationMs, commit, uncommitted, tail }) => {
        const about = [
          text(detail, 300),
          formatDuration(durationMs),
          ...(commit === undefined ? [] : [`on <code>${text(commit.slice(0, 10), 10)}</code>`]),
          ...(uncommitted > 0 ? [`with ${formatCount(uncommitted, "uncommitted change")}`] : []),
        ].join(" · ");
        const line = `${pill(result === "passed" ? "good" : "bad", result)} <code>${
          text(commandLine(command), 500)
        }</code> <span class="muted small">${about}</span>`;
        return tail === "" ? `<p>${line}</p>` : folded(line, `<pre>${text(tail, 8_000)}</pre>`);
      }).join("\n")
    }`
  );
  if (shown.length > 0) return `<p class="muted">Run by samocode, not by an agent.</p>\n${shown.join("\n")}`;
  return words === "" ? "" : `<p>${text(words, 1_000)}</p>`;
}

/** What was refused and tried again, as HTML. */
export function troubleSection({ story: { attempts, refusals, refused } }: Report): string {
  const retried = attempts.filter((attempt) => attempt.retried !== "");
  const item = (at: string, words: string) =>
    `<li>${text(words, 500)} <span class="muted small">${moment(at)}</span></li>`;
  const part = (title: string, count: number, items: readonly string[]) =>
    items.length === 0
      ? ""
      : `<h3>${title}</h3>\n${
        count > items.length ? `<p class="muted">The last ${items.length} of ${count}.</p>\n` : ""
      }<ul class="list">${items.join("\n")}</ul>`;
  const again = retried.slice(-MAX_RETRIES).map(({ iteration, attempt, endedAt, startedAt, retried: why }) =>
    item(endedAt ?? startedAt, `Iteration ${iteration}, attempt ${attempt}: ${why}`)
  );
  const denied = refusals.map(({ at, iteration, text: words }) => item(at, `Iteration ${iteration}: ${words}`));
  return [part("Tried again", retried.length, again), part("Refused", refused, denied)]
    .filter((each) => each !== "").join("\n");
}
