/**
 * `deno task picture`: lets the demo's agent work for one `samocode run` in tmux, types as a person would, and draws
 * docs/session.svg.
 *
 * The picture needs no script: every screen is a frame on a tall strip, and CSS moves the strip.
 *
 * @module
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { copySample } from "../src/agents/demo/project.ts";
import { mustGit } from "../src/session/git.ts";
import { runTool } from "./run_tool.ts";
import { TmuxTerminal } from "./tmux.ts";

/** What the terminal shows from one moment on. */
export interface Screen {
  readonly atMs: number;
  /** The cursor's visibility, column and row, then the rows with their colours, all as tmux writes them. */
  readonly text: string;
}

/**
 * Typed in turn whenever the terminal is still at a prompt: to set up, an option, the suggested answer, the approval, and
 * how to finish.
 */
const TYPED = ['samocode run "Add a --top N option to tally"\r', "y\r", "B\r", "\r", "a\r", "f\r"] as const;
const PROMPT = /(?:\n\$|:|\[y\/N\]|How\?)$/;
const HINT = "Check that git works";
const [POLL_MS, KEY_MS, READING_MS, TIMEOUT_MS] = [120, 130, 1800, 180_000];
/** No screen is shown for longer, the last one apart; all together last as long on a busy machine as on a fast one. */
const [LONGEST_MS, LAST_MS, LOOP_SECONDS] = [2000, 5000, 35];

/** In user units of the SVG; the README's column is not narrower. */
const CELL = { width: 8.4, height: 18, baseline: 13.5 } as const;
const [COLUMNS, ROWS, WIDTH, HEIGHT] = [100, 28, 840, 504];

/** A dark window with a border stands out on a white page and on a dark one. All text has a contrast above 4.5. */
const STYLE = `svg{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#e6edf3}
.w{fill:#161b22;stroke:#444c56}.s1{font-weight:700}.s2{fill:#939ca7}
.s31{fill:#ff7b72}.s32{fill:#56d364}.s33{fill:#e3b341}.s34{fill:#79c0ff}.s35{fill:#d2a8ff}.s36{fill:#56d4dd}`;

