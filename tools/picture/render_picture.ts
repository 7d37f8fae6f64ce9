/**
 * Draws a recorded session as an SVG that moves by itself: no script, only CSS, and the last picture where nothing moves.
 *
 * Rows that will not change any more are drawn once, on a page that is pushed up. What is still to change is drawn anew
 * for each frame, on a strip that is pulled through beside it.
 *
 * @module
 */
import type { Frame } from "./frames.ts";
import { rowRuns, type Run } from "./row_runs.ts";
import { isSameRow, type Row, type Screen } from "./terminal.ts";

/** What stands around the frames. */
export interface PictureOptions {
  readonly columns: number;
  readonly rows: number;
  readonly title: string;
  /** For who cannot see it. */
  readonly description: string;
}

/** In user units, as everything here. */
const CELL = { width: 8.4, height: 18, baseline: 13.5 } as const;
const MARGIN = { side: 18, top: 44, bottom: 14 } as const;

/** Between two frames of the strip, so that no edge of one shines through beside the other. */
const GAP = 20;

/** A dark terminal with a border: it stands out on a white page and on a dark one. All text has a contrast above 4.5. */
const STYLE = [
  'svg{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;fill:#e6edf3}',
  ".w{fill:#161b22;stroke:#444c56}",
  ".s{fill:#161b22}",
  ".d{fill:#939ca7}",
  ".b{font-weight:700}",
  ".red{fill:#ff7b72}",
  ".green{fill:#56d364}",
  ".yellow{fill:#e3b341}",
  ".magenta{fill:#d2a8ff}",
  ".cyan{fill:#56d4dd}",
  ".c{fill:#e6edf3;opacity:.7}",
].join("\n");

/** The same frames give the same text. */
export function renderPicture(frames: readonly Frame[], options: PictureOptions): string {
  const { columns, rows, title, description } = options;
  const page = { width: columns * CELL.width, height: rows * CELL.height };
  const width = page.width + 2 * MARGIN.side;
  const height = page.height + MARGIN.top + MARGIN.bottom;
  const end = frames.at(-1)?.screen ?? { rows: [], top: 0, cursor: undefined };
  const stride = page.width + GAP;
  const strip = stripOf(frames, { end, stride, height: page.height });
  const size = `width="${round(width)}" height="${height}" viewBox="0 0 ${round(width)} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-labelledby="t d">
<title id="t">${escape(title)}</title>
<desc id="d">${escape(description)}</desc>
<style>
${STYLE}
${motion(frames, stride)}
</style>
<defs>
<rect id="cover" class="s" width="${round(page.width)}" height="${page.height}"/>
<rect id="cursor" class="c" width="${CELL.width}" height="${CELL.height}"/>
${strip.defs}
</defs>
<rect class="w" x=".5" y=".5" width="${round(width - 1)}" height="${height - 1}" rx="8"/>
<text class="d" x="${round(width / 2)}" y="26" text-anchor="middle">${escape(title)}</text>
<svg x="${MARGIN.side}" y="${MARGIN.top}" width="${round(page.width)}" height="${page.height}">
<g class="page" transform="translate(0 ${-end.top * CELL.height})">
${end.rows.map((row, index) => drawRow(row, index)).filter((drawn) => drawn !== "").join("\n")}
</g>
<g class="strip">
${strip.frames}
</g>
</svg>
</svg>
`;
}

/** Both movements as keyframes; a step holds until the next one. */
function motion(frames: readonly Frame[], stride: number): string {
  const totalMs = frames.reduce((sum, { durationMs }) => sum + durationMs, 0);
  let atMs = 0;
  let top: number | undefined;
  const page: string[] = [];
  const strip: string[] = [];
  for (const [index, { screen, durationMs }] of frames.entries()) {
    const percent = `${Number((atMs * 100 / totalMs).toFixed(3))}%`;
    if (screen.top !== top) page.push(`${percent}{transform:translateY(${-screen.top * CELL.height}px)}`);
    strip.push(`${percent}{transform:translateX(${round(-(index + 1) * stride)}px)}`);
    top = screen.top;
    atMs += durationMs;
  }
  const seconds = Number((totalMs / 1000).toFixed(2));
  return `@keyframes page{${page.join("")}}
@keyframes strip{${strip.join("")}}
@media (prefers-reduced-motion:no-preference){
.page{animation:page ${seconds}s step-end infinite}
.strip{animation:strip ${seconds}s step-end infinite}
}`;
}

/** Each frame lies one stride further to the right than the one before; the first is already out of sight. */
function stripOf(
  frames: readonly Frame[],
  { end, stride, height }: { readonly end: Screen; readonly stride: number; readonly height: number },
): { readonly defs: string; readonly frames: string } {
  const ids = new Map<string, string>();
  const drawn = frames.map(({ screen }, index) => {
    const settled = settledRows(screen, end);
    const shown = Math.max(settled, screen.top);
    const y = (shown - screen.top) * CELL.height;
    const parts = y < height ? [`<use href="#cover" y="${y}"/>`] : [];
    for (const [row, cells] of screen.rows.entries()) {
      const text = row < shown ? "" : drawRow(cells, 0);
      if (text === "") continue;
      const id = ids.get(text) ?? `r${ids.size}`;
      ids.set(text, id);
      parts.push(`<use href="#${id}" y="${(row - screen.top) * CELL.height}"/>`);
    }
    if (screen.cursor !== undefined) {
      const { column, row } = screen.cursor;
      const x = column === 0 ? "" : ` x="${round(column * CELL.width)}"`;
      parts.push(`<use href="#cursor"${x} y="${(row - screen.top) * CELL.height}"/>`);
    }
    return `<g transform="translate(${round((index + 1) * stride)})">${parts.join("")}</g>`;
  });
  return {
    defs: [...ids].map(([text, id]) => `<g id="${id}">${text}</g>`).join("\n"),
    frames: drawn.join("\n"),
  };
}

/** How many rows from the first on are already as they stay. */
function settledRows({ rows }: Screen, end: Screen): number {
  const changing = rows.findIndex((row, index) => !isSameRow(row, end.rows[index] ?? []));
  return changing < 0 ? rows.length : changing;
}

function drawRow(row: Row, index: number): string {
  const y = round(index * CELL.height + CELL.baseline);
  return rowRuns(row).map((run) => drawRun(run, y)).join("");
}

function drawRun({ column, text, look, isSymbol }: Run, y: string): string {
  const classes = [...(look.isBold ? ["b"] : []), ...(look.isDim ? ["d"] : []), ...(look.color ? [look.color] : [])];
  const painted = classes.length > 0 ? ` class="${classes.join(" ")}"` : "";
  const length = ` textLength="${round([...text].length * CELL.width)}"`;
  // A symbol is stretched to its cell: lines of dashes have no gaps then.
  const fitted = isSymbol ? `${length} lengthAdjust="spacingAndGlyphs"` : length;
  return `<text${painted} x="${round(column * CELL.width)}" y="${y}"${fitted}>${escape(text)}</text>`;
}

/** Two decimals are more than anybody sees. */
function round(value: number): string {
  return String(Number(value.toFixed(2)));
}

/** What XML cannot hold is left out. */
function escape(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\ufffe\uffff]/gu, "")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
