/**
 * Installs the files of a folder in a process of its own, for tests with concurrent and with killed processes. It waits
 * for a byte on stdin first.
 *
 * @module
 */
import { installFiles } from "../../../src/project/install/install_files.ts";
import type { Place } from "../../../src/project/install/place.ts";
import { shippedFiles } from "../../../src/prompt/shipped_files.ts";

/** What to do. */
export interface InstallTask {
  readonly place: Place;
  /** The folder of the files; if absent, everything is removed. */
  readonly shipped?: string;
  /** The change to the disk, counted from 1, before which the process is killed; if absent, it is not. */
  readonly dieBefore?: number;
}

/** Starts the process; resolves once it has loaded everything. */
export async function startInstall(task: InstallTask): Promise<Deno.ChildProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", import.meta.filename ?? "", JSON.stringify(task)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  reader.releaseLock();
  return child;
}

/** Sends the byte. */
export async function begin(child: Deno.ChildProcess): Promise<void> {
  const writer = child.stdin.getWriter();
  await writer.write(new Uint8Array(1));
  await writer.close();
}

function main({ place, shipped, dieBefore }: InstallTask): void {
  Deno.stdout.writeSync(new TextEncoder().encode("ready\n"));
  Deno.stdin.readSync(new Uint8Array(1));
  const files = shipped === undefined ? [] : place.parts.flatMap((part) => shippedFiles(shipped, part));
  if (dieBefore !== undefined) arrangeDeath(dieBefore);
  installFiles(place, { files, force: false, now: new Date() });
}

/** The process kills itself as `kill -9` does, without cleanup. */
function arrangeDeath(dieBefore: number): void {
  const { mkdirSync, openSync, removeSync, renameSync } = Deno;
  let changes = 0;
  const count = (): void => {
    if (++changes === dieBefore) Deno.kill(Deno.pid, "SIGKILL");
  };
  Object.assign(Deno, {
    mkdirSync: (...args: Parameters<typeof mkdirSync>) => (count(), mkdirSync(...args)),
    openSync: (...args: Parameters<typeof openSync>) => (count(), openSync(...args)),
    removeSync: (...args: Parameters<typeof removeSync>) => (count(), removeSync(...args)),
    renameSync: (...args: Parameters<typeof renameSync>) => (count(), renameSync(...args)),
  });
}

if (import.meta.main) main(JSON.parse(Deno.args[0] ?? ""));