/** Draws the screens as an animated SVG, which shows the last one where motion is not wanted. */
export function drawPicture(screens: readonly Screen[]): string {
  const ids = new Map<string, string>();
  const frames = screens.map(({ text }, index) => {
    const [state = "", ...rows] = text.split("\n");
    const [flag, column = 0, row = 0] = state.split(" ").map(Number);
    const uses = drawRows(rows).map((drawn, number) => {
      if (drawn !== "" && !ids.has(drawn)) ids.set(drawn, `r${ids.size}`);
      return drawn === "" ? "" : `<use href="#${ids.get(drawn)}" y="${number * CELL.height}"/>`;
    });
    if (flag === 1) uses.push(`<use href="#c" x="${round(column * CELL.width)}" y="${row * CELL.height}"/>`);
    return `<g transform="translate(0 ${index * HEIGHT})">${uses.join("")}</g>`;
  });
  const times = screens.map(({ atMs }, index) => Math.min(LONGEST_MS, (screens[index + 1]?.atMs ?? Infinity) - atMs));
  const totalMs = times.slice(0, -1).reduce((sum, time) => sum + time, LAST_MS);
  let atMs = 0;
  const steps = times.map((time, index) => {
    const step = `${round(atMs * 100 / totalMs)}%{transform:translateY(${-index * HEIGHT}px)}`;
    atMs += time;
    return step;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="876" height="562" viewBox="0 0 876 562" role="img" aria-labelledby="t d">
<title id="t">samocode run</title>
<desc id="d">A terminal in which one samocode run does a whole session. It sets up the repository. The agent investigates a small project and asks two questions, which the person answers. It writes a plan, which the person approves. It then implements the plan commit by commit, runs the tests, reviews the work, fixes a flaw, tests again and sums up. The person merges it.</desc>
<style>
${STYLE}
.f{transform:translateY(${-(screens.length - 1) * HEIGHT}px)}
@keyframes f{${steps.join("")}}
@media (prefers-reduced-motion:no-preference){.f{animation:f ${LOOP_SECONDS}s step-end infinite}}
</style>
<defs><rect id="c" width="${CELL.width}" height="${CELL.height}" opacity=".7"/>
${[...ids].map(([drawn, id]) => `<g id="${id}">${drawn}</g>`).join("\n")}
</defs>
<rect class="w" x=".5" y=".5" width="875" height="561" rx="8"/>
<text class="s2" x="438" y="26" text-anchor="middle">samocode run</text>
<svg x="18" y="44" width="${WIDTH}" height="${HEIGHT}"><g class="f">
${frames.join("\n")}
</g></svg></svg>
`;
}

/** A sequence that sets a style, words with single blanks, wider gaps, or what may come from another font. */
// deno-lint-ignore no-control-regex -- what tmux writes
const PARTS = /\u001b\[([\d;]*)m|([!-~\u00a0-\u00ff…]+(?: [!-~\u00a0-\u00ff…]+)*)|( +)|([^\u001b -~]+)/gu;

/** Places every part by its column, so that columns line up in any font. A style lasts into the next row. */
function drawRows(rows: readonly string[]): readonly string[] {
  let styles: readonly string[] = [];
  return rows.map((row) => {
    let column = 0;
    return [...row.matchAll(PARTS)].map(([whole, codes]) => {
      for (const code of codes?.split(";") ?? []) {
        if (code === "0") styles = [];
        else if (code === "39") styles = styles.filter((style) => style.length === 1);
        else if (STYLE.includes(`.s${code}{`)) styles = [...styles, code];
      }
      if (codes !== undefined) return "";
      const [x, length] = [column, whole.length].map((cells) => round(cells * CELL.width));
      column += whole.length;
      if (whole.trim() === "") return "";
      const painted = styles.length === 0 ? "" : ` class="${styles.map((style) => `s${style}`).join(" ")}"`;
      const adjust = /^[ -~]+$/.test(whole) ? "" : ' lengthAdjust="spacingAndGlyphs"';
      const text = whole.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
      return `<text${painted} x="${x}" y="${CELL.baseline}" textLength="${length}"${adjust}>${text}</text>`;
    }).join("");
  });
}

function round(value: number): number {
  return Number(value.toFixed(2));
}

/** Records a session on the demo's sample, in a new folder, which is removed afterwards. */
async function recordSession(root: string, scratch: string): Promise<readonly Screen[]> {
  // Not with its parents: where the folder exists it is someone else's, and must not be removed.
  Deno.mkdirSync(scratch, { mode: 0o700 });
  try {
    const repo = join(scratch, "tally");
    Deno.mkdirSync(repo);
    copySample(join(root, "demo"), repo);
    await mustGit(repo, ["init", "--quiet", "--template=", "--initial-branch=main"], HINT);
    Deno.writeTextFileSync(
      join(repo, ".git", "config"),
      Deno.readTextFileSync(join(root, "demo", "git-config")),
      { append: true },
    );
    await mustGit(repo, ["add", "--all"], HINT);
    await mustGit(repo, ["commit", "--quiet", "--message=Count words"], HINT);
    const PATH = `${join(root, "dist")}:/usr/local/bin:/usr/bin:/bin`;
    return await record(scratch, { PATH, PAGER: "cat", SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "2" });
  } finally {
    Deno.removeSync(scratch, { recursive: true });
  }
}

async function record(scratch: string, more: Readonly<Record<string, string>>): Promise<readonly Screen[]> {
  const places = { HOME: scratch, TMPDIR: scratch, TERM: "tmux-256color", LANG: "C.UTF-8", TZ: "UTC", PS1: "$ " };
  await using terminal = await TmuxTerminal.open(scratch, {
    env: { ...places, ...more },
    columns: COLUMNS,
    rows: ROWS,
  });
  await terminal.type("cd tally; clear\r");
  await pause(READING_MS);
  const screens: Screen[] = [];
  const startedAtMs = performance.now();
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  /** Records for a time, or until the terminal has been still at a prompt for so long. */
  const watch = async (ms: number, { atPrompt }: { readonly atPrompt: boolean }): Promise<void> => {
    const beginMs = performance.now() - startedAtMs;
    for (let atMs = beginMs;; atMs = performance.now() - startedAtMs) {
      const text = await terminal.picture();
      if (screens.at(-1)?.text !== text) screens.push({ atMs, text });
      const sinceMs = atPrompt ? screens.at(-1)?.atMs ?? atMs : beginMs;
      if (atMs - sinceMs > ms && (!atPrompt || PROMPT.test(stripVTControlCharacters(text)))) return;
      await pause(POLL_MS, undefined, { signal });
    }
  };
  for (const keys of [...TYPED, ""]) {
    await watch(READING_MS, { atPrompt: true });
    for (const key of keys) {
      await terminal.type(key);
      await watch(KEY_MS, { atPrompt: false });
    }
  }
  return screens;
}

if (import.meta.main) {
  const root = join(import.meta.dirname ?? ".", "..");
  await runTool(async () => {
    const picture = drawPicture(await recordSession(root, "/tmp/demo"));
    Deno.writeTextFileSync(join(root, "docs", "session.svg"), picture);
  });
}
