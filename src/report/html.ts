/**
 * Parts of a report as HTML. Every text passes {@linkcode text}; the page runs no script and loads nothing.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { escapeHtml } from "../html/escape_html.ts";
import { cutText } from "../text/cut_text.ts";
import { hideSecrets } from "../text/known_secrets.ts";
import { plainBlock } from "../text/terminal_text.ts";
import { STYLE } from "./style.ts";

/** How a file begins that this program wrote as a report. */
export const OWN_MARK = "<!doctype html>\n<!-- samocode report -->\n";

/** A text as HTML: without secrets and invisible characters, cut to a length in UTF-16 units. */
export function text(given: string, maxLength = 4_000): string {
  return escapeHtml(cutText(plainBlock(hideSecrets(given)), maxLength));
}

/** A whole page. `title` and `body` are HTML. */
export function pageOf({ title, body }: { readonly title: string; readonly body: string }): string {
  const hash = createHash("sha256").update(STYLE).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return `${OWN_MARK}<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

/** A section with its heading; empty without a body. */
export function section(id: string, title: string, body: string): string {
  return body === "" ? "" : `<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>`;
}

/** A moment, in UTC: whoever reads it may be anywhere. */
export function moment(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return text(iso, 40);
  const [day = "", time = ""] = at.toISOString().split("T");
  return `<time datetime="${at.toISOString()}">${day} ${time.slice(0, 5)} UTC</time>`;
}

/** A word in a colored frame. `kind` is one of the classes of the style. */
export function pill(kind: "good" | "bad" | "need" | "plain", word: string): string {
  return `<span class="pill ${kind}">${text(word, 60)}</span>`;
}

/** Something that is shown once it is opened; always in print. `summary` and `body` are HTML. */
export function folded(summary: string, body: string, { isOpen = false }: { readonly isOpen?: boolean } = {}): string {
  return `<details${isOpen ? " open" : ""}><summary>${summary}</summary>\n${body}\n</details>`;
}

/** A table that can be scrolled by keyboard. `head` is texts, `rows` are cells as HTML. */
export function table(
  { label, head, rows }: {
    readonly label: string;
    readonly head: readonly string[];
    readonly rows: readonly (readonly string[])[];
  },
): string {
  const cells = (row: readonly string[]) =>
    row.map((cell, index) => index === 0 ? `<th scope="row">${cell}</th>` : `<td>${cell}</td>`).join("");
  return `<div class="scroll" role="group" aria-label="${text(label)}" tabindex="0"><table>
<thead><tr>${head.map((cell) => `<th scope="col">${text(cell)}</th>`).join("")}</tr></thead>
<tbody>${rows.map((row) => `<tr>${cells(row)}</tr>`).join("\n")}</tbody>
</table></div>`;
}

/** Facts with their names; those without a value are left out. Values are HTML. */
export function facts(rows: readonly (readonly [name: string, value: string | undefined])[]): string {
  const shown = rows.filter(([, value]) => value !== undefined && value !== "");
  return `<dl class="facts">${
    shown.map(([name, value]) => `<div><dt>${text(name)}</dt><dd>${value}</dd></div>`).join("")
  }</dl>`;
}
