import assert from "node:assert/strict";
import { join } from "node:path";
import { killTree } from "../../../src/system/processes/end_processes.ts";
import {
  descendantsOf,
  isAlive,
  processesWithVariable,
  readProcess,
  readProcessTable,
  stillAlive,
} from "../../../src/system/processes/process_table.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

const unix = Deno.build.os !== "windows";
const linux = Deno.build.os === "linux";

/** Children that end with the test. */
class Children implements AsyncDisposable {
  readonly #children: Deno.ChildProcess[] = [];

  start(binary: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Deno.ChildProcess {
    const child = new Deno.Command(binary, { args: [...args], env, stdin: "null", stdout: "piped", stderr: "null" })
      .spawn();
    this.#children.push(child);
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      killTree(child.pid);
      await child.stdout.cancel();
      await child.status;
    }
  }
}

/** Waits for a child's first words: then it is what it was started to be. */
async function firstWords(child: Deno.ChildProcess): Promise<string> {
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return new TextDecoder().decode(value);
}

Deno.test({
  name: "readProcessTable() knows this process and its parent",
  ignore: !unix,
  fn: () => {
    const self = readProcessTable().find(({ pid }) => pid === Deno.pid) ?? assert.fail("it is not there");
    assert.equal(self.parent, Deno.ppid);
    assert.deepEqual(readProcess(Deno.pid), self);
    assert.equal(isAlive(self), true);
  },
});

Deno.test({
  name: "readProcess() reads a process whose name contains brackets, spaces, newlines or invalid text",
  ignore: !linux,
  fn: async () => {
    using folder = new TempFolder();
    const names = ["a) S 1 1 (b", "x ) Z 0", ") (", "line\nZ 1", "(((", "%41"];
    await using children = new Children();
    for (const name of names) {
      const path = join(folder.path, name);
      Deno.symlinkSync("/bin/sh", path);
      const child = children.start(path, ["-c", "sleep 300 & echo up; wait"]);
      await firstWords(child);
      assert.equal(Deno.readTextFileSync(`/proc/${child.pid}/comm`), `${name}\n`);
      assert.equal(readProcess(child.pid)?.parent, Deno.pid, name);
    }
    // Bytes that are no text, as a program may call itself.
    const child = children.start("sh", [
      "-c",
      "printf '\\377)\\376 Z' >/proc/$$/comm; echo up; kill -STOP $$",
    ]);
    await firstWords(child);
    assert.equal(readProcess(child.pid)?.parent, Deno.pid);
  },
});

Deno.test({
  name: "isAlive() is false for a zombie and for a reused id",
  ignore: !linux,
  fn: async () => {
    await using children = new Children();
    // The parent never asks for its child's end.
    const parent = children.start("sh", ["-c", "sh -c 'echo $$; exec sleep 0.01' & exec sleep 300"]);
    const zombie = Number(await firstWords(parent));
    while (!/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${zombie}/status`))) {
      await new Promise((wake) => setTimeout(wake, 5));
    }
    assert.equal(readProcess(zombie), undefined);
    assert.equal(readProcessTable().some(({ pid }) => pid === zombie), false);
    const self = readProcess(Deno.pid) ?? assert.fail("it is not there");
    assert.equal(isAlive({ ...self, startId: `${self.startId}0` }), false);
  },
});

Deno.test({
  name: "readProcessTable() reads the same from ps and /proc",
  ignore: !linux,
  fn: async () => {
    await using children = new Children();
    const parent = children.start("sh", ["-c", "sleep 300 & sleep 300 & echo up; wait"]);
    await firstWords(parent);
    const family = (os: string): readonly unknown[] =>
      descendantsOf([Deno.pid], readProcessTable(os)).filter(({ pid, parent: above }) =>
        pid === parent.pid || above === parent.pid
      ).map(({ pid, parent: above }) => [pid, above]).sort();
    const fromProc = family("linux");
    assert.equal(fromProc.length, 3);
    assert.deepEqual(family("darwin"), fromProc);
    const again = readProcess(parent.pid, "darwin");
    assert.equal(again?.startId, readProcess(parent.pid, "darwin")?.startId);
    // To take everybody for dead where the system cannot be asked would leave processes behind.
    assert.throws(() => readProcessTable("windows"), { name: "SamocodeError", code: "system" });
  },
});

Deno.test({
  name: "stillAlive() keeps only the same processes",
  ignore: !linux,
  fn: async () => {
    await using children = new Children();
    const child = children.start("sleep", ["300"]);
    const seen = readProcess(child.pid) ?? assert.fail("it is not there");
    assert.deepEqual(stillAlive([seen, { ...seen, startId: "another time" }]), [seen]);
    assert.deepEqual(stillAlive([]), []);
    child.kill("SIGKILL");
    await child.status;
    assert.deepEqual(stillAlive([seen]), []);
  },
});

Deno.test("descendantsOf() finds all descendants, nearest first, even in a circle", () => {
  const entry = (pid: number, parent: number) => ({ pid, parent, startId: `${pid}` });
  const table = [entry(5, 3), entry(2, 1), entry(3, 2), entry(4, 2), entry(9, 8), entry(8, 9), entry(1, 5)];
  const ids = (pids: readonly number[]): readonly number[] => descendantsOf(pids, table).map(({ pid }) => pid);
  assert.deepEqual(ids([2]), [3, 4, 5, 1]);
  assert.deepEqual(ids([9]), [8]);
  assert.deepEqual(ids([2, 3]), [4, 5, 1]);
  assert.deepEqual(ids([77]), []);
});

Deno.test({
  name: "processesWithVariable() compares the whole variable",
  ignore: !linux,
  fn: async () => {
    await using children = new Children();
    const value = crypto.randomUUID();
    const marked = children.start("sleep", ["300"], { MARK: value });
    children.start("sleep", ["300"], { MARK: `${value}1`, XMARK: value, OTHER: `MARK=${value}` });
    assert.deepEqual(processesWithVariable(`MARK=${value}`), [readProcess(marked.pid)]);
    assert.deepEqual(processesWithVariable(`MARK=${value}`, { since: readProcessTable() }), []);
    assert.deepEqual(processesWithVariable(`MARK=${crypto.randomUUID()}`), []);
  },
});

Deno.test({
  name: "processesWithVariable() reads an environment that is not text",
  ignore: !linux,
  fn: async () => {
    await using children = new Children();
    const value = crypto.randomUUID();
    const child = children.start("sh", [
      "-c",
      `NOISE="$(printf '\\377\\376')" MARK=${value} exec sh -c 'echo up; kill -STOP $$'`,
    ]);
    await firstWords(child);
    assert.deepEqual(processesWithVariable(`MARK=${value}`).map(({ pid }) => pid), [child.pid]);
  },
});
