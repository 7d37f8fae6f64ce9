import assert from "node:assert/strict";
import { runCommand } from "../../../src/system/processes/run_command.ts";
import { FileWatch } from "../../../src/system/files/file_watch.ts";
import { isGone } from "../../helpers/agent_stage.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

function unixTest(name: string, run: (folder: TempFolder) => Promise<void>): void {
  Deno.test({
    name,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      using folder = new TempFolder();
      await run(folder);
    },
  });
}

unixTest("runCommand() returns the output and the exit code", async (folder) => {
  const script = "echo out; printf 'ä\\377' >&2; exit 3";
  assert.deepEqual(await runCommand("sh", ["-c", script], { cwd: folder.path }), {
    code: 3,
    stdout: "out\n",
    stderr: "ä\ufffd",
  });
});

unixTest("runCommand() reads large outputs of both streams at once", async (folder) => {
  const script = "yes 012345678 | head -c 3000000 >&2; yes 012345678 | head -c 3000000";
  const { code, stdout, stderr } = await runCommand("sh", ["-c", script], { cwd: folder.path });
  assert.deepEqual([code, stdout.length, stderr.length], [0, 3_000_000, 3_000_000]);
  assert.equal(stdout, stderr);
});

unixTest(
  "runCommand() runs in the folder, with the variables added, arguments as they are and no input",
  async (folder) => {
    const script = 'pwd; echo "$EXTRA"; test -n "$PATH" && echo "$1"; cat';
    const { stdout } = await runCommand("sh", ["-c", script, "sh", "a 'b' $C"], {
      cwd: folder.path,
      env: { EXTRA: "x y" },
    });
    assert.equal(stdout, `${folder.path}\nx y\na 'b' $C\n`);
  },
);

unixTest("runCommand() ends a program that takes too long, and keeps its output", async (folder) => {
  const script = "trap '' TERM INT; echo begun; while :; do sleep 300; done";
  const result = await runCommand("sh", ["-c", script], { cwd: folder.path, timeoutMs: 500 });
  assert.deepEqual(result, { code: 124, stdout: "begun\n", stderr: "" });
});

unixTest("runCommand() also ends the children of a program that takes too long", async (folder) => {
  const script = "sleep 300 & echo $!; wait";
  const { code, stdout } = await runCommand("sh", ["-c", script], { cwd: folder.path, timeoutMs: 500 });
  assert.equal(code, 124);
  assert.equal(await isGone(Number(stdout)), true);
});

unixTest("runCommand() does not wait for an escaped process that holds the output", async (folder) => {
  const script = "(sleep 300 & echo $!); sleep 300; :";
  const { code, stdout } = await runCommand("sh", ["-c", script], { cwd: folder.path, timeoutMs: 500 });
  assert.equal(code, 124);
  Deno.kill(Number(stdout), "SIGKILL");
});

unixTest("runCommand() throws if there is no such program", async (folder) => {
  await assert.rejects(runCommand("no-such-program-here", [], { cwd: folder.path }), Deno.errors.NotFound);
});

unixTest(
  "runCommand() kills the program and what it started when it is aborted, also before it began",
  async (folder) => {
    const abort = new AbortController();
    const running = runCommand("sh", ["-c", "sleep 600 & echo $! >pid; wait"], {
      cwd: folder.path,
      abort: abort.signal,
    });
    using watch = new FileWatch(folder.path);
    while (!folder.names().includes("pid")) await watch.changed(1_000);
    abort.abort();
    assert.equal((await running).code, 124);
    await isGone(Number(Deno.readTextFileSync(folder.at("pid"))));
    const late = await runCommand("sleep", ["600"], { cwd: folder.path, abort: AbortSignal.abort() });
    assert.equal(late.code, 124);
  },
);
