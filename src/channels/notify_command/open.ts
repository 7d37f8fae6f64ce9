/**
 * Runs the user's own command for each event. It only notifies: its input lets nobody decide.
 *
 * @module
 */
import { join } from "node:path";
import { type Finding, ok, problem } from "../../contract/finding.ts";
import { readTail, removeFolder } from "../../system/files/files.ts";
import { endGroup, leftInGroup, MARKER_VARIABLE, sweep } from "../../system/processes/end_processes.ts";
import { programPath } from "../../system/processes/program_path.ts";
import { spawnAgent } from "../../system/processes/spawn_agent.ts";
import { SpawnError } from "../../system/processes/spawn_child.ts";
import { expandHome, homeFolder } from "../../system/user_folders.ts";
import { hideSecrets } from "../../text/known_secrets.ts";
import { plainText } from "../../text/terminal_text.ts";
import { eventChannel } from "../event_channel.ts";
import { type ChannelContext, ChannelError, type OpenChannel } from "../open_channel.ts";

/** The commands to run. */
export interface NotifyCommandSettings {
  /** Each a program and its arguments. */
  readonly commands: readonly (readonly string[])[];
}

type Environment = Readonly<Record<string, string>>;

/** Opens the channel. */
export function openNotifyCommand(
  { commands }: NotifyCommandSettings,
  { env }: Pick<ChannelContext, "env">,
  { timeoutMs = 30_000, now = Date.now }: { readonly timeoutMs?: number; readonly now?: () => number } = {},
): OpenChannel {
  return eventChannel({
    now,
    async send({ body }, abort): Promise<void> {
      for (const command of commands) await run(command, { env, input: `${body}\n`, timeoutMs, abort });
    },
  });
}

/** Checks that the programs exist, without starting them. */
export function examineNotifyCommand(
  { commands }: NotifyCommandSettings,
  { env }: { readonly env: Environment },
): Promise<readonly Finding[]> {
  const findings = commands.map(([name = ""]) => {
    const program = findProgram(name, env);
    if (program !== undefined) return ok(`Starts ${program}`);
    return problem(`Program not found: ${name}`, "Set SAMOCODE_NOTIFY_COMMAND to a name on PATH or an absolute path");
  });
  return Promise.resolve(findings);
}

/** Rejects relative paths, which would depend on the folder the listener was started from. */
function findProgram(name: string, env: Environment): string | undefined {
  const path = expandHome(name, homeFolder(env));
  return /^\.{0,2}[^\\/]+[\\/]/.test(path) && !/^[A-Za-z]:/.test(path) ? undefined : programPath(path, { env }).program;
}

interface Running {
  readonly env: Environment;
  readonly input: string;
  readonly timeoutMs: number;
  readonly abort: AbortSignal;
}

/** Runs a command until it exits or times out, and ends its child processes. */
async function run([name = "", ...args]: readonly string[], { env, input, timeoutMs, abort }: Running): Promise<void> {
  const binary = findProgram(name, env);
  if (binary === undefined) throw failed(name, "program not found", FINAL);
  const folder = Deno.makeTempDirSync({ prefix: "samocode-notify-" });
  const [stdinPath, stdoutPath, stderrPath] = [join(folder, "in"), join(folder, "out"), join(folder, "err")];
  const marker = crypto.randomUUID();
  try {
    Deno.writeTextFileSync(stdinPath, input, { mode: 0o600 });
    const process = await spawnAgent({
      ...{ binary, args, stdinPath, stdoutPath, stderrPath },
      cwd: homeFolder(env),
      env: { ...env, [MARKER_VARIABLE]: marker },
    });
    const limit = AbortSignal.any([AbortSignal.timeout(timeoutMs), abort]);
    const isOver = await Promise.race([
      process.exited.then(() => false),
      new Promise<true>((resolve) => {
        limit.addEventListener("abort", () => resolve(true));
        if (limit.aborted) resolve(true);
      }),
    ]);
    const below = isOver ? await endGroup(process.pid, process.exited, { patience: PATIENCE }) : [];
    await sweep(marker, [...below, ...leftInGroup(process.pid)], PATIENCE);
    if (isOver) throw failed(name, abort.aborted ? "interrupted" : `still running after ${timeoutMs / 1000} s`);
    const { code, signal } = await process.exited;
    if (code === 0) return;
    const said = hideSecrets(readTail(stderrPath, 4096)).trim().split("\n").at(-1) ?? "";
    const how = signal === undefined ? `exit code ${code}` : `ended by ${signal}`;
    throw failed(name, said === "" ? how : `${how}: ${plainText(said, 200)}`);
  } catch (error) {
    if (error instanceof SpawnError) throw failed(name, plainText(hideSecrets(error.message), 200), FINAL);
    throw error;
  } finally {
    removeFolder(folder);
  }
}

/** Notify commands have nothing to save, so they end quickly. */
const PATIENCE = { interruptMs: 1000, terminateMs: 1000 };

const FINAL = { isFinal: true };

function failed(name: string, why: string, { isFinal } = { isFinal: false }): ChannelError {
  return new ChannelError(`Notify command ${name}: ${why}`, { retryAfterMs: isFinal ? undefined : 0 });
}
