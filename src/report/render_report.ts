/**
 * A session's report as one HTML file: no script, no request, nothing that an agent wrote but as text.
 *
 * @module
 */
import { renderMarkdown } from "../html/markdown.ts";
import { formatCost, formatCount, formatDuration, formatTokens } from "../text/format.ts";
import { hideSecrets } from "../text/known_secrets.ts";
import { costChart, dollars, isPriced, phaseRows, shortenedWaits, tokensIn } from "./chart.ts";
import { renderChanges, type RenderedChanges } from "./changes.ts";
import { decisionsSection } from "./decisions.ts";
import { facts, folded, moment, pageOf, pill, section, table, text } from "./html.ts";
import { type Report, STATE_KINDS } from "./report.ts";
import { checksSection, troubleSection } from "./trouble.ts";

/** Of the attempts in the table, the last ones. */
const MAX_ATTEMPTS = 300;

/** Renders a report. The same report is always the same file. */
export async function renderReport(report: Report): Promise<string> {
  const changes = await renderChanges(report.changes);
  const sections = [
    ["summary", "Summary", await documentOf(report.summary?.text)],
    ["pull-request", "Pull request", await pullRequestOf(report)],
    ["decisions", "Decisions", await decisionsSection(report)],
    ["way", "Time and cost", wayOf(report)],
    ["checks", "Checks", checksSection(report)],
    ["changes", "Changes", changes.html],
    ["trouble", "Refused and retried", troubleSection(report)],
    ["about", "How it ran", aboutOf(report)],
  ] as const;
  const shown = sections.filter(([, , body]) => body !== "");
  return pageOf({
    title: `${text(report.session)} · samocode`,
    body: `${headerOf(report, changes)}
<nav aria-label="Parts of this report"><ul>${
      shown.map(([id, title]) => `<li><a href="#${id}">${title}</a></li>`).join("")
    }</ul></nav>
<main>
${shown.map(([id, title, body]) => section(id, title, body)).join("\n")}
</main>
<footer>${report.state === "done" ? "As of its end" : "So far, as of"} ${moment(report.asOf)}. Times are UTC.</footer>`,
  });
}

function headerOf(report: Report, { files, added, removed }: RenderedChanges): string {
  const { project, session, task, dive, state, detail, usage, story, summary } = report;
  const isEstimate = (usage.estimatedUsd ?? 0) > 0;
  return `<header>
<p class="brand">samocode report · ${text(project, 200)}</p>
<div class="title"><h1>${text(session, 200)}</h1>${pill(STATE_KINDS[state] ?? "plain", state)}</div>
<p class="assignment">${text(task || dive)}</p>
${detail === "" || (state === "done" && summary !== undefined) ? "" : `<p class="why">${text(detail)}</p>`}
${
    facts([
      ["Cost", isPriced(usage) ? `${isEstimate ? "about " : ""}${formatCost(dollars(usage))}` : undefined],
      ["Agents worked", formatDuration(report.workedMs)],
      ["From start to end", formatDuration(report.elapsedMs)],
      ["Agents started", String(story.attempts.length)],
      ["Tokens", formatTokens(tokensIn(usage))],
      ["Decisions", String(story.decisions.length)],
      ["Commits", report.changes.commits.length === 0 ? undefined : String(report.changes.commits.length)],
      [
        "Changes",
        files === 0
          ? undefined
          : `${formatCount(files, "file")} <span class="plus">+${added}</span> <span class="minus">−${removed}</span>`,
      ],
      ["Branch", report.branch && `<code>${text(report.branch, 200)}</code>`],
    ])
  }
</header>`;
}

/** The marks around what samocode itself wrote into a document, and a heading that repeats the section's. */
const OWN_MARKS = /^<!-- \/?samocode: [a-z]+ -->\n?/gm;
const TITLE = /^\s*# .*\n+/;

