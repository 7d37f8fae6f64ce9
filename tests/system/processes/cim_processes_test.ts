/**
 * The texts are written after the documentation of Win32_Process, not recorded: no Windows was at hand.
 *
 * @module
 */
import assert from "node:assert/strict";
import { cimScript, readCim, textOf, windowsTool } from "../../../src/system/processes/cim_processes.ts";
import { descendantsOf } from "../../../src/system/processes/process_table.ts";

const TABLE = [
  "4 0 134082500000000000",
  "1200 900 134082501000000000",
  "5544 1200 134082501500000000",
  // Its parent 5544 ended; that id was given to a younger one.
  "3300 5544 134082501400000000",
  "7000 5544 134082501500000000",
].join("\r\n") + "\r\n";

Deno.test("readCim() reads pid, parent and creation, and no parent that is younger than its child", () => {
  assert.deepEqual(readCim(TABLE), [
    { pid: 4, parent: 0, startId: "134082500000000000" },
    { pid: 1200, parent: 900, startId: "134082501000000000" },
    { pid: 5544, parent: 1200, startId: "134082501500000000" },
    { pid: 3300, parent: 0, startId: "134082501400000000" },
    { pid: 7000, parent: 5544, startId: "134082501500000000" },
  ]);
  assert.deepEqual(descendantsOf([1200], readCim(TABLE)).map(({ pid }) => pid), [5544, 7000]);
});

Deno.test("readCim() reads nothing from an error message", () => {
  assert.deepEqual(
    ["", "\r\n", "Get-CimInstance : Access denied 0x80041003\r\n", "1 2\r\n", "-1 2 3\r\n"].map(readCim),
    [
      [],
      [],
      [],
      [],
      [],
    ],
  );
});

Deno.test("textOf() throws if PowerShell failed", () => {
  const [stdout, stderr] = ["4 0 1\r\n", "Access denied\r\n"].map((text) =>
    Uint8Array.from(new TextEncoder().encode(text))
  );
  assert.ok(stdout !== undefined && stderr !== undefined);
  assert.equal(textOf({ success: true, stdout, stderr }), "4 0 1\r\n");
  assert.throws(() => textOf({ success: false, stdout, stderr }), /^Error: Access denied$/);
  assert.throws(() => textOf({ success: false, stdout, stderr: new Uint8Array() }), /PowerShell failed/);
});

Deno.test("cimScript() asks for all processes, or for one by a number and nothing else", () => {
  assert.match(cimScript(), /-ClassName Win32_Process -Property/);
  assert.match(cimScript(412), /-ClassName Win32_Process -Filter 'ProcessId=412' -Property/);
  assert.match(cimScript(Number("1'; rm")), /'ProcessId=NaN'/);
});

Deno.test("windowsTool() uses SystemRoot only if it is an absolute path with a drive", () => {
  assert.equal(windowsTool("taskkill", "D:\\WINNT"), "D:\\WINNT\\System32\\taskkill.exe");
  assert.equal(
    windowsTool("powershell", "C:\\WINDOWS"),
    "C:\\WINDOWS\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
  );
  for (const root of ["", ".", "Windows", "\\\\server\\share", "/tmp"]) {
    assert.equal(windowsTool("taskkill", root), "C:\\Windows\\System32\\taskkill.exe", root);
  }
});
