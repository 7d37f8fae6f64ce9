/**
 * The posts of a session that is at rest, but not at a gate, and the one that shows its progress.
 *
 * @module
 */
import { basename } from "node:path";
import { describeDoing } from "../messages/describe_view.ts";
import { describeUsage } from "../messages/describe_usage.ts";
import { describeWork } from "../messages/describe_work.ts";
import { commandsFor } from "../text/action.ts";
import { plainText } from "../text/terminal_text.ts";
import { NO_USAGE } from "../workflow/usage.ts";
import { LATER } from "./gate_posts.ts";
import { beginningOf, type Draft, fileName } from "./post_parts.ts";
import type { Due } from "./due.ts";

/** A decision starts a worker within this time; if it did not, nothing is running the session. */
const STARTS_WITHIN_MS = 30_000;

/** How much of the summary a post contains, in characters: the figures must fit as well. */
const SUMMARY = 2_000;

/** The comments around what samocode itself wrote into the summary. */
const COMMENTS = /^<!-- .* -->\n*/gm;

/** What the session is doing; one post for the whole session. */
export function progressDraft({ status, nowMs }: Due): Draft {
  const { what, before } = describeDoing(status, nowMs);
  return {
    id: "progress",
    topic: "progress",
    type: `session.${status.state}`,
    need: ` · ${status.state === "running" ? status.phase : status.state}`,
    text: [plainText(what, 500), ...(before === "" ? [] : [plainText(before, 300)])].join("\n"),
    reply: status.state === "done" ? undefined : ["Reply with a note for the next agent", { verb: "guide", text: "" }],
    isSilent: true,
  };
}

/** The post for a blocked, failed, crashed or abandoned session; `undefined` if nobody is needed. */
export function restDraft(due: Due): Draft | undefined {
  const { status, isLost, nowMs } = due;
  const { state, needs, runStartedAt: run = "", next, updatedAt = "" } = status;
  const rest = (type: string, need: string, text: string, data: Draft["data"] = {}): Draft => {
    const goesOn = next.some(({ verb }) => verb === "resume");
    const hint = next[0]?.verb === "doctor" ? ["", "Run samocode doctor on that machine to see what is missing."] : [];
    return {
      id: `${type} ${run}`,
      topic: state === "waiting" ? "gate" : "blocked",
      type,
      need,
      text: [text, ...hint].join("\n"),
      offers: goesOn ? [["Continue", { verb: "resume", run, note: "" }], LATER] : [],
      reply: goesOn
        ? ["Reply with a note for the next agent to continue", { verb: "resume", run, note: "" }]
        : undefined,
      data,
    };
  };
  if (needs === "unblock") {
    return state === "waiting"
      ? rest("session.waiting", " is waiting for you", status.detail)
      : rest("session.blocked", " is blocked", status.detail);
  }
  if (state === "failed") return rest("session.failed", " failed", status.detail);
  if (state === "crashed") {
    // No event marks a death, so its time tells which decisions came after it.
    return rest("session.crashed", ": its worker died", describeWhere(due), { updatedAt });
  }
  if (state === "stopped" && isLost) return rest("session.crashed", " was ended by the system", describeWhere(due));
  const isLeft = state === "ready" && nowMs - Date.parse(updatedAt) > STARTS_WITHIN_MS;
  return isLeft ? rest("session.ready", " can continue, but nothing is running it", status.detail) : undefined;
}

function describeWhere({ status: { phase, iteration } }: Due): string {
  return `It was in ${iteration === 0 ? phase : `iteration ${iteration} (${phase})`}. It can continue from there.`;
}

/** What it came to, with its report. */
export function doneDraft({ status, summary, report }: Due): Draft {
  const { detail, branch, work, checks, costUsd, estimatedUsd, tokens, handover, commit, next, fleet } = status;
  const usage = { ...NO_USAGE, costUsd, estimatedUsd, inputTokens: tokens.input, outputTokens: tokens.output };
  const shown = beginningOf(withoutStart((summary?.text ?? "").replace(COMMENTS, ""), detail), SUMMARY);
  const [first] = commandsFor(next, { isFleets: fleet !== undefined });
  const documents = [handover.summary, handover.pullRequest, handover.report].flatMap((path) =>
    path === undefined ? [] : [basename(path)]
  );
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["Branch", branch],
    ["Work", work && describeWork(work)],
    ["Commit", commit && `${commit.hash} ${commit.subject}`],
    ["Checks", checks],
    ["Spent", describeUsage(usage).join(", ")],
    ["Documents", documents.join(", ")],
    ["Next", next[0]?.verb === "finish" ? `${first}, in a terminal` : ""],
  ];
  const lines = rows.flatMap(([name, text = ""]) => text === "" ? [] : [`${name}: ${plainText(text, 400)}`]);
  return {
    id: `done ${status.runStartedAt ?? ""}`,
    topic: "done",
    type: "session.done",
    need: " is done",
    text: [plainText(detail, 1_000), "", ...lines, ...(shown.text === "" ? [] : ["", shown.text])].join("\n"),
    document: report ??
      (summary !== undefined && shown.isCut ? { name: fileName(summary.name), text: summary.text } : undefined),
    data: { handover, summary: summary && beginningOf(summary.text, 20_000).text },
  };
}

/** A summary without its heading and without the text that already precedes it in the post. */
function withoutStart(summary: string, said: string): string {
  const text = summary.trimStart().replace(/^# .*\n+/, "");
  return said !== "" && text.startsWith(said) ? text.slice(said.length).replace(/^[.\s]+/, "") : text;
}
