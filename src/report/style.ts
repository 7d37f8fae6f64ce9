/**
 * How reports look: on a screen, dark and light, on a phone, and printed. The page's colors.
 *
 * @module
 */

/** The whole style sheet; its hash is in each report's policy. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f6f4, #101216);
  --surface: light-dark(#ffffff, #171a20);
  --raised: light-dark(#f0f0ed, #1f232b);
  --line: light-dark(#dfdfda, #2a2f38);
  --text: light-dark(#1b1e24, #e8eaee);
  --muted: light-dark(#5b616c, #9aa3b0);
  --accent: light-dark(#2f55d4, #8ea8ff);
  --need: light-dark(#8a5200, #f2b44c);
  --need-soft: light-dark(#fdf1dc, #2c2413);
  --good: light-dark(#17703f, #5cc98b);
  --good-soft: light-dark(#e2f4e9, #14291e);
  --bad: light-dark(#b3261e, #ff8a80);
  --bad-soft: light-dark(#fce9e7, #33191a);
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
*, *::before, *::after { box-sizing: border-box; }
html { background: var(--ground); color: var(--text); font: 0.9375rem/1.55 var(--sans); -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 40px 24px 64px; max-width: 60rem; }
h1, h2, h3, h4, h5, h6, p, dl, dd, ol, ul, figure, pre { margin: 0; padding: 0; }
h1 { font-size: 1.75rem; line-height: 1.2; letter-spacing: -0.015em; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; line-height: 1.3; letter-spacing: -0.005em; }
h3 { font-size: 1rem; line-height: 1.4; }
a { color: var(--accent); text-underline-offset: 2px; overflow-wrap: anywhere; }
code, pre, .diff { font-family: var(--mono); font-size: 0.85em; }
code { overflow-wrap: anywhere; }
b { font-weight: 600; }
time { white-space: nowrap; }
.muted { color: var(--muted); }
.small { font-size: 0.8125rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 6px; }

header { margin-bottom: 32px; }
.brand { margin-bottom: 16px; color: var(--muted); font-size: 0.8125rem; letter-spacing: 0.02em; }
.title { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 12px; }
.assignment { margin-top: 12px; max-width: 72ch; font-size: 1.05rem; white-space: pre-line; overflow-wrap: anywhere; }
.why { margin-top: 8px; max-width: 72ch; color: var(--muted); overflow-wrap: anywhere; }
.pill { display: inline-block; padding: 1px 10px; border-radius: 999px; font-size: 0.8125rem; font-weight: 600; background: var(--raised); color: var(--text); white-space: nowrap; }
.pill.good { background: var(--good-soft); color: var(--good); }
.pill.bad { background: var(--bad-soft); color: var(--bad); }
.pill.need { background: var(--need-soft); color: var(--need); }

.facts { display: flex; flex-wrap: wrap; gap: 1px; margin-top: 24px; border: 1px solid var(--line); border-radius: 10px; background: var(--line); overflow: hidden; }
.facts > div { flex: 1 1 9.5rem; padding: 10px 14px; background: var(--surface); }
.facts dt { color: var(--muted); font-size: 0.8125rem; }
.facts dd { font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }

nav { margin-bottom: 8px; font-size: 0.875rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; }
section { margin-top: 24px; padding: 24px; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); scroll-margin-top: 16px; }
section > h2 { margin-bottom: 16px; }
section > h3 { margin: 24px 0 8px; }
section > :where(* + *:not(h3, details)) { margin-top: 12px; }
section > :where(h2 + *) { margin-top: 0; }

.document { max-width: 76ch; overflow-wrap: anywhere; line-height: 1.6; }
.document > * + * { margin-top: 0.75em; }
.document h3, .document h4, .document h5, .document h6 { margin-top: 1.3em; font-size: 1rem; }
.document > :first-child { margin-top: 0; }
.document ul, .document ol { padding-left: 1.5em; }
.document li + li { margin-top: 0.2em; }
.document li:has(> .box), .document li:has(> p > .box) { list-style: none; margin-left: -1.4em; }
.document code { padding: 1px 4px; border-radius: 4px; background: var(--raised); }
.document pre code { padding: 0; background: none; }
.document blockquote { margin: 0.8em 0; padding-left: 16px; border-left: 3px solid var(--line); color: var(--muted); }
.document hr { border: 0; border-top: 1px solid var(--line); }
pre { padding: 12px 14px; border-radius: 6px; background: var(--raised); white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.45; }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
.document table { width: auto; }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: 400; }
thead th { color: var(--muted); font-size: 0.8125rem; white-space: nowrap; }
tbody th { font-weight: 600; }
tbody tr:last-child > * { border-bottom: 0; }
.document th, .document td { padding: 4px 10px; border: 1px solid var(--line); }

details { border-top: 1px solid var(--line); }
details:last-child { border-bottom: 1px solid var(--line); }
section > details + details { margin-top: 0; }
section > :not(details, h3) + details { margin-top: 16px; }
summary { padding: 10px 0; cursor: pointer; overflow-wrap: anywhere; }
summary::marker { color: var(--muted); }
details[open] > summary { font-weight: 600; }
details > :not(summary) { margin-bottom: 16px; }

.decisions { list-style: none; border-left: 2px solid var(--line); margin-left: 6px; }
.decisions p + p { margin-top: 2px; }
.decisions li { position: relative; padding: 0 0 18px 22px; }
.decisions li:last-child { padding-bottom: 0; }
.decisions li::before { content: ""; position: absolute; left: -7px; top: 6px; width: 12px; height: 12px; border-radius: 50%; border: 2px solid var(--surface); background: var(--muted); }
.decisions .approval::before, .decisions .answers::before { background: var(--good); }
.decisions .rejection::before, .decisions .stop::before { background: var(--bad); }
.decisions .guidance::before, .decisions .task::before { background: var(--accent); }
.decisions .budget::before { background: var(--need); }
.said { white-space: pre-line; overflow-wrap: anywhere; max-width: 72ch; }
.hash { overflow-wrap: anywhere; }
.question { margin-top: 16px; padding: 14px 16px; border-radius: 8px; background: var(--raised); }
.question ul { margin: 6px 0 0; padding-left: 1.3em; color: var(--muted); }
.question li.chosen { color: var(--text); font-weight: 600; }
.answer { margin-top: 8px; white-space: pre-line; overflow-wrap: anywhere; }

.phases { font-variant-numeric: tabular-nums; }
.phases [role="row"] { display: grid; grid-template: "name way agents time cost" auto / 8.5rem minmax(8rem, 1fr) 4rem 5rem 5.5rem; gap: 0 14px; align-items: center; padding: 5px 0; }
.phases .head { color: var(--muted); font-size: 0.8125rem; }
.phases .n { text-align: right; white-space: nowrap; }
.phases [role="rowheader"] { grid-area: name; font-weight: 600; }
.phases .way { grid-area: way; }
.phases .agents { grid-area: agents; }
.phases .time { grid-area: time; }
.phases .cost { grid-area: cost; }
svg { display: block; width: 100%; }
.line { height: 26px; border-radius: 4px; background: var(--raised); }
.bar { fill: var(--of); }
.bar.failed { fill: var(--bad); }
.wait { fill: var(--ground); }
.tick { stroke: var(--muted); stroke-width: 1.5; vector-effect: non-scaling-stroke; stroke-dasharray: 2 2; }
.tick.gate { stroke: var(--need); }
.tick.limit, .tick.outage, .tick.retry, .tick.check_failed, .tick.stopped { stroke: var(--bad); }
.phase-1 { --of: light-dark(#7d8590, #7d8694); }
.phase-2 { --of: light-dark(#5b7fb8, #7fa3dc); }
.phase-3 { --of: light-dark(#2f9a9e, #55c0c4); }
.phase-4 { --of: light-dark(#7a68c9, #a795f2); }
.phase-5 { --of: light-dark(#2f55d4, #8ea8ff); }
.phase-6 { --of: light-dark(#b8761d, #e8b25a); }
.phase-7 { --of: light-dark(#a8508a, #df8cc4); }
.phase-8 { --of: light-dark(#2f8a57, #5cc98b); }
.growth svg { height: 96px; margin-top: 6px; border-bottom: 1px solid var(--line); }
.growth figcaption { color: var(--muted); font-size: 0.8125rem; }
.growth b { color: var(--text); }
.area { fill: var(--accent); opacity: 0.14; }
.edge { fill: none; stroke: var(--accent); stroke-width: 2; vector-effect: non-scaling-stroke; }
.counts, .key { white-space: nowrap; }
td:has(.share) { vertical-align: middle; }
.share { height: 8px; min-width: 6rem; border-radius: 4px; }
.ground { fill: var(--raised); }
.part { fill: var(--accent); }

.commits { list-style: none; }
.commits li { display: grid; grid-template-columns: max-content 1fr max-content; gap: 0 12px; padding: 6px 0; border-bottom: 1px solid var(--line); }
.commits li > span { overflow-wrap: anywhere; }
.plus { color: var(--good); }
.minus { color: var(--bad); }
.counts { font-variant-numeric: tabular-nums; font-weight: 400; }
.diff { table-layout: fixed; line-height: 1.5; }
.diff td { padding: 0 8px; border: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.diff td:nth-child(-n+2) { width: 3.6em; padding: 0 6px; text-align: right; color: var(--muted); user-select: none; }
.diff .d2h-info td { padding-top: 6px; padding-bottom: 2px; color: var(--muted); background: var(--raised); }
.diff .d2h-ins td { background: var(--good-soft); }
.diff .d2h-del td { background: var(--bad-soft); }
.diff ins, .diff del { text-decoration: none; font-weight: 600; border-bottom: 2px solid; }
.diff ins { color: var(--good); }
.diff del { color: var(--bad); }
.list { padding-left: 1.3em; }
.list li { overflow-wrap: anywhere; }
.list li + li { margin-top: 6px; }
footer { margin-top: 32px; color: var(--muted); font-size: 0.8125rem; }

.unit { display: none; }

@media (max-width: 42rem) {
  .unit { display: inline; }
  body { padding: 24px 14px 48px; }
  section { padding: 18px 16px; }
  h1 { font-size: 1.45rem; }
  .facts > div { flex-basis: 7.5rem; }
  .phases [role="row"] { grid-template: "name agents time cost" auto "way way way way" auto / minmax(0, 1fr) max-content max-content max-content; gap: 4px 12px; padding: 8px 0; }
  .phases .n { font-size: 0.8125rem; }
  .phases [role="row"]:first-child { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .commits li { grid-template-columns: max-content 1fr; }
  .commits li > :last-child { grid-column: 2; }
  .diff td:first-child { display: none; }
  .diff td:nth-child(2) { width: 3em; }
}
@media print {
  :root { color-scheme: light; }
  html { background: #fff; font-size: 10pt; }
  body { max-width: none; padding: 0; }
  section { padding: 12pt 0; border: 0; border-top: 1px solid var(--line); border-radius: 0; }
  h2, h3, summary { break-after: avoid; }
  .question, .decisions li, .facts, figure { break-inside: avoid; }
  nav { display: none; }
  details::details-content { content-visibility: visible; block-size: auto; }
  a[href^="http"]::after { content: " (" attr(href) ")"; color: var(--muted); }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
