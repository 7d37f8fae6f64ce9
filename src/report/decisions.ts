/**
 * What people decided in a session: every decision in its order, the questions with their answers, and the plan.
 *
 * @module
 */
import { renderMarkdown } from "../html/markdown.ts";
import { describeWho } from "../messages/who_decided.ts";
import { formatCount } from "../text/format.ts";
import { hideSecrets } from "../text/known_secrets.ts";
import type { Decision } from "../workflow/story.ts";
import { folded, moment, pill, text } from "./html.ts";
import type { Report, ReportQuestion } from "./report.ts";

/** Of the decisions, the last ones. */
const MAX_DECISIONS = 200;

/** The section as HTML. */
export async function decisionsSection({ story: { decisions }, questions, plan }: Report): Promise<string> {
  const left = decisions.length - MAX_DECISIONS;
  return [
    left > 0 ? `<p class="muted">The last ${MAX_DECISIONS} of ${decisions.length}.</p>` : "",
    decisions.length === 0
      ? ""
      : `<ol class="decisions">${decisions.slice(-MAX_DECISIONS).map(decisionOf).join("\n")}</ol>`,
    questions.length === 0 ? "" : `<h3>Questions and answers</h3>\n${questions.map(questionOf).join("\n")}`,
    plan === undefined ? "" : `<h3>The plan</h3>\n${await planOf(plan)}`,
  ].filter((part) => part !== "").join("\n");
}

/** What comes before a person's own words; the others speak for themselves. */
const LEADS: Readonly<Partial<Record<Decision["kind"], string>>> = {
  task: "Gave the task",
  rejection: "Sent the plan back",
  guidance: "Left a note",
};

function decisionOf({ at, kind, text: words, by, sha256 }: Decision): string {
  const lead = LEADS[kind];
  const said = lead === undefined ? "" : `\n<p class="said">${text(words)}</p>`;
  const hash = sha256 === undefined ? "" : ` · <span class="hash">SHA-256 <code>${text(sha256, 64)}</code></span>`;
  return `<li class="${kind}"><p><b>${lead ?? text(words)}</b> <span class="muted small">${moment(at)}</span></p>${said}
<p class="muted small">${text(describeWho(by), 300)}${hash}</p></li>`;
}

function questionOf({ id, text: question, options, suggestion, answer, answered }: ReportQuestion): string {
  const chosen = /^\(?([a-z])\b/i.exec(answer ?? "")?.[1]?.toUpperCase();
  const list = options.map(({ letter, text: option }) =>
    `<li${letter === chosen ? ' class="chosen"' : ""}>${text(letter, 1)}) ${text(option, 1_000)}</li>`
  );
  const who = answered === undefined
    ? ""
    : ` <span class="muted small">${text(describeWho(answered.by), 300)}, ${moment(answered.at)}</span>`;
  return `<div class="question"><p><b>${text(id, 40)}</b> ${text(question, 2_000)}</p>
${list.length === 0 ? "" : `<ul>${list.join("")}</ul>`}
${suggestion === undefined ? "" : `<p class="muted small">Suggested: ${text(suggestion.text, 1_000)}</p>`}
<p class="answer">${
    answer === undefined ? pill("need", "not answered") : `<b>${text(answer, 4_000)}</b>${who}`
  }</p></div>`;
}

async function planOf(
  { name, text: markdown, sha256, done, total, isApproved }: NonNullable<Report["plan"]>,
): Promise<string> {
  const steps = total === 0 ? "" : `, ${done} of ${formatCount(total, "step")} ticked`;
  return `<p>${isApproved ? pill("good", "approved") : pill("need", "not approved")} <code>${
    text(name, 200)
  }</code>${steps}</p>
<p class="muted small hash">SHA-256 <code>${text(sha256, 64)}</code>, without its ticks</p>
${
    folded(
      "Read the plan",
      `<div class="document">${await renderMarkdown(hideSecrets(markdown), { heading: 4 })}</div>`,
    )
  }`;
}
