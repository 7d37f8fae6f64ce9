/**
 * Shows a person a text or a program's output, in their own pager where it is long.
 *
 * @module
 */
import { userDiffPager, userProgram } from "../operations/view_work.ts";
import { type MarkdownView, renderMarkdown } from "../text/render_markdown.ts";
import { paint } from "../text/terminal_text.ts";
import type { CliIo } from "./cli_io.ts";

/** Renders Markdown beside a bar that tells it from what samocode says. */
export function framed(text: string, { color, columns }: Pick<CliIo, "columns"> & Pick<MarkdownView, "color">): string {
  // Two spaces, a bar, a space, and the last column, where some terminals wrap.
  const rows = renderMarkdown(text, { columns: Math.max(12, columns() - 5), color });
  return rows.map((row) => `  ${paint("dim", "│", color)} ${row}`.trimEnd() + "\n").join("");
}

/** What else must be on the screen with a text: what it is, and what can be done about it. */
const AROUND_ROWS = 8;

/** Shows a text; one that fills the screen in the pager. */
export async function showText(io: CliIo, text: string): Promise<void> {
  const isLong = text.split("\n").length > io.rows() - AROUND_ROWS;
  const pager = isLong ? await pagerFor(io) : "cat";
  if (pager !== "cat") {
    const { LESS = "FRX", LV = "-c" } = io.env;
    if (await io.attach({ command: ["sh", "-c", pager], env: { LESS, LV }, input: text }) < 126) return;
  }
  io.write(text);
}

/** The person's pager, as git finds it; `cat` if there is nobody to turn pages. */
export async function pagerFor({ isInputTerminal, isOutputTerminal, env }: CliIo): Promise<string> {
  const isWanted = isInputTerminal && isOutputTerminal && env["TERM"] !== "dumb";
  return isWanted && await userProgram("GIT_PAGER", env) || "cat";
}

/** The same for differences, for which people choose another one, or none. */
export async function diffPagerFor(io: CliIo): Promise<string> {
  const pager = await pagerFor(io);
  const isChosen = pager === "cat" || io.env["GIT_PAGER"] !== undefined;
  return isChosen ? pager : await userDiffPager(io.env) ?? pager;
}

/** What git cannot know of a person's wishes: https://no-color.org. */
export function gitFlags({ color }: CliIo): readonly string[] {
  return color ? [] : ["--no-color"];
}

/** Opens a file in the person's editor, as git finds it. Returns false, and says why, if that failed. */
export async function openEditor(io: CliIo, path: string): Promise<boolean> {
  const editor = await userProgram("GIT_EDITOR", io.env);
  if (editor === undefined) {
    io.write("  No editor is set. Set one, and edit again: export EDITOR=nano, for example\n");
    return false;
  }
  const code = await io.attach({ command: ["sh", "-c", `${editor} "$@"`, editor, path] });
  if (code === 0) return true;
  io.write(`  ${editor} ended with exit code ${code}; nothing was changed\n`);
  return false;
}
