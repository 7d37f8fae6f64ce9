/**
 * Starts many processes at once and waits for all of them.
 *
 * @module
 */
import { processesWithVariable } from "../src/system/processes/process_table.ts";
import { MemoryWatch, type Taken } from "./peak_memory.ts";
import { environment, type Program } from "./program.ts";

/** Who is started, and how. */
export interface CrowdOptions {
  /** Where they all work. */
  readonly root: string;
  readonly agent: string;
  /** The arguments of each. */
  readonly members: readonly (readonly string[])[];
  /** The exit code of one that did well. */
  readonly code: number;
  /** Whether their memory is looked at meanwhile. */
  readonly watch: boolean;
}

/** A crowd that takes longer is ended. */
const TIMEOUT_MS = 180_000;

/**
 * Starts a program as often as there are members.
 *
 * @throws Where one did not end as it should, or left a process behind.
 */
export async function runCrowd(
  { command, before }: Program,
  { root, agent, members, code, watch }: CrowdOptions,
): Promise<Taken & { readonly ms: number }> {
  const mark = crypto.randomUUID();
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const begun = performance.now();
  const children = members.map((args) =>
    new Deno.Command(command, {
      args: [...before, ...args],
      cwd: root,
      clearEnv: true,
      env: { ...environment(root), CLAUDE_PATH: agent, BENCH_MARK: mark },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal,
    }).spawn()
  );
  using memory = watch ? new MemoryWatch(children.map(({ pid }) => pid)) : undefined;
  const outputs = await Promise.all(children.map((child) => child.output()));
  const ms = performance.now() - begun;
  const left = processesWithVariable(`BENCH_MARK=${mark}`).map(({ pid }) => pid);
  for (const pid of left) kill(pid);
  if (left.length > 0) throw new Error(`processes were left behind: ${left.join(", ")}`);
  for (const output of outputs) {
    if (output.code === code) continue;
    const [stdout, stderr] = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes));
    throw new Error(`one of ${members.length} ended with ${output.code}: ${stdout}${stderr}`);
  }
  return { ms, ...(memory?.taken ?? { peaks: 0, atOnce: 0 }) };
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    // It has gone by itself.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
