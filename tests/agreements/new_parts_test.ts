/**
 * Adds an agent and a channel to a copy of the source, as a folder and a row each, and works with them.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { EXIT } from "../../src/cli/command.ts";
import { FileWatch } from "../../src/system/files/file_watch.ts";
import { readTextIfExists } from "../../src/system/files/files.ts";
import { ROOT } from "../helpers/program_under_test.ts";
import { TempFolder } from "../helpers/temp_folder.ts";
import { slow } from "../helpers/slow.ts";
import { TempProject } from "../helpers/temp_project.ts";

/** A shell script as an agent: it says what it sees, asks a question, and leaves the signal of its phase. */
const PROGRAM = `#!/bin/sh
env > "$2/seen-environment"
if test "$1" = investigation; then
  echo '{"status":"continue","phase":"requirements"}' > "$3"
else
  printf '### Q1: Which one?\\n\\nA) This\\nB) That\\n\\n**Suggestion:** A - it is here\\n\\n**Answer:** _waiting_\\n' >> "$2/_qa.md"
  echo '{"status":"waiting","for":"qa_answers"}' > "$3"
fi
echo done
`;

const AGENT = `import { type Agent, type AgentRows, timeLimit } from "../agent.ts";

const ECHO_SETTINGS = {
  binary: { name: "ECHO_PATH", kind: "program", default: "echo-agent", help: "The Echo program" },
  key: { name: "ECHO_KEY", kind: "secret", default: "", help: "The key that it pays with" },
  timeoutMs: timeLimit("ECHO_TIMEOUT"),
} as const satisfies AgentRows;

export const echo: Agent<typeof ECHO_SETTINGS> = {
  title: "Echo",
  settings: ECHO_SETTINGS,
  canFallBack: true,
  repositoryFiles: [".echo"],
  keys: [],
  parentSession: [/^ECHO_SESSION$/],
  ofCommands: [/^ECHO_SESSION$/],
  home: undefined,
  modelHosts: () => ({ usual: [], chosen: undefined }),
  modelProvider: () => "echo",
  install: undefined,
  client: async () => {
    const { readEchoLine } = await import("./stream.ts");
    return ({ binary }) => ({
      binary,
      argumentsFor: ({ phase, sessionFolder, signalPath }) => [phase, sessionFolder, signalPath],
      environmentFor: () => ({}),
      readLine: readEchoLine,
    });
  },
  login: undefined,
};
`;

const STREAM = `import { NO_USAGE } from "../../workflow/usage.ts";
import type { Observation } from "../observation.ts";

export function readEchoLine(line: string): readonly Observation[] {
  if (line !== "done") return [];
  return [{ type: "verdict", ok: true, cause: "unknown", detail: "", usage: NO_USAGE }];
}
`;

const CHANNEL = `import type { Channel, ChannelRows } from "../channel.ts";

const PAGER_SETTINGS = {
  token: { name: "PAGER_TOKEN", kind: "secret", isNeeded: true, default: "", help: "The secret of the bot" },
  file: { name: "PAGER_FILE", kind: "text", isNeeded: true, default: "", help: "Where it writes instead" },
} as const satisfies ChannelRows;

export const pager: Channel<typeof PAGER_SETTINGS> = {
  title: "Pager",
  settings: PAGER_SETTINGS,
  open: () =>
    Promise.resolve(({ token, file }) => ({
      edits: false,
      refusal: () => Promise.resolve(undefined),
      show: async ({ data: { session, type } }) => {
        await Deno.writeTextFile(file, \`\${token} \${session} \${type}\\n\`, { append: true });
        return "";
      },
      listen: undefined,
    })),
  check: undefined,
};
`;

const SECRET = "pager-4711";

const ENV = { PAGER_TOKEN: SECRET, SAMOCODE_PROVIDER: "echo", ECHO_KEY: "own", ECHO_SESSION: "parent", MINE: "1" };

