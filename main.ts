/**
 * The program's edge: the only place that reads the arguments and the environment, writes to the terminal and exits.
 *
 * @module
 */
import config from "./deno.json" with { type: "json" };
import { cli } from "./src/cli/cli.ts";
import type { CliIo } from "./src/cli/cli_io.ts";
import { describeBuild } from "./src/system/build_stamp.ts";
import { platform } from "./src/system/platform.ts";

const SIGNALS = platform().endSignals;

/** Left by git hooks and wrappers; they would send our own git to another repository. */
for (const name of ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"]) {
  Deno.env.delete(name);
}

const env = Deno.env.toObject();
const shippedRoot = import.meta.dirname ?? ".";
const isOutputTerminal = Deno.stdout.isTerminal();

const io: CliIo = {
  write: (text) => writeTo(Deno.stdout, text),
  writeError: (text) => writeTo(Deno.stderr, text),
  ask: (question) => prompt(question) ?? undefined,
  isInputTerminal: Deno.stdin.isTerminal(),
  isOutputTerminal,
  columns: () => isOutputTerminal ? Deno.consoleSize().columns || 80 : 120,
  // https://no-color.org: present and not empty.
  color: isOutputTerminal && !env["NO_COLOR"] && env["TERM"] !== "dumb",
  env,
  workingDirectory: Deno.cwd(),
  self: Deno.build.standalone
    ? [Deno.execPath()]
    : [Deno.execPath(), "run", "--allow-all", "--quiet", import.meta.filename ?? "main.ts"],
  shippedRoot,
  version: config.version,
  build: () => describeBuild(shippedRoot),
  onSignal(listener): () => void {
    const added = SIGNALS.map((name) => ({ name, heard: () => listener(name) }));
    for (const { name, heard } of added) Deno.addSignalListener(name, heard);
    return () => {
      for (const { name, heard } of added) Deno.removeSignalListener(name, heard);
    };
  },
  async serveMcp({ project, config: projectFile }): Promise<void> {
    // Standard output carries JSON-RPC and nothing else, whatever a package prints.
    for (const method of CONSOLE_METHODS) console[method] = console.error;
    const { serve } = await import("./mcp/server.ts");
    const { self, version, workingDirectory, writeError } = io;
    await serve({ env, workingDirectory, project, config: projectFile, self, shippedRoot, version, writeError });
  },
};

/** What Deno's console writes to standard output; the others go to standard error anyway. */
const CONSOLE_METHODS = [
  ...["log", "info", "debug", "dir", "dirxml", "table"] as const,
  ...["count", "timeLog", "timeEnd", "group", "groupCollapsed"] as const,
];

if (import.meta.main) Deno.exit(await cli(Deno.args, io));

/** A reader that went away, as `head` does, ends the writing quietly. */
function writeTo(stream: typeof Deno.stdout, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let written = 0; written < bytes.length;) written += stream.writeSync(bytes.subarray(written));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
