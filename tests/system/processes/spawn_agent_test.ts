import assert from "node:assert/strict";
import { type AgentCommand, type AgentProcess, spawnAgent } from "../../../src/system/processes/spawn_agent.ts";
import { SpawnError } from "../../../src/system/processes/spawn_child.ts";
import { removeIfExists } from "../../../src/system/files/files.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

const unix = Deno.build.os !== "windows";

/** Starts a program in a folder of its own, waits for its end, and reads what it left. */
async function runIn(folder: TempFolder, changes: Partial<AgentCommand>): Promise<Readonly<Record<string, unknown>>> {
  const { exited } = await start(folder, changes);
  const exit = await exited;
  return { exit, stdout: read(folder, "out"), stderr: read(folder, "err") };
}

function start(folder: TempFolder, changes: Partial<AgentCommand>): Promise<AgentProcess> {
  for (const name of ["out", "err"]) removeIfExists(folder.at(name));
  return spawnAgent({
    binary: "sh",
    args: [],
    cwd: folder.path,
    env: { PATH: Deno.env.get("PATH") ?? "" },
    stdoutPath: folder.at("out"),
    stderrPath: folder.at("err"),
    ...changes,
  });
}

function read(folder: TempFolder, name: string): string {
  return Deno.readTextFileSync(folder.at(name));
}

async function refusal(folder: TempFolder, changes: Partial<AgentCommand>): Promise<readonly [boolean, string]> {
  const error = await start(folder, changes).then(() => assert.fail("it was started"), (thrown: unknown) => thrown);
  if (!(error instanceof SpawnError)) throw error;
  return [error.notFound, error.message];
}

function unixTest(name: string, run: (folder: TempFolder) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !unix,
    fn: async () => {
      using folder = new TempFolder();
      await run(folder);
    },
  });
}

const OK = { code: 0, signal: undefined };

unixTest("spawnAgent() writes the output to the files and returns the exit code", async (folder) => {
  assert.deepEqual(await runIn(folder, { args: ["-c", "echo out; echo err >&2; exit 7"] }), {
    exit: { code: 7, signal: undefined },
    stdout: "out\n",
    stderr: "err\n",
  });
});

unixTest("spawnAgent() creates files that only their owner can read, and refuses existing ones", async (folder) => {
  await runIn(folder, { args: ["-c", "echo new"] });
  assert.equal((Deno.statSync(folder.at("err")).mode ?? 0) & 0o777, 0o600);
  // An agent can guess the name of the next log and plant a link to a file elsewhere.
  const elsewhere = folder.file("elsewhere", "untouched");
  Deno.symlinkSync(elsewhere, folder.at("planted"));
  const [notFound, message] = await refusal(folder, { stdoutPath: folder.at("planted") });
  assert.equal(notFound, false);
  assert.match(message, /exists/);
  assert.equal(Deno.readTextFileSync(elsewhere), "untouched");
});

unixTest("spawnAgent() gives a program an empty stdin", async (folder) => {
  assert.deepEqual(await runIn(folder, { args: ["-c", "cat; echo read to the end"] }), {
    exit: OK,
    stdout: "read to the end\n",
    stderr: "",
  });
});

unixTest("spawnAgent() gives a program a file as stdin, and reports a missing one", async (folder) => {
  const stdinPath = folder.file("in", "x".repeat(200_000));
  const { exit, stdout } = await runIn(folder, { args: ["-c", "wc -c"], stdinPath });
  assert.deepEqual([exit, Number(stdout)], [OK, 200_000]);
  const [notFound, message] = await refusal(folder, { stdinPath: folder.at("missing") });
  assert.equal(notFound, false);
  assert.match(message, /missing/);
});

unixTest("spawnAgent() passes on exactly the given environment", async (folder) => {
  const env = { A: "1", B: "two words\nand 'lines' $A", PATH: "/usr/bin:/bin" };
  const { stdout } = await runIn(folder, { binary: "env", env });
  assert.equal(stdout, "A=1\nB=two words\nand 'lines' $A\nPATH=/usr/bin:/bin\n");
});

unixTest("spawnAgent() passes on arguments unchanged, even long and unusual ones", async (folder) => {
  const args = [
    "",
    " a  b ",
    `'"\`$HOME\\`,
    "line\nline\n",
    "*",
    "-n",
    "ä€😀",
    "x".repeat(120_000),
    "y".repeat(80_000),
  ];
  const { stdout } = await runIn(folder, {
    args: ["-c", 'for each; do printf "%s\\037" "$each"; done', "sh", ...args],
  });
  assert.deepEqual(String(stdout).split("\x1f").slice(0, -1), args);
});

unixTest("spawnAgent() runs the program in the working directory", async (folder) => {
  assert.equal(
    (await runIn(folder, { args: ["-c", "pwd"], cwd: folder.folder("a b") }))["stdout"],
    `${folder.at("a b")}\n`,
  );
});

Deno.test({
  name: "spawnAgent() makes the program the leader of its own group and session",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    using folder = new TempFolder();
    const { pid, exited } = await start(folder, { args: ["-c", 'cut -d" " -f1,5,6 /proc/$$/stat'] });
    await exited;
    assert.equal(read(folder, "out"), `${pid} ${pid} ${pid}\n`);
  },
});

unixTest("spawnAgent() reports the signal that ended a program, on every version of Deno", async (folder) => {
  for (const signal of ["TERM", "KILL", "INT", "SEGV"]) {
    const { exited } = await start(folder, { args: ["-c", `kill -${signal} $$`] });
    assert.deepEqual(await exited, { code: undefined, signal: `SIG${signal}` });
  }
  const { exited } = await start(folder, { args: ["-c", "exit 143"] });
  assert.deepEqual(await exited, { code: undefined, signal: "SIGTERM" });
  assert.deepEqual(await (await start(folder, { args: ["-c", "exit 255"] })).exited, { code: 255, signal: undefined });
});

unixTest("spawnAgent() notices the exit even if a child still holds the output", async (folder) => {
  const { exited } = await start(folder, { args: ["-c", "sleep 300 & echo $!"] });
  assert.deepEqual(await exited, OK);
  Deno.kill(Number(read(folder, "out")), "SIGKILL");
});

unixTest("spawnAgent() reports what cannot be started, and whether the program is missing", async (folder) => {
  const plain = folder.file("plain", "hello");
  const missing = folder.at("missing");
  assert.equal((await refusal(folder, { binary: missing }))[0], true);
  assert.equal((await refusal(folder, { binary: "no-such-program-here" }))[0], true);
  for (const binary of [plain, folder.path]) {
    const [notFound, message] = await refusal(folder, { binary });
    assert.equal(notFound, false);
    assert.ok(message.startsWith(`Cannot start ${binary}: `), message);
  }
  assert.deepEqual(await refusal(folder, { cwd: missing }), [
    false,
    `Cannot start sh: no such working directory ${missing}`,
  ]);
  assert.deepEqual(await refusal(folder, { cwd: plain }), [
    false,
    `Cannot start sh: no such working directory ${plain}`,
  ]);
  assert.equal((await refusal(folder, { args: ["a\0b"] }))[0], false);
  assert.equal((await refusal(folder, { args: ["x".repeat(5_000_000)] }))[0], false);
  assert.equal((await refusal(folder, { stdoutPath: folder.at("gone", "out") }))[0], false);
  assert.equal((await refusal(folder, { stderrPath: folder.at("gone", "err") }))[0], false);
});
