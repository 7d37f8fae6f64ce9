/**
 * Ending agents and all that they started, with real processes. What is left is told by /proc, not by the code itself.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  endGroup,
  endTreeByForce,
  killTree,
  MARKER_VARIABLE,
  sweep,
} from "../../../src/system/processes/end_processes.ts";
import { type AgentProcess, spawnAgent } from "../../../src/system/processes/spawn_agent.ts";
import { isRunning, processesMarked } from "../../helpers/agent_stage.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

const PATIENCE = { interruptMs: 300, terminateMs: 300 };

/** A folder, a marker, and shell programs that carry it. */
class Scene implements Disposable {
  readonly folder = new TempFolder();
  readonly marker = crypto.randomUUID();

  /** Starts a shell text and waits until it has written `ready`. */
  async start(script: string, env: Readonly<Record<string, string>> = {}): Promise<AgentProcess> {
    this.folder.pipe("ready");
    const process = await spawnAgent({
      binary: "sh",
      args: ["-c", script],
      cwd: this.folder.path,
      env: { PATH: Deno.env.get("PATH") ?? "", [MARKER_VARIABLE]: this.marker, ...env },
      stdoutPath: this.folder.at("out"),
      stderrPath: this.folder.at("err"),
    });
    // A pipe is open when the other side has opened it, too.
    assert.equal(await Deno.readTextFile(this.folder.at("ready")), "ready\n");
    Deno.removeSync(this.folder.at("ready"));
    return process;
  }

  pid(name: string): number {
    return Number(Deno.readTextFileSync(this.folder.at(name)).trim());
  }

  left(): readonly number[] {
    return processesMarked(`${MARKER_VARIABLE}=${this.marker}`);
  }

  [Symbol.dispose](): void {
    for (const pid of this.left()) Deno.kill(pid, "SIGKILL");
    this.folder[Symbol.dispose]();
  }
}

function linuxTest(name: string, run: (scene: Scene) => Promise<void>): void {
  Deno.test({
    name,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      using scene = new Scene();
      await run(scene);
      assert.deepEqual(scene.left(), []);
    },
  });
}

const READY = "echo ready >ready";

for (
  const [deafness, script, signal] of [
    ["nothing", ":", "SIGINT"],
    ["SIGINT", "trap '' INT", "SIGTERM"],
    ["SIGINT and SIGTERM", "trap '' INT TERM", "SIGKILL"],
  ] as const
) {
  linuxTest(`endGroup() ends a program that ignores ${deafness} with ${signal}`, async (scene) => {
    const { pid, exited } = await scene.start(`${script}; ${READY}; exec sleep 300`);
    assert.deepEqual(await endGroup(pid, exited, { patience: PATIENCE }), []);
    assert.deepEqual(await exited, { code: undefined, signal });
  });
}

linuxTest("endGroup() ends a suspended program", async (scene) => {
  const { pid, exited } = await scene.start(`(kill -STOP $$; ${READY}) & wait; sleep 300`);
  await endGroup(pid, exited, { patience: PATIENCE });
  assert.deepEqual(await exited, { code: undefined, signal: "SIGKILL" });
  await sweep(scene.marker, [], PATIENCE);
});

linuxTest("endGroup() gives a program time to clean up", async (scene) => {
  const { pid, exited } = await scene.start(
    `trap 'sleep 0.2; echo tidy >tidy; exit 5' INT; ${READY}; while :; do sleep 0.05; done`,
  );
  await endGroup(pid, exited, { patience: { interruptMs: 60_000, terminateMs: 60_000 } });
  assert.deepEqual(await exited, { code: 5, signal: undefined });
  assert.equal(Deno.readTextFileSync(scene.folder.at("tidy")), "tidy\n");
});

linuxTest("endGroup() signals the whole group, not only its leader", async (scene) => {
  scene.folder.file("child.sh", `trap 'echo heard >heard; exit' INT; ${READY}; while :; do sleep 0.05; done`);
  const { pid, exited } = await scene.start("trap : INT; sh ./child.sh; exit 0");
  await endGroup(pid, exited, { patience: { interruptMs: 2_000, terminateMs: 300 } });
  assert.deepEqual(await exited, { code: 0, signal: undefined });
  assert.equal(Deno.readTextFileSync(scene.folder.at("heard")), "heard\n");
});

