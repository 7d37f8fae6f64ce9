import assert from "node:assert/strict";
import { endTreeByForce } from "../../../src/system/processes/end_processes.ts";
import { windowsTool } from "../../../src/system/processes/windows_tool.ts";

Deno.test("windowsTool() takes the folder of Windows from the system, and no other kind of path", () => {
  assert.equal(windowsTool("taskkill", "D:\\WINNT"), "D:\\WINNT\\System32\\taskkill.exe");
  assert.equal(
    windowsTool("powershell", "C:\\WINDOWS"),
    "C:\\WINDOWS\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
  );
  for (const root of ["", ".", "Windows", "\\\\server\\share", "/tmp"]) {
    assert.equal(windowsTool("taskkill", root), "C:\\Windows\\System32\\taskkill.exe", root);
  }
});

Deno.test("endTreeByForce() ends the tree, and the process itself also where that fails", () => {
  const calls: unknown[] = [];
  const kill = (pid: number) => void calls.push(["kill", pid]);
  endTreeByForce(412, { run: (binary, args) => void calls.push([binary.split("\\").at(-1), args]), kill });
  assert.deepEqual(calls, [["taskkill.exe", ["/PID", "412", "/T", "/F"]], ["kill", 412]]);
  const run = () => {
    throw new Error("no right to start programs");
  };
  assert.throws(() => endTreeByForce(413, { run, kill }), /no right/);
  assert.deepEqual(calls.at(-1), ["kill", 413]);
});

Deno.test({
  name: "endTreeByForce() ends a process where there is no taskkill, and is content with one that is gone",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const child = new Deno.Command("sleep", { args: ["300"], stdin: "null" }).spawn();
    endTreeByForce(child.pid);
    try {
      // Ends the test where the first signal did not come.
      child.kill("SIGTERM");
    } catch {
      // Gone already.
    }
    assert.equal((await child.status).signal, "SIGKILL");
    endTreeByForce(child.pid);
  },
});
