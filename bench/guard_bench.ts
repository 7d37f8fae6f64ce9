/**
 * What the guard adds to an attempt: the same agent in a real worktree with and without it, and bubblewrap alone.
 *
 * @module
 */
import { join } from "node:path";
import { claude } from "../src/agents/claude/agent.ts";
import type { CliClient } from "../src/agents/cli_client.ts";
import { agentRunner } from "../src/agents/engine.ts";
import { chooseGuard } from "../src/guard/guard.ts";
import { foreignChanges, readRepository } from "../src/session/repository_state.ts";
import type { BenchOptions } from "./bench_options.ts";
import { figureLine, inTurns, Series } from "./figures.ts";

const PATH = "/usr/local/bin:/usr/bin:/bin";
const GIT = { GIT_AUTHOR_NAME: "b", GIT_AUTHOR_EMAIL: "b@b", GIT_COMMITTER_NAME: "b", GIT_COMMITTER_EMAIL: "b@b" };

/** Measures and says what came of it. */
export async function benchGuard({ root, quick, write }: BenchOptions): Promise<void> {
  // Not in /tmp, where no person's project is: everything there takes a wall of its own.
  const parent = join(root, "dist");
  Deno.mkdirSync(parent, { recursive: true });
  const folder = Deno.makeTempDirSync({ dir: parent, prefix: "bench-guard-" });
  try {
    await measure(folder, { quick, write });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

async function measure(folder: string, { quick, write }: Pick<BenchOptions, "quick" | "write">): Promise<void> {
  const at = (name: string) => join(folder, name);
  for (const name of ["repo", "worktrees", "sessions/own/_logs", "home/.claude/skills", "cache"]) {
    Deno.mkdirSync(at(name), { recursive: true });
  }
  const git = (...args: readonly string[]) =>
    void new Deno.Command("git", { args: ["-C", at("repo"), ...args], env: GIT }).outputSync();
  git("init", "--quiet");
  git("commit", "--quiet", "--allow-empty", "--message=Begin");
  git("worktree", "add", "--quiet", "-b", "own", at("worktrees/own"));
  for (const name of ["context.md", "sessions/own/_journal.jsonl", "home/.claude/settings.json"]) {
    Deno.writeTextFileSync(at(name), "{}");
  }
  const env = { PATH, HOME: at("home") };
  const guard = await chooseGuard({
    mode: "on",
    writable: "",
    allow: "",
    network: "open",
    mainRepo: at("repo"),
    worktrees: at("worktrees"),
    sessions: at("sessions"),
    cacheFolder: at("cache"),
    secrets: [],
    stateFolder: at("state"),
    modelHosts: () => [],
    self: [],
    env,
  });
  if (guard.record.kind !== "bubblewrap") return write(`The guard was not measured: ${guard.record.note}`);
  const client: CliClient = {
    binary: "sh",
    // Long enough for the first line to be read, as of every real agent.
    argumentsFor: () => ["-c", "echo begun; exec sleep 0.05"],
    environmentFor: () => ({}),
    readLine: () => [],
  };
  const options = { name: "bench", env, timeoutMs: 60_000, stallMs: 60_000 };
  const workplace = { path: at("worktrees/own"), branch: "own", base: undefined, note: "" };
  const iteration = {
    phase: "implementation",
    iteration: 1,
    attempt: 1,
    agent: { name: "bench", description: "", tools: [], prompt: "" },
    contextPath: at("context.md"),
    guidance: "",
    workingDirectory: workplace.path,
    hasGit: true,
    trustsRepository: true,
    sessionFolder: at("sessions/own"),
    signalPath: at("sessions/own/_signal.json"),
    record: ["_journal.jsonl", "_logs", "session.log", "worker.log", "_signal_history.jsonl"].map((name) =>
      at(`sessions/own/${name}`)
    ),
    pluginFolder: undefined,
    startedAt: new Date(),
  } as const;
  let count = 0;
  const attempt = (guarded: boolean) => async (): Promise<number> => {
    const runner = agentRunner(
      client,
      guarded ? { ...options, guard: { guard, home: claude.home, modelHosts: claude.modelHosts(env) } } : options,
    );
    const logPath = at(`sessions/own/_logs/${count++}.jsonl`);
    const begun = performance.now();
    const run = runner.run({ ...iteration, logPath, errorLogPath: `${logPath}.stderr`, marker: crypto.randomUUID() }, {
      abort: new AbortController().signal,
    });
    while (!(await run.next()).done);
    return performance.now() - begun;
  };
  const timed = (binary: string, args: readonly string[]) => async (): Promise<number> => {
    const begun = performance.now();
    await new Deno.Command(binary, { args: [...args], stdout: "null", stderr: "null" }).output();
    return performance.now() - begun;
  };
  const least = ["--ro-bind", "/", "/", "--dev", "/dev", "--unshare-pid", "--proc", "/proc", "--die-with-parent"];
  const { args: walls } = guard.wrap(
    { ...iteration, binary: "/bin/true", env, home: claude.home, modelHosts: claude.modelHosts(env), marker: "walls" },
    [],
  );
  const mounts = walls.filter((arg) => /^--(?:ro-)?bind$/.test(arg)).length;
  const compared = (): Promise<number> => {
    const begun = performance.now();
    const before = readRepository(workplace);
    if (before !== undefined) foreignChanges(before, workplace.branch);
    return Promise.resolve(performance.now() - begun);
  };
  const series = {
    plain: new Series(attempt(false)),
    guarded: new Series(attempt(true)),
    nothing: new Series(timed("true", [])),
    alone: new Series(timed("bwrap", [...least, "true"])),
    walled: new Series(timed("bwrap", walls)),
    compared: new Series(compared),
  };
  await inTurns(Object.values(series), { rounds: quick ? 3 : 100 });
  const added = series.guarded.figures.map((ms, round) => ms - (series.plain.figures[round] ?? NaN));
  write("An attempt of an agent that does nothing, with and without the guard; goal: at most 6 ms added");
  write(figureLine("added by the guard", { figures: added, unit: "ms" }));
  write(figureLine("attempt in the guard", { figures: series.guarded.figures, unit: "ms" }));
  write(figureLine("attempt without it", { figures: series.plain.figures, unit: "ms" }));
  write(figureLine("floor: a program that does nothing", { figures: series.nothing.figures, unit: "ms" }));
  write(figureLine("floor: it in bubblewrap, with two walls", { figures: series.alone.figures, unit: "ms" }));
  write(figureLine(`floor: it in bubblewrap, with ${mounts} walls`, { figures: series.walled.figures, unit: "ms" }));
  write(figureLine("comparing the repository", { figures: series.compared.figures, unit: "ms" }));
}