linuxTest("endGroup() accepts a program that has already exited", async (scene) => {
  const { pid, exited } = await scene.start(READY);
  await exited;
  assert.deepEqual(await endGroup(pid, exited, { patience: PATIENCE }), []);
});

linuxTest("endGroup() and sweep() end all descendants, however they tried to escape", async (scene) => {
  const sleep = '"$(command -v sleep)" 300';
  const { pid, exited } = await scene.start([
    "sleep 300 & echo $! >child",
    "nohup sleep 300 >/dev/null 2>&1 & echo $! >nohup",
    "setsid sh -c 'echo $$ >session; exec sleep 300' &",
    "(sleep 300 & echo $! >orphan)",
    `env -i ${sleep} & echo $! >nameless`,
    `setsid env -i ${sleep} & echo $! >stranger`,
    `sh -c "trap '' TERM; env -i ${sleep.replaceAll('"', '\\"')} & echo \\$! >deep; wait" &`,
    "until test -s session && test -s deep; do sleep 0.02; done",
    READY,
    "wait",
  ].join("\n"));
  const names = ["child", "nohup", "session", "orphan", "nameless", "stranger", "deep"];
  const pids = names.map((name) => scene.pid(name));
  assert.deepEqual(pids.map(isRunning), names.map(() => true));
  const seen = await endGroup(pid, exited, { patience: PATIENCE });
  const ended = await sweep(scene.marker, seen, PATIENCE);
  assert.deepEqual(names.filter((_, index) => isRunning(pids[index] ?? 0)), []);
  assert.deepEqual(ended, [...ended].sort((a, b) => a - b));
});

linuxTest("sweep() ends processes that ignore SIGTERM", async (scene) => {
  const { pid, exited } = await scene.start(`trap '' TERM; ${READY}; while :; do sleep 300; done`);
  const ended = await sweep(scene.marker, [], PATIENCE);
  await exited;
  assert.ok(ended.includes(pid));
});

linuxTest("sweep() ends processes that a dying process starts", async (scene) => {
  const { exited } = await scene.start(
    `trap 'setsid sleep 300 & echo $! >heir; exit' TERM; ${READY}; while :; do sleep 0.05; done`,
  );
  const ended = await sweep(scene.marker, [], PATIENCE);
  await exited;
  assert.ok(ended.includes(scene.pid("heir")), `${scene.pid("heir")} is not among ${ended}`);
});

linuxTest("sweep() ends unmarked children of marked processes", async (scene) => {
  await scene.start(`(env -i "$(command -v sleep)" 300 & echo $! >nameless; ${READY}; wait)`);
  await sweep(scene.marker, [], PATIENCE);
  assert.equal(isRunning(scene.pid("nameless")), false);
});

linuxTest("sweep() ends no other process, however similar, and not itself", async (scene) => {
  const { marker } = scene;
  const similar = [
    { [MARKER_VARIABLE]: `${marker}0` },
    { [MARKER_VARIABLE]: marker.slice(0, -1) },
    { [`X${MARKER_VARIABLE}`]: marker },
    { OTHER: `${MARKER_VARIABLE}=${marker}` },
    { OTHER: `a\n${MARKER_VARIABLE}=${marker}` },
  ];
  const bystanders = similar.map((env) =>
    new Deno.Command("sleep", { args: ["300"], clearEnv: true, env, stdin: "null" }).spawn()
  );
  try {
    assert.deepEqual(await sweep(marker, [], PATIENCE), []);
    // Its id is that of a process seen before, but it started at another time.
    const seen = bystanders.map(({ pid }) => ({ pid, parent: Deno.pid, startId: "another time" }));
    assert.deepEqual(await sweep(marker, seen, PATIENCE), []);
    assert.deepEqual(bystanders.map(({ pid }) => isRunning(pid)), similar.map(() => true));
  } finally {
    for (const each of bystanders) each.kill("SIGKILL");
    await Promise.all(bystanders.map((each) => each.status));
  }
});

linuxTest("killTree() kills a process and all its descendants", async (scene) => {
  const { pid, exited } = await scene.start(`trap '' TERM INT; (sleep 300; :) & ${READY}; wait`);
  killTree(pid);
  assert.deepEqual(await exited, { code: undefined, signal: "SIGKILL" });
  // The others are the system's to bury.
  await sweep(scene.marker, [], PATIENCE);
});

Deno.test("endTreeByForce() ends the tree, and the process itself even if that fails", () => {
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
  name: "endTreeByForce() ends a process without taskkill, and accepts one that is gone",
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
