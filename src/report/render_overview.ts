/**
 * The overview of all sessions as one HTML file, in the form of a session's report.
 *
 * @module
 */
import { formatCost, formatCount, formatDuration, formatTokens } from "../text/format.ts";
import { dollars, isPriced, shareBar } from "./chart.ts";
import { facts, moment, pageOf, pill, section, table, text } from "./html.ts";
import { type Overview, type OverviewSum, STATE_KINDS } from "./report.ts";

/** Of the sessions and the days, the newest. */
const MAX_SESSIONS = 500;
const MAX_DAYS = 90;

/** Renders it. The same overview is always the same file. */
export function renderOverview(overview: Overview): string {
  const { since, sessions, states, reasons, days, phases, models, total, leftOut } = overview;
  const parts = [
    ["sessions", "Sessions", sessionTable(sessions)],
    ["days", "Cost by day", sumTable("Day", days.slice(-MAX_DAYS).toReversed())],
    ["phases", "Cost by phase", sumTable("Phase", phases)],
    ["models", "Cost by model", sumTable("Model", models)],
    ["reasons", "Why runs stopped", listOf(reasons.map((each) => `${countOf(each.count)}${text(each.text, 500)}`))],
    ["left-out", "Left out", listOf(leftOut.map((each) => text(each, 500)))],
  ] as const;
  const shown = parts.filter(([, , body]) => body !== "");
  const projects = new Set(sessions.map(({ project }) => project)).size;
  return pageOf({
    title: "All sessions · samocode",
    body: `<header>
<p class="brand">samocode report · ${formatCount(projects, "project")}</p>
<div class="title"><h1>All sessions</h1></div>
<p class="why">${since === undefined ? "From the first one on" : `Since ${text(since, 20)}`}</p>
${
      facts([
        ["Cost", `${total.estimatedUsd > 0 ? "about " : ""}${formatCost(dollars(total))}`],
        ["Agents worked", formatDuration(total.workedMs)],
        ["Agents started", String(total.starts)],
        ["Tokens", formatTokens(total.tokens)],
        ["Sessions", String(sessions.length)],
        ...Object.entries(states).map(([state, count]) =>
          [`${state.slice(0, 1).toUpperCase()}${state.slice(1)}`, `${count} of ${sessions.length}`] as const
        ),
      ])
    }
</header>
<nav aria-label="Parts of this report"><ul>${
      shown.map(([id, title]) => `<li><a href="#${id}">${title}</a></li>`).join("")
    }</ul></nav>
<main>
${shown.map(([id, title, body]) => section(id, title, body)).join("\n")}
</main>`,
  });
}

function sessionTable(sessions: Overview["sessions"]): string {
  if (sessions.length === 0) return "<p>There are none.</p>";
  const left = sessions.length - MAX_SESSIONS;
  const body = table({
    label: "Sessions",
    head: ["Session", "State", "Task", "Started", "Took", "Cost"],
    rows: sessions.slice(0, MAX_SESSIONS).map((
      { project, session, state, task, detail, startedAt, elapsedMs, ...cost },
    ) => [
      `${text(session, 100)}<br><span class="muted small">${text(project, 100)}</span>`,
      pill(STATE_KINDS[state] ?? "plain", state),
      `${text(task, 200)}${
        state === "done" || detail === "" ? "" : `<br><span class="muted small">${text(detail, 300)}</span>`
      }`,
      startedAt === undefined ? "" : moment(startedAt),
      `<span class="counts">${formatDuration(elapsedMs)}</span>`,
      isPriced(cost) ? formatCost(dollars(cost)) : "",
    ]),
  });
  return `${body}${left > 0 ? `<p class="muted">and ${formatCount(left, "earlier session")}</p>` : ""}`;
}

function sumTable(title: string, rows: readonly OverviewSum[]): string {
  if (rows.length === 0) return "";
  const most = Math.max(...rows.map(dollars));
  return table({
    label: `Cost by ${title.toLowerCase()}`,
    head: [title, "Share", "Cost", "Tokens", "Agents", "Time"],
    rows: rows.map((row) => {
      const cost = `${row.estimatedUsd > 0 ? "about " : ""}${formatCost(dollars(row))}`;
      return [
        `<span class="key">${text(row.key, 60)}</span>`,
        shareBar(dollars(row), most, `${row.key}: ${cost}`),
        `<span class="counts">${cost}</span>`,
        formatTokens(row.tokens),
        String(row.starts),
        `<span class="counts">${formatDuration(row.workedMs)}</span>`,
      ];
    }),
  });
}

function countOf(count: number): string {
  return count > 1 ? `<b>${count} times</b>: ` : "";
}

function listOf(items: readonly string[]): string {
  return items.length === 0 ? "" : `<ul class="list">${items.map((item) => `<li>${item}</li>`).join("")}</ul>`;
}
