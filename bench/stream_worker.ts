/**
 * Takes one child's output to a file in one way, and says what that took: `stream_worker.ts WAY COUNT FILE FOLDER`
 * writes FILE so many times. A process of its own for each measurement, or the memory of one would show in the next.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { mayBeClaudeEvent, readClaudeLine } from "../src/agents/claude/stream.ts";
import { agentRunner } from "../src/agents/engine.ts";

const [way = "", count = "1", source = "", folder = "."] = Deno.args;
const files = Array.from({ length: Number(count) }, () => source);
const output = join(folder, "output");

const WAYS: Readonly<Record<string, () => Promise<void>>> = { provider, pipe, file };

const begun = performance.now();
await WAYS[way]?.();
const ms = performance.now() - begun;
const { size } = Deno.statSync(output);
// Linux: the most that was ever resident, in KiB; see proc(5).
const [, peakKiB = "NaN"] = /^VmHWM:\s+(\d+)/m.exec(Deno.readTextFileSync("/proc/self/status")) ?? [];
console.log(
  JSON.stringify({ megabytesPerSecond: size / 1000 / ms, peakMegabytes: Number(peakKiB) * 1024 / 1e6, bytes: size }),
);

/** As a session does it: the file is the child's standard output, and is followed and read line by line. */
async function provider(): Promise<void> {
  const client = {
    binary: "cat",
    argumentsFor: () => files,
    environmentFor: () => ({}),
    mayMatter: mayBeClaudeEvent,
    readLine: readClaudeLine,
  };
  const env = { PATH: "/usr/bin:/bin" };
  const hours = 3_600_000;
  const run = agentRunner(client, { name: "bench", env, timeoutMs: hours, stallMs: hours }).run({
    phase: "implementation",
    iteration: 1,
    attempt: 1,
    agent: { name: "", description: "", tools: [], prompt: "" },
    contextPath: "",
    guidance: "",
    workingDirectory: folder,
    trustsRepository: true,
    hasGit: false,
    sessionFolder: folder,
    record: [],
    signalPath: join(folder, "signal"),
    pluginFolder: undefined,
    logPath: output,
    errorLogPath: join(folder, "errors"),
    marker: crypto.randomUUID(),
    startedAt: new Date(),
  }, { abort: new AbortController().signal });
  for await (const _ of run);
}

/** A copy through a pipe, nothing read. */
async function pipe(): Promise<void> {
  const child = new Deno.Command("cat", { args: files, stdin: "null", stdout: "piped" }).spawn();
  const file = await Deno.open(output, { write: true, create: true });
  await child.stdout.pipeTo(file.writable);
  await child.status;
}

/** What the child can do by itself: its output is the file, and nobody looks. */
async function file(): Promise<void> {
  const descriptor = openSync(output, "a");
  const child = spawn("cat", files, { stdio: ["ignore", descriptor, "ignore"] });
  await new Promise((resolve, reject) => child.once("exit", resolve).once("error", reject));
  closeSync(descriptor);
}
