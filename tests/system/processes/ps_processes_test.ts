/**
 * The texts are written after the manual of macOS's ps(1), not recorded: no Mac was at hand.
 *
 * @module
 */
import assert from "node:assert/strict";
import { presentIn } from "../../../src/system/processes/process_source.ts";
import { readCarriers, readPs } from "../../../src/system/processes/ps_processes.ts";

const MACOS = `    1     0     1 Ss   Mon Nov 16 06:01:44 2026
  412     1   412 S+   Fri Nov 20 08:11:02 2026
  998   412   412 Z    Fri Nov 20 08:11:03 2026
99998   412 99998 U<s  Fri Nov  6 23:59:59 2026
`;

Deno.test("readPs() reads pid, parent, group and start of all but zombies", () => {
  assert.deepEqual(readPs(MACOS), [
    { pid: 1, parent: 0, group: 1, startId: "Mon Nov 16 06:01:44 2026" },
    { pid: 412, parent: 1, group: 412, startId: "Fri Nov 20 08:11:02 2026" },
    { pid: 99998, parent: 412, group: 99998, startId: "Fri Nov 6 23:59:59 2026" },
  ]);
  assert.deepEqual(["", "\n", "ps: illegal option\n", "  PID  PPID  PGID STAT STARTED\n"].map(readPs), [
    [],
    [],
    [],
    [],
  ]);
});

Deno.test("readCarriers() finds processes with a variable as a whole word", () => {
  const text = [
    "  412 /bin/zsh -l HOME=/Users/a M=1 TERM=xterm",
    " 5000 node server.js M=12 XM=1",
    "99998 claude -p M=1",
    "M=1",
    "",
  ].join("\n");
  assert.deepEqual(readCarriers(text, "M=1"), [412, 99998]);
  assert.deepEqual(readCarriers("", "M=1"), []);
});

Deno.test("presentIn() keeps processes with the same id and start", () => {
  const table = readPs(MACOS);
  const [first, second] = table;
  assert.ok(first !== undefined && second !== undefined);
  const seen = [second, { ...first, startId: "Mon Nov 16 06:01:45 2026" }, { pid: 77, parent: 1, startId: "x" }];
  assert.deepEqual(presentIn(table, seen), [second]);
});