async function documentOf(document: string | undefined): Promise<string> {
  const markdown = (document ?? "").replace(OWN_MARKS, "").replace(TITLE, "");
  if (markdown.trim() === "") return "";
  return `<div class="document">${await renderMarkdown(hideSecrets(markdown), { heading: 3 })}</div>`;
}

async function pullRequestOf({ pullRequest, finish }: Report): Promise<string> {
  const ended = finish === undefined
    ? ""
    : `<p>${finish.how === "merged" ? "Merged into" : "Pushed to"} <code>${text(finish.into, 200)}</code>${
      finish.url === undefined ? "" : `: ${linkTo(finish.url)}`
    }</p>`;
  if (pullRequest === undefined) return ended;
  return `${ended}<h3>${text(pullRequest.title, 300)}</h3>\n${await documentOf(pullRequest.body)}`;
}

function linkTo(url: string): string {
  const shown = text(url, 500);
  return /^https:\/\//.test(url) ? `<a rel="noreferrer noopener nofollow" href="${shown}">${shown}</a>` : shown;
}

function wayOf({ story, asOf }: Report): string {
  const rows = phaseRows(story, asOf);
  if (rows.length === 0) return "";
  const waits = shortenedWaits(story, asOf);
  const heads = [["", "Phase"], ["way", "When its agents worked"], ["agents n", "Agents"], ["time n", "Time"], [
    "cost n",
    "Cost",
  ]];
  const cell = (kind: string, words: string) => `<div role="cell" class="${kind}">${words}</div>`;
  const lines = rows.map((row) =>
    [
      `<div role="rowheader">${row.phase}</div>`,
      cell("way", row.line),
      cell("agents n", `${row.starts}<span class="unit"> ${row.starts === 1 ? "agent" : "agents"}</span>`),
      cell("time n", formatDuration(row.workedMs)),
      cell("cost n", row.isPriced ? formatCost(row.costUsd) : `${formatTokens(row.tokens)} tokens`),
    ].join("")
  );
  return `<div class="phases" role="table" aria-label="Time and cost per phase">
<div role="row">${
    heads.map(([kind, name]) => `<div role="columnheader" class="head ${kind}">${name}</div>`).join("")
  }</div>
${lines.map((line) => `<div role="row">${line}</div>`).join("\n")}
</div>
<p class="muted small">From ${moment(story.attempts[0]?.startedAt ?? asOf)} to ${
    moment(asOf)
  }. Bars are agents at work, red ones failed; lines mark gates, retries and failed checks.${
    waits === "" ? "" : ` ${waits}.`
  }</p>
${costChart(story, asOf)}
${folded(formatCount(story.attempts.length, "attempt"), attemptTable({ story }))}`;
}

function attemptTable({ story: { attempts } }: Pick<Report, "story">): string {
  const left = attempts.length - MAX_ATTEMPTS;
  return `${left > 0 ? `<p class="muted">The last ${MAX_ATTEMPTS}.</p>` : ""}${
    table({
      label: "Attempts",
      head: ["Iteration", "Phase", "Began", "Took", "Agent", "Tokens", "Cost", "End"],
      rows: attempts.slice(-MAX_ATTEMPTS).map(({ iteration, attempt, phase, startedAt, ...each }) => [
        attempt > 1 ? `${iteration}, attempt ${attempt}` : String(iteration),
        phase,
        moment(startedAt),
        formatDuration(each.durationMs),
        text(`${each.provider} ${each.model}`.trim(), 100),
        formatTokens(tokensIn(each.usage)),
        isPriced(each.usage) ? formatCost(dollars(each.usage)) : "",
        text(each.end || "at work", 300),
      ]),
    })
  }`;
}

function aboutOf({ story: { versions }, guard, route, startedAt, branch }: Report): string {
  return facts([
    ["Programs", versions.map((version) => text(version, 200)).join("<br>")],
    ["Guard", text(guard, 600)],
    ["Route", text(route, 300)],
    ["Started", startedAt === "" ? undefined : moment(startedAt)],
    ["Branch", branch && `<code>${text(branch, 200)}</code>`],
  ]);
}