Deno.test(slow({
  name: "an agent and a channel are a folder and a row each: they compile, work, and keep their secrets",
  ignore: Deno.build.os === "windows",
  async fn(): Promise<void> {
    using copy = new Copy();
    for (const task of ["docs", "check"]) {
      const [code, complaints] = copy.deno("task", task);
      assert.equal(code, 0, complaints);
    }

    const main = copy.folder.at("main.ts");
    using project = new TempProject(ENV, [Deno.execPath(), "run", "--allow-all", "--quiet", main]);
    const heard = join(project.root, "heard");
    const run = ["run", "--session", "top", "--task", "Say it"];
    const { code, stderr } = await project.run(run, { PAGER_FILE: heard, ECHO_PATH: copy.folder.at("echo-agent") });
    assert.equal(code, EXIT.waiting, stderr);
    using watch = new FileWatch(project.root);
    // The listener that the worker started tells of it.
    while (!linesOf(heard).includes(`${SECRET} top gate.answers`)) await watch.changed(100);
    const environment = Deno.readTextFileSync(join(project.sessionFolder(), "seen-environment")).trim().split("\n");
    const seen = environment.map((line) => line.slice(0, line.indexOf("=")));
    // The marker is the attempt's own: by it all that the agent started is found.
    const foreign = seen.filter((name) => /^(?:PAGER|TELEGRAM|SAMOCODE|ECHO)_/.test(name)).sort();
    assert.deepEqual([foreign, seen.includes("MINE")], [["ECHO_KEY", "ECHO_PATH", "SAMOCODE_MARKER"], true]);

    copy.edit("src/settings/settings_table.ts", [
      "  branchPrefix: {",
      '  hub: { name: "GITHUB_TOKEN", kind: "text", default: "", help: "A secret that nobody marked" },\n  branchPrefix: {',
    ]);
    const [leaks, names] = copy.deno("run", "tools/check_secrets.ts");
    assert.equal(leaks, 1);
    assert.match(names, /^claude would see GITHUB_TOKEN: give its row the kind "secret"$/m);
  },
}));

Deno.test(slow({
  name: "a row that lacks something does not compile, and the compiler names it",
  fn(): void {
    using copy = new Copy();
    copy.edit("src/agents/echo/agent.ts", ["  login: undefined,\n", ""], ["  timeoutMs: ", "  patience: "]);
    copy.edit("src/channels/pager/channel.ts", ['  title: "Pager",\n', ""]);
    const [code, said] = copy.deno("check", "--quiet", "src/agents/agents.ts", "src/channels/channels.ts");
    assert.equal(code, 1);
    for (const name of ["timeoutMs", "login", "title"]) assert.match(said, new RegExp(`'${name}' is missing`));
  },
}));

function linesOf(path: string): readonly string[] {
  return (readTextIfExists(path) ?? "").split("\n");
}

/** A copy of the source with the new agent and the new channel in it. */
class Copy implements Disposable {
  readonly folder = new TempFolder();

  constructor() {
    const parts = [...Deno.readDirSync(ROOT)].map(({ name }) => name).filter((name) => !/^(?:\.git|dist)$/.test(name));
    const from = parts.map((name) => join(ROOT, name));
    const { success } = new Deno.Command("cp", { args: ["-R", ...from, this.folder.path] }).outputSync();
    assert.ok(success);
    this.folder.file("src/agents/echo/agent.ts", AGENT);
    this.folder.file("src/agents/echo/stream.ts", STREAM);
    this.folder.file("src/channels/pager/channel.ts", CHANNEL);
    Deno.chmodSync(this.folder.file("echo-agent", PROGRAM), 0o755);
    this.edit(
      "src/agents/agents.ts",
      ["import { demo }", 'import { echo } from "./echo/agent.ts";\nimport { demo }'],
      [", demo }", ", demo, echo }"],
    );
    this.edit(
      "src/channels/channels.ts",
      ["import { telegram }", 'import { pager } from "./pager/channel.ts";\nimport { telegram }'],
      ["notifyCommand,\n} as const", "notifyCommand,\n  pager,\n} as const"],
    );
  }

  edit(path: string, ...changes: readonly (readonly [from: string, to: string])[]): void {
    let text = Deno.readTextFileSync(this.folder.at(path));
    for (const [from, to] of changes) {
      assert.ok(text.includes(from), `${path} has ${from}`);
      text = text.replace(from, to);
    }
    this.folder.file(path, text);
  }

  /** Runs Deno in the copy: its exit code, and what it said on standard error. */
  deno(...args: readonly string[]): readonly [code: number, said: string] {
    const options = { args: [...args], cwd: this.folder.path, env: { NO_COLOR: "1" } };
    const { code, stderr } = new Deno.Command(Deno.execPath(), options).outputSync();
    return [code, new TextDecoder().decode(stderr)];
  }

  [Symbol.dispose](): void {
    this.folder[Symbol.dispose]();
  }
}
