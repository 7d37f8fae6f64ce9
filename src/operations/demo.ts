/**
 * The demo's sample project, its texts, and the agent that works on it.
 *
 * @module
 */
import { join } from "node:path";
import { type Facts, fillText } from "../agents/demo/data.ts";
import { DEMO_RESULT, readDemoRequest } from "../agents/demo/demo.ts";
import { playDemoIteration } from "../agents/demo/player.ts";
import { makeSampleRepository } from "../agents/demo/project.ts";
import { PROJECT_FILE } from "../settings/load_settings.ts";
import { messageOf, SamocodeError } from "../text/errors.ts";
import type { Samocode } from "./samocode.ts";

/** The demo's session. */
export const DEMO_SESSION = {
  session: "tally-top",
  task: "Add a --top N option to tally, so that it prints only the N most frequent words",
  dive: "How tally reads its input and orders its output",
} as const;

type Shipped = Pick<Samocode, "shippedRoot">;

/**
 * Creates a project in the system's temporary folder. It is kept after the demo, for a look around.
 *
 * @returns The folder; the repository is in `repo`.
 * @throws {SamocodeError} If the folder cannot be created, or git fails.
 */
export async function makeDemoProject({ shippedRoot }: Shipped): Promise<string> {
  const folder = makeFolder();
  for (const name of ["repo", "worktrees", "sessions"]) Deno.mkdirSync(join(folder, name));
  await makeSampleRepository(join(folder, "repo"), join(shippedRoot, "demo"));
  Deno.writeTextFileSync(join(folder, PROJECT_FILE), "MAIN_REPO=repo\nWORKTREES=worktrees\nSESSIONS=sessions\n");
  return folder;
}

/** Reads and fills in one of the demo's texts. */
export function demoText(
  { shippedRoot }: Shipped,
  text: { readonly name: string; readonly facts: Facts },
): string {
  return fillText(join(shippedRoot, "demo"), text);
}

/** Plays one iteration as the demo's agent, which prints one JSON object per line. */
export async function playDemoAgent(
  request: string,
  { shippedRoot, write }: Shipped & { readonly write: (text: string) => void },
): Promise<void> {
  const { pace, ...iteration } = readDemoRequest(request);
  const emit = (line: object): void => write(JSON.stringify(line) + "\n");
  const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms * pace));
  await playDemoIteration(iteration, { data: join(shippedRoot, "demo"), emit, pause });
  emit(DEMO_RESULT);
}

function makeFolder(): string {
  try {
    return Deno.realPathSync(Deno.makeTempDirSync({ prefix: "samocode-demo-" }));
  } catch (cause) {
    throw new SamocodeError("system", `Cannot create a folder for the demo: ${messageOf(cause)}`, {
      hint: "Set TMPDIR to a folder that you can write to",
      cause,
    });
  }
}
