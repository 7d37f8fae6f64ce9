/**
 * Both ways of reading /proc must say the same, also of processes that try to look like others.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { join } from "node:path";
import {
  BOOT_ID_PATH,
  type ProcFiles,
  procFilesDirectly,
  procFilesThroughChild,
  sourceFrom,
  splitStats,
} from "../../../src/system/processes/proc_processes.ts";
import type { ProcessEntry } from "../../../src/system/processes/process_source.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

const linux = Deno.build.os === "linux";
const READER = join(import.meta.dirname ?? ".", "proc_reader.ts");
const BUSYBOX = "/bin/busybox";
const hasBusybox = linux && exists(BUSYBOX);
const isRoot = linux && Deno.uid() === 0;

/** A value that nobody else knows, and processes that end with the test. */
class Crowd implements AsyncDisposable {
  readonly value = crypto.randomUUID();
  readonly #children: Deno.ChildProcess[] = [];

  /** Starts a shell that waits, under a name of its own, and resolves when it is what it was started to be. */
  async start(name: string, options: Pick<Deno.CommandOptions, "env" | "uid"> = {}): Promise<number> {
    const child = new Deno.Command("/bin/sh", {
      ...options,
      args: ["-c", 'printf %s "$0" > /proc/$$/comm; echo up; kill -STOP $$', name],
      // Another user may not enter the folder that the tests run in, nor the one for temporary files.
      cwd: "/",
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#children.push(child);
    const reader = child.stdout.getReader();
    await reader.read();
    reader.releaseLock();
    return child.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      child.kill("SIGKILL");
      await child.stdout.cancel();
      await child.status;
    }
  }
}

const ODD_NAMES = ["a) R 1 (", "x ) Z 0", ") (", "line\nZ 1", "(((", "1 (y) S 1 1\n2 ("];

/** Processes with odd names; of every other one the environment holds the value, of the others something like it. */
async function oddCrowd(
  crowd: Crowd,
): Promise<{ readonly pids: readonly number[]; readonly marked: readonly number[] }> {
  const { value } = crowd;
  const lures = [`\nMARK=${value}`, `a\nMARK=${value}\n`, `\n==> ${Deno.pid}/environ <==\nMARK=${value}`];
  const pids: number[] = [];
  for (const [index, name] of ODD_NAMES.entries()) {
    const lure = lures[index % lures.length] ?? "";
    const env: Record<string, string> = index % 2 === 0 ? { AHEAD: lure, MARK: value, NEXT: "b\nc" } : { OTHER: lure };
    pids.push(await crowd.start(name, { env }));
  }
  return { pids, marked: pids.filter((_, index) => index % 2 === 0) };
}

interface Failure {
  readonly name: string;
  readonly message: string;
}

interface Reading {
  readonly mayReadProc: boolean;
  readonly table: readonly ProcessEntry[] | Failure;
  readonly carriers: readonly number[] | Failure;
  readonly ones: readonly unknown[];
}

/** What was read; a failure is none. */
function read<T>(part: readonly T[] | Failure): readonly T[] {
  return "name" in part ? assert.fail(part.message) : part;
}

/** Reads with another program that has fewer rights, or another PATH. */
function readBy(args: readonly string[], { flags = [], path }: {
  readonly flags?: readonly string[];
  readonly path?: string;
}): Reading {
  const { stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--no-lock", "-A", ...flags, READER, ...args],
    env: path === undefined ? {} : { PATH: path },
    stdin: "null",
  }).outputSync();
  assert.equal(new TextDecoder().decode(stderr), "");
  return JSON.parse(new TextDecoder().decode(stdout));
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

const sorted = (pids: readonly number[]): readonly number[] => [...pids].sort((a, b) => a - b);

/** What was there before and after must be in a table that was read in between, and look the same. */
function assertHolds(
  table: readonly ProcessEntry[],
  { before, after }: { readonly before: readonly ProcessEntry[]; readonly after: readonly ProcessEntry[] },
): void {
  // Meanwhile a process may have found another group, or another parent. The kernel renames its own, whose parent is 2.
  const lasting = before.filter((entry) =>
    entry.parent !== 2 && after.some((later) => isDeepStrictEqual(entry, later))
  );
  const pids = new Set(lasting.map(({ pid }) => pid));
  const byPid = (entries: readonly ProcessEntry[]) => [...entries].sort((a, b) => a.pid - b.pid);
  assert.ok(lasting.length > 1);
  assert.deepEqual(byPid(table.filter(({ pid }) => pids.has(pid))), byPid(lasting));
}

function linuxTest(name: string, fn: () => Promise<void> | void): void {
  Deno.test({ name, ignore: !linux, fn });
}

linuxTest("procFilesThroughChild reads the same as procFilesDirectly", async () => {
  await using crowd = new Crowd();
  const { pids, marked } = await oddCrowd(crowd);
  const direct = sourceFrom(procFilesDirectly);
  const child = sourceFrom(procFilesThroughChild);
  const before = direct.table();
  const table = child.table();
  assertHolds(table, { before, after: direct.table() });
  for (const pid of [...pids, Deno.pid, 1]) {
    const found = child.one(pid);
    assert.ok(found !== undefined);
    assert.deepEqual(found, direct.one(pid));
    assert.deepEqual(table.find((entry) => entry.pid === pid), found);
  }
  const gone = 2 ** 22 + 1;
  for (const { read } of [procFilesThroughChild, procFilesDirectly]) {
    assert.equal(read(`/proc/${gone}/stat`), undefined);
  }
  assert.deepEqual([child.one(gone), direct.one(gone)], [undefined, undefined]);
  const boot = Deno.readTextFileSync(BOOT_ID_PATH).trim();
  assert.deepEqual(table.filter(({ startId }) => !startId.startsWith(`${boot}/`)), []);
  const seen = [...before.filter(({ pid }) => pids.includes(pid)), { pid: gone, parent: 1, startId: "none" }];
  assert.deepEqual([child.alive(seen), direct.alive(seen)], [seen.slice(0, -1), seen.slice(0, -1)]);
  const assignment = `MARK=${crowd.value}`;
  for (const source of [direct, child]) {
    assert.deepEqual(sorted(source.withVariable(assignment, new Set())), sorted(marked));
    assert.deepEqual(sorted(source.withVariable(assignment, new Set(marked.slice(1)))), marked.slice(0, 1));
    assert.deepEqual(source.withVariable(`MARK=${crypto.randomUUID()}`, new Set()), []);
    assert.deepEqual(source.withVariable(assignment.slice(0, -1), new Set()), []);
  }
});

linuxTest("procSource reads the same with restricted permissions, and never reads an empty table", async () => {
  await using crowd = new Crowd();
  const { pids, marked } = await oddCrowd(crowd);
  const direct = sourceFrom(procFilesDirectly);
  const before = direct.table();
  const args = [`MARK=${crowd.value}`, ...pids.map(String), String(Deno.pid)];
  const narrowed = readBy(["own", ...args], { flags: ["--deny-ffi"] });
  assertHolds(read(narrowed.table), { before, after: direct.table() });
  assert.deepEqual(sorted(read(narrowed.carriers)), sorted(marked));
  assert.deepEqual(narrowed.ones, [...pids, Deno.pid].map((pid) => direct.one(pid)));
  // Not to be allowed is told, not taken for an empty machine.
  const barred = readBy(["direct", ...args], { flags: ["--deny-ffi"] });
  const errors = [barred.table, barred.carriers, ...barred.ones].map((part) =>
    Object(part).message === undefined ? undefined : Object(part).name
  );
  assert.deepEqual(errors, errors.map(() => narrowed.mayReadProc ? undefined : "NotCapable"));
});

Deno.test({
  name: hasBusybox
    ? "procFilesThroughChild is content with busybox"
    : "procFilesThroughChild is content with busybox (skipped: no /bin/busybox here)",
  ignore: !hasBusybox,
  fn: async () => {
    await using crowd = new Crowd();
    using folder = new TempFolder();
    const { pids, marked } = await oddCrowd(crowd);
    for (const applet of ["sh", "cat"]) {
      folder.folder("applets");
      Deno.symlinkSync(BUSYBOX, folder.at("applets", applet));
    }
    const direct = sourceFrom(procFilesDirectly);
    const before = direct.table();
    const args = ["child", `MARK=${crowd.value}`, ...pids.map(String), "4194305"];
    const reading = readBy(args, { path: folder.at("applets") });
    assertHolds(read(reading.table), { before, after: direct.table() });
    assert.deepEqual(sorted(read(reading.carriers)), sorted(marked));
    assert.deepEqual(reading.ones, [...pids.map((pid) => direct.one(pid)), "gone"]);
  },
});

linuxTest(
  "procFilesThroughChild throws if the shell is missing or prints nothing, instead of reading an empty table",
  () => {
    using folder = new TempFolder();
    folder.folder("empty");
    folder.folder("mute");
    Deno.symlinkSync("/bin/true", folder.at("mute", "sh"));
    for (const name of ["empty", "mute"]) {
      const { table, carriers } = readBy(["child", "A=b"], { path: folder.at(name) });
      for (const part of [table, carriers]) {
        assert.equal(Object(part).name, "SamocodeError", name);
        assert.match(Object(part).message, /^Cannot read the list of processes: /);
      }
    }
  },
);

Deno.test({
  name: isRoot
    ? "procFiles reads another user's process, its environment as far as the system lets it"
    : "procFiles reads another user's process, its environment as far as the system lets it (skipped: not root)",
  ignore: !isRoot,
  fn: async () => {
    await using crowd = new Crowd();
    const pid = await crowd.start("foreign", { uid: 65534, env: { MARK: crowd.value } });
    const told = (files: ProcFiles) => [
      sourceFrom(files).one(pid),
      sourceFrom(files).withVariable(`MARK=${crowd.value}`, new Set()),
    ];
    const [entry] = told(procFilesDirectly);
    assert.ok(entry !== undefined);
    assert.deepEqual(told(procFilesThroughChild), told(procFilesDirectly));
  },
});

Deno.test("both ways of reading /proc tell a process's streams, and none of a process that is not there", () => {
  const [direct, through] = [procFilesDirectly, procFilesThroughChild].map((files) => sourceFrom(files).streams);
  assert.match(direct?.(Deno.pid) ?? "", /^\S+ \S+$/);
  assert.equal(through?.(Deno.pid), direct?.(Deno.pid));
  for (const streams of [direct, through]) assert.equal(streams?.(2 ** 22 + 1), undefined);
});

Deno.test("splitStats() splits files with any process names", () => {
  const numbers = Array.from({ length: 49 }, (_, index) => index - 1).join(" ");
  const names = [
    ...ODD_NAMES,
    "",
    "x".repeat(63),
    "\ufffd)\ufffd",
    "9 (a) S 1 2 3",
    "kworker/0:0H-events_highpri",
    "\n\n",
  ];
  const stats = names.map((name, index) => `${index + 1} (${name}) S ${numbers}\n`);
  assert.deepEqual(splitStats(stats.join("")), stats);
  assert.deepEqual(splitStats(""), []);
});
