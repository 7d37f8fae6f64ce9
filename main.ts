/**
 * The program's edge: the only module that reads arguments and environment, writes to the terminal and exits.
 *
 * @module
 */
import config from "./deno.json" with { type: "json" };
import { cli } from "./src/cli/cli.ts";
import { type CliIo, Interrupted } from "./src/cli/cli_io.ts";
import { childEnvironment } from "./src/settings/agent_environment.ts";
import { secretValues } from "./src/settings/secret_values.ts";
import { describeBuild } from "./src/system/build_stamp.ts";
import { Output } from "./src/system/output.ts";
import { platform } from "./src/system/platform.ts";
import { hideSecrets, learnSecrets } from "./src/text/known_secrets.ts";

const SIGNALS = platform().endSignals;

const env = Deno.env.toObject();
learnSecrets(secretValues(env));
const inherited = childEnvironment(env);
// Every program inherits the rest. Agents and workers get what is theirs by name.
for (const name of Object.keys(env)) if (!(name in inherited)) Deno.env.delete(name);

const shippedRoot = import.meta.dirname ?? ".";
const isOutputTerminal = Deno.stdout.isTerminal();

/** Whether another program has the terminal, and with it the keys. */
let isAttached = false;

function hear(listener: (name: Deno.Signal) => void, name: Deno.Signal): void {
  if (!isAttached || name !== "SIGINT") listener(name);
}

const output = new Output(Deno.stdout);
const errors = new Output(Deno.stderr);

const io: CliIo = {
  write: (text) => output.write(text),
  live: {
    write: (text) => output.offer(text),
    pending: () => output.pending,
    flushed: () => output.flushed(),
  },
  // Never waits: a server or session must survive a client or terminal that does not read stderr.
  writeError: (text) => errors.offer(text),
  async ask(question, { abort } = {}): Promise<string | undefined> {
    if (!io.isInputTerminal) return undefined;
    await output.flushed();
    const { readTerminalLine } = await import("./src/system/terminal_line.ts");
    const { columns, onSignal, write } = io;
    const isRich = isOutputTerminal && env["TERM"] !== "dumb";
    const read = await readTerminalLine(question, { write, columns, isRich, onSignal, abort });
    if (read.kind === "interrupted") throw new Interrupted(read.signal);
    return read.kind === "line" ? read.text : undefined;
  },
  async attach(command): Promise<number> {
    await output.flushed();
    const { runAttached } = await import("./src/system/processes/run_attached.ts");
    isAttached = true;
    try {
      return await runAttached({
        ...command,
        ...(command.input !== undefined && { input: hideSecrets(command.input) }),
      });
    } finally {
      isAttached = false;
    }
  },
  isInputTerminal: Deno.stdin.isTerminal(),
  isOutputTerminal,
  columns: () => isOutputTerminal ? Deno.consoleSize().columns || 80 : 120,
  rows: () => isOutputTerminal ? Deno.consoleSize().rows || 24 : 24,
  onResize: (listener) => {
    // Windows has no such signal; there the next tick sees the size.
    if (Deno.build.os === "windows") return () => {};
    Deno.addSignalListener("SIGWINCH", listener);
    return () => Deno.removeSignalListener("SIGWINCH", listener);
  },
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
    const added = SIGNALS.map((name) => ({ name, heard: () => hear(listener, name) }));
    for (const { name, heard } of added) Deno.addSignalListener(name, heard);
    return () => {
      for (const { name, heard } of added) Deno.removeSignalListener(name, heard);
    };
  },
  async serveMcp({ project, config: projectFile, gates }): Promise<void> {
    // stdout carries JSON-RPC and nothing else, whatever a package prints.
    for (const method of CONSOLE_METHODS) console[method] = console.error;
    const { serve } = await import("./mcp/server.ts");
    const { self, version, workingDirectory, writeError } = io;
    await serve({
      env: { ...env, ...gates },
      workingDirectory,
      project,
      config: projectFile,
      self,
      shippedRoot,
      version,
      writeError,
    });
  },
};

/** The console methods that write to stdout; the others use stderr anyway. */
const CONSOLE_METHODS = [
  ...["log", "info", "debug", "dir", "dirxml", "table"] as const,
  ...["count", "timeLog", "timeEnd", "group", "groupCollapsed"] as const,
];

if (import.meta.main) {
  const code = await cli(Deno.args, io);
  await Promise.all([output.flushed(), errors.flushed()]);
  Deno.exit(code);
}
