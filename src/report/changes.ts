/**
 * What a session changed: its commits, and its diff file by file.
 *
 * @module
 */
import { renderDiff, type RenderedFile } from "../html/diff.ts";
import { formatCount } from "../text/format.ts";
import { hideSecrets } from "../text/known_secrets.ts";
import { folded, moment, text } from "./html.ts";
import type { Report } from "./report.ts";

/** Lines of a file, and of all files: more than a reviewer reads in a report. */
const LIMITS = { fileLines: 600, lines: 3_000 } as const;
/** Of the commits, the newest. */
const MAX_COMMITS = 100;
/** Of the files, the first ones. */
const MAX_FILES = 300;
/** Up to so many lines in all, every file is open. */
const OPEN_LINES = 120;

/** The section, and what it counts. */
export interface RenderedChanges {
  readonly html: string;
  readonly files: number;
  readonly added: number;
  readonly removed: number;
}

/** Renders it. */
export async function renderChanges({ commits, diff, left }: Report["changes"]): Promise<RenderedChanges> {
  const files = await renderDiff(hideSecrets(diff), LIMITS);
  const added = files.reduce((sum, file) => sum + file.added, 0);
  const removed = files.reduce((sum, file) => sum + file.removed, 0);
  const isOpen = added + removed <= OPEN_LINES;
  const more = commits.length - MAX_COMMITS;
  const unlisted = files.length - MAX_FILES;
  const parts = [
    commits.length === 0
      ? ""
      : `<ul class="commits">${
        commits.slice(0, MAX_COMMITS).map(({ hash, at, subject }) =>
          `<li><code>${text(hash.slice(0, 10), 10)}</code><span>${text(subject, 200)}</span><span class="muted small">${
            moment(at)
          }</span></li>`
        ).join("\n")
      }</ul>`,
    more > 0 ? `<p class="muted">and ${formatCount(more, "earlier commit")}</p>` : "",
    files.slice(0, MAX_FILES).map((file) => fileOf(file, isOpen)).join("\n"),
    unlisted > 0 ? `<p class="muted">and ${formatCount(unlisted, "more file")}</p>` : "",
    left === "" ? "" : `<p class="muted">${text(left, 500)}</p>`,
  ];
  return { html: parts.filter((part) => part !== "").join("\n"), files: files.length, added, removed };
}

function fileOf({ path, added, removed, html, left }: RenderedFile, isOpen: boolean): string {
  const counts = added + removed === 0
    ? ""
    : `<span class="counts small"><span class="plus">+${added}</span> <span class="minus">−${removed}</span></span>`;
  const words = left === "" ? "" : `<p class="muted small">${text(left, 500)}</p>`;
  return folded(`<code>${text(path, 500)}</code> ${counts}`, `${html}${words}`, { isOpen });
}
