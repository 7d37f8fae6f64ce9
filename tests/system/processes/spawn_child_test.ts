import assert from "node:assert/strict";
import {
  type DetachedCommand,
  type DetachedProcess,
  type Exit,
  notTakenForDeno,
  spawnDetached,
  SpawnError,
} from "../../../src/system/processes/spawn_child.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

function start(folder: TempFolder, changes: Partial<DetachedCommand>): Promise<DetachedProcess> {
  return spawnDetached({
    binary: "sh",
    args: [],
    cwd: folder.path,
    env: { PATH: Deno.env.get("PATH") ?? "" },
    logPath: folder.at("log"),
    ...changes,
  });
}

/** Waits for its end, which by itself keeps nobody alive. */
async function end({ exited }: DetachedProcess): Promise<Exit> {
  const stay = setInterval(() => {}, 60_000);
  try {
    return await exited;
  } finally {
    clearInterval(stay);
  }
}

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

unixTest("spawnDetached() keeps and returns stderr, and discards stdout", async (folder) => {
  folder.file("log", "before\n");
  const program = await start(folder, { args: ["-c", "echo out; echo err >&2; exit 7"] });
  assert.deepEqual(await end(program), { code: 7, signal: undefined });
  assert.equal(program.complaint(), "err\n");
  assert.equal(Deno.readTextFileSync(folder.at("log")), "before\nerr\n");
});

unixTest(
  "spawnDetached() begins a large log again, keeps it to its owner, and tells the end of a flood",
  async (folder) => {
    folder.file("log", "x".repeat(300_000));
    const program = await start(folder, { args: ["-c", "head -c 100000 /dev/zero | tr '\\0' y >&2; echo end >&2"] });
    await end(program);
    assert.equal(Deno.readTextFileSync(folder.at("log")), `${"y".repeat(100_000)}end\n`);
    assert.match(program.complaint(), /^y{8188}end\n$/);
    const fresh = await start(folder, { logPath: folder.at("new") });
    await end(fresh);
    assert.equal(fresh.complaint(), "");
    assert.equal((Deno.statSync(folder.at("new")).mode ?? 0) & 0o777, 0o600);
  },
);

unixTest(
  "spawnDetached() gives the program a session of its own, no input, its folder and exactly its environment",
  async (folder) => {
    const script =
      'cut -d" " -f1,5,6,7 /proc/$$/stat >&2; cat >&2; pwd >&2; env | grep -v "^PWD=\\|^SHLVL=\\|^_=\\|^OLDPWD=" >&2';
    const env = { A: "1 $HOME", PATH: "/usr/bin:/bin" };
    const program = await start(folder, { args: ["-c", script], env, cwd: folder.folder("a b") });
    await end(program);
    const { pid } = program;
    assert.equal(program.complaint(), `${pid} ${pid} ${pid} 0\n${folder.at("a b")}\nA=1 $HOME\nPATH=/usr/bin:/bin\n`);
  },
);

unixTest("spawnDetached() reports what cannot be started", async (folder) => {
  Deno.symlinkSync(folder.at("victim"), folder.at("link"));
  folder.pipe("pipe");
  for (
    const [changes, notFound, message] of [
      [{ binary: folder.at("gone") }, true, /^Cannot start .+gone: /],
      [{ cwd: folder.at("gone") }, false, /^Cannot start sh: no such working directory /],
      [{ logPath: folder.at("gone", "log") }, false, /^Cannot start sh: /],
      [{ logPath: folder.at("link") }, false, /link is not a regular file$/],
      [{ logPath: folder.at("pipe") }, false, /pipe is not a regular file$/],
      [{ logPath: folder.path }, false, /is not a regular file$/],
      [{ args: ["a\0b"] }, false, /^Cannot start sh: /],
    ] as const
  ) {
    const error = await start(folder, changes).then(() => assert.fail("it was started"), (thrown: unknown) => thrown);
    if (!(error instanceof SpawnError)) throw error;
    assert.equal(error.notFound, notFound, error.message);
    assert.match(error.message, message);
  }
  assert.equal(folder.names().includes("victim"), false);
});

Deno.test("spawnDetached() lets its caller exit, and the program outlives it", {
  ignore: Deno.build.os === "windows",
}, async () => {
  using folder = new TempFolder();
  const script = `import { spawnDetached } from ${
    JSON.stringify(import.meta.resolve("../../../src/system/processes/spawn_child.ts"))
  };
    const { pid } = await spawnDetached({ binary: "sleep", args: ["300"], cwd: "/", env: { PATH: "/usr/bin:/bin" },
      logPath: ${JSON.stringify(folder.at("log"))} });
    console.log(pid);`;
  const { stdout, code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", "--no-lock", folder.file("parent.ts", script)],
    signal: AbortSignal.timeout(60_000),
  }).output();
  assert.equal(code, 0);
  const pid = Number(new TextDecoder().decode(stdout));
  // Throws where there is no such process.
  Deno.kill(pid, "SIGKILL");
});

Deno.test("notTakenForDeno() returns another path to the same program", () => {
  for (const path of [Deno.execPath(), "/usr/bin/deno", "/deno"]) {
    assert.notEqual(notTakenForDeno(path), path);
  }
  assert.equal(Deno.realPathSync(notTakenForDeno(Deno.execPath())), Deno.realPathSync(Deno.execPath()));
});
