import assert from "node:assert/strict";
import { SamocodeError } from "../../../src/system/errors.ts";
import { type RecordOptions, recordTerminal } from "../../../tools/picture/recording.ts";
import { Terminal } from "../../../tools/picture/terminal.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

const lacksScript = !hasScript();

/** The `script` of other systems has other flags. */
function hasScript(): boolean {
  try {
    const { stdout } = new Deno.Command("script", { args: ["--version"], stderr: "null" }).outputSync();
    return new TextDecoder().decode(stdout).includes("util-linux");
  } catch {
    return false;
  }
}

function terminalTest(name: string, fn: (options: RecordOptions) => Promise<void>): void {
  Deno.test({
    name: name + (lacksScript ? " (skipped: needs script of util-linux)" : ""),
    ignore: lacksScript,
    fn: async () => {
      using folder = new TempFolder();
      await fn({
        columns: 40,
        rows: 5,
        env: { PATH: "/usr/bin:/bin", PS1: "$ ", TERM: "xterm-256color", GREETING: "it's; $HOME" },
        workingDirectory: folder.path,
        typing: [],
        until: "\n$ ",
        keyMs: 0,
        timeoutMs: 60_000,
      });
    },
  });
}

terminalTest(
  "recordTerminal() records a real shell in a terminal of that size while somebody types",
  async (options) => {
    const typing = [
      { after: "$ ", keys: "stty size\r", pauseMs: 0 },
      { after: "\n$ ", keys: 'read name && echo "$name, $GREETING, $COLUMNS"\r', pauseMs: 0 },
      { after: "\r\n", keys: "Ada\r", pauseMs: 0 },
    ];
    const { columns, rows, pieces } = await recordTerminal({ ...options, columns: 60, typing });
    const terminal = new Terminal(columns, rows);
    for (const { text } of pieces) terminal.write(text);
    assert.deepEqual(terminal.screen.rows.map((row) => [...row].map((cell) => cell?.character ?? " ").join("")), [
      "$ stty size",
      "5 60",
      '$ read name && echo "$name, $GREETING, $COLUMNS"',
      "Ada",
      "Ada, it's; $HOME, ",
      "$ ",
    ]);
    const times = pieces.map(({ atMs }) => atMs);
    assert.deepEqual(times, times.toSorted((one, other) => one - other));
  },
);

terminalTest("recordTerminal() says what it waited for when the shell ends too early", async (options) => {
  const typing = [{ after: "$ ", keys: "exit\r", pauseMs: 0 }];
  await assert.rejects(recordTerminal({ ...options, typing, until: "never comes" }), (error) => {
    assert(error instanceof SamocodeError);
    assert.match(error.message, /^Cannot record the terminal: "never comes" did not come, the last was ".*exit/);
    return true;
  });
});

terminalTest("recordTerminal() does not wait for a question of a program that has ended", async (options) => {
  const typing = [
    { after: "$ ", keys: "true\r", pauseMs: 0 },
    { after: "never comes", keys: "\r", pauseMs: 0 },
  ];
  await assert.rejects(
    recordTerminal({ ...options, typing }),
    /^SamocodeError: Cannot record the terminal: "never comes" did not come before the end, the last was /,
  );
});

terminalTest("recordTerminal() gives up when a text does not come in time", async (options) => {
  const typing = [{ after: "never comes", keys: "x", pauseMs: 0 }];
  await assert.rejects(
    recordTerminal({ ...options, typing, timeoutMs: 300 }),
    /^SamocodeError: Cannot record the terminal: "never comes" did not come/,
  );
});

terminalTest("recordTerminal() passes nothing of its own environment on", async (options) => {
  const typing = [{ after: "$ ", keys: "env | cut -d= -f1 | sort | tr '\\n' ' '; echo\r", pauseMs: 0 }];
  const { pieces } = await recordTerminal({ ...options, typing });
  const said = pieces.map(({ text }) => text).join("").split("\r\n").at(-2) ?? "";
  const own = new Set(["GREETING", "OLDPWD", "PATH", "PS1", "PWD", "SHELL", "SHLVL", "TERM", "_"]);
  assert.deepEqual(said.trim().split(" ").filter((name) => !own.has(name)), []);
  assert(said.includes("GREETING"));
});
