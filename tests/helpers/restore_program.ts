/**
 * A small program that makes a checkpoint and puts another one back, to be killed by a test.
 *
 * @module
 */
import { makeCheckpoint } from "../../src/session/checkpoint.ts";
import { putBack } from "../../src/session/put_back.ts";
import type { CheckpointSubject } from "../../src/session/scratch_index.ts";

/** What it works on. */
export interface RestoreTask {
  readonly subject: CheckpointSubject;
  readonly commit: string;
}

/** Starts the program with `path` before the PATH. */
export function startRestore(
  task: RestoreTask,
  path: string,
  env: Readonly<Record<string, string>>,
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", "--no-check", import.meta.filename ?? "", JSON.stringify(task)],
    env: { ...env, PATH: `${path}:${Deno.env.get("PATH")}` },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

if (import.meta.main) {
  const { subject, commit }: RestoreTask = JSON.parse(Deno.args[0] ?? "");
  const made = await makeCheckpoint(subject, { title: "before", known: undefined });
  await putBack(subject, { commit, kept: made !== undefined && "tree" in made ? made.tree : undefined });
}
