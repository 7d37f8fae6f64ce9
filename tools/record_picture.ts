/**
 * `deno task picture`: plays `samocode demo` in a terminal, as a person would, and draws docs/session.svg of it.
 *
 * It runs where `script` of util-linux is, which is on Linux. The picture shows the clock, so each one differs.
 *
 * @module
 */
import { join } from "node:path";
import { SamocodeError } from "../src/system/errors.ts";
import { writeAtomic } from "../src/system/files/files.ts";
import { runCommand } from "../src/system/processes/run_command.ts";
import { framesOf, type Pacing } from "./picture/frames.ts";
import { type Recording, recordTerminal, type Typing } from "./picture/recording.ts";
import { renderPicture } from "./picture/render_picture.ts";
import { runTool } from "./run_tool.ts";

/** The size that the README's column shows without making it small. */
const SIZE = { columns: 100, rows: 28 } as const;

/** The demo prints where its files are, so they lie where everybody has a place. */
const SCRATCH = "/tmp/demo";

/** One letter of an answer, then twice what is suggested, and the plan. */
const TYPING: readonly Typing[] = [
  { after: "$ ", keys: "samocode demo\r", pauseMs: 1000 },
  { after: "(Enter for the suggestion): ", keys: "B\r", pauseMs: 2200 },
  { after: "(Enter for the suggestion): ", keys: "\r", pauseMs: 1800 },
  { after: "what is to be changed: ", keys: "\r", pauseMs: 2500 },
];

const PACING: Pacing = { shortestMs: 120, longestMs: 2000, lastMs: 5000 };

/** The program under the name that a person types. */
const LAUNCHER = `#!/bin/sh\nexec "$PICTURE_DENO" run --allow-all --quiet "$PICTURE_MAIN" "$@"\n`;

/** Where the picture is, from the project's folder. */
export const PICTURE = "docs/session.svg";

const TITLE = "samocode demo";

const DESCRIPTION =
  "A terminal in which samocode demo plays a whole session. The agent investigates a small project and " +
  "asks two questions, which the person answers. It writes a plan, which the person approves. It then implements the " +
  "plan commit by commit, runs the tests, reviews the work, mends a flaw, tests again and sums up: done, in 4 commits on " +
  "a branch of its own.";

/**
 * Draws a recording of the demo.
 *
 * @throws {Error} Where the recording holds what the terminal does not know.
 */
export function drawSession(recording: Recording): string {
  const { columns, rows } = recording;
  return renderPicture(framesOf(recording, PACING), { columns, rows, title: TITLE, description: DESCRIPTION });
}

/**
 * Plays the demo in a folder of its own, which is removed afterwards.
 *
 * @param root The folder of the project.
 * @throws {SamocodeError} Where the folder is there already, or the demo does not come to its end.
 */
export async function recordDemo(root: string): Promise<Recording> {
  makeScratch();
  try {
    for (const folder of ["home", "bin"]) Deno.mkdirSync(join(SCRATCH, folder));
    Deno.writeTextFileSync(join(SCRATCH, "bin", "samocode"), LAUNCHER, { mode: 0o700 });
    return await recordTerminal({
      ...SIZE,
      workingDirectory: join(SCRATCH, "home"),
      env: {
        PATH: `${join(SCRATCH, "bin")}:/usr/local/bin:/usr/bin:/bin`,
        HOME: join(SCRATCH, "home"),
        TMPDIR: SCRATCH,
        TERM: "xterm-256color",
        LANG: "C.UTF-8",
        TZ: "UTC",
        PS1: "$ ",
        // Slower than life, so that one can read along.
        SAMOCODE_DEMO_PACE: "2",
        PICTURE_DENO: Deno.execPath(),
        PICTURE_MAIN: join(root, "main.ts"),
        DENO_DIR: await packageCache(),
      },
      typing: TYPING,
      until: "\n$ ",
      keyMs: 130,
      timeoutMs: 180_000,
    });
  } finally {
    Deno.removeSync(SCRATCH, { recursive: true });
  }
}

/** Made here or not used: somebody else's folder may be a trap, and it would be removed at the end. */
function makeScratch(): void {
  try {
    Deno.mkdirSync(SCRATCH, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new SamocodeError("conflict", `Cannot play the demo in ${SCRATCH}: it is there already`, {
      hint: "Remove it if it is yours; the picture shows that path, so it is always the same",
      cause: error,
    });
  }
}

/** The new home is empty, and nothing shall be downloaded again. */
async function packageCache(): Promise<string> {
  const { stdout } = await runCommand(Deno.execPath(), ["info", "--json"], { cwd: SCRATCH, timeoutMs: 60_000 });
  const info: { readonly denoDir?: unknown } = JSON.parse(stdout);
  return String(info.denoDir ?? "");
}

if (import.meta.main) {
  const root = join(import.meta.dirname ?? ".", "..");
  await runTool(async () => {
    const text = drawSession(await recordDemo(root));
    writeAtomic(join(root, PICTURE), text);
    console.log(`${PICTURE}: ${Math.round(text.length / 1024)} KiB`);
  });
}
