import assert from "node:assert/strict";
import { join } from "node:path";
import { COMMANDS } from "../helpers/all_commands.ts";
import { complete } from "../../src/cli/complete.ts";
import { COMPLETION_SCRIPTS } from "../../src/cli/commands/completions.ts";
import { COMMON_FLAGS } from "../../src/cli/parse_command.ts";
import { AGENT_NAMES } from "../../src/agents/agents.ts";
import { CommandLine } from "./command_line.ts";

const SHOWN = COMMANDS.filter(({ hidden }) => !hidden);
const NAMES = SHOWN.map(({ name }) => name);
const PROVIDERS = [...AGENT_NAMES];

/** Splits a line at its spaces; offers come without their help. */
function offered(line: string): readonly string[] {
  return complete(line.split(" "), {
    commands: COMMANDS,
    sessions: (config) => config === undefined ? ["add-jwt", "other"] : [`in-${config}`],
  }).map((found) => found.replace(/\t.*$/, ""));
}

const CASES: Readonly<Record<string, readonly string[]>> = {
  "": NAMES,
  "st": ["start", "status", "stop"],
  "demo-": [],
  "nonsense ": [],
  "help un": ["uninstall"],
  "help set": ["settings"],
  "help run ": [],
  "status ": ["add-jwt", "other"],
  "status --json o": ["other"],
  "run --task x o": ["other"],
  "run --session ": ["add-jwt", "other"],
  "run --session=o": ["--session=other"],
  "--session o": ["other"],
  "status add-jwt ": [],
  "status --session add-jwt ": [],
  "status --session=add-jwt ": [],
  "status --config x ": ["in-x"],
  "status --config=x ": ["in-x"],
  "run --task ": [],
  "run --task --di": [],
  "run --provider ": PROVIDERS,
  "run --provider=c": ["--provider=claude", "--provider=codex"],
  "run --provider = c": ["claude", "codex"],
  "run --provider =": PROVIDERS,
  "run --provider = codex o": ["other"],
  'run --provider ""': PROVIDERS,
  "--provider d": ["demo"],
  "--task x --prov": ["--provider"],
  "--task x st": [],
  "init --worktrees r": [":folder"],
  "list --config r": [":file"],
  "list --config=r": [":file"],
  "list ": [],
  "logs -f o": ["other"],
  "list --no": [],
  "list --no=x": [],
  "completions ": Object.keys(COMPLETION_SCRIPTS),
  "--vers": ["--version"],
  "run --vers": [],
};

for (const [line, offers] of Object.entries(CASES)) {
  Deno.test(`complete() offers completions for: samocode ${line}`, () => assert.deepEqual(offered(line), offers));
}

for (const { name, flags } of SHOWN) {
  Deno.test(`complete() offers every flag of ${name} with its help`, () => {
    const lines = complete([name, "--"], { commands: COMMANDS, sessions: () => [] });
    assert.deepEqual(
      lines,
      Object.entries({ ...flags, ...COMMON_FLAGS }).map(([flag, { help }]) => `--${flag}\t${help}`),
    );
  });
}

Deno.test("complete() offers commands with their summaries", () => {
  const lines = complete([""], { commands: COMMANDS, sessions: () => [] });
  assert.deepEqual(lines, SHOWN.map(({ name, summary }) => `${name}\t${summary}`));
});

Deno.test("samocode complete prints harmless session names only, the newest first", async () => {
  using line = new CommandLine();
  for (
    const folder of [
      ...["26-01-02-add-jwt", "26-02-02-add-jwt", "26-03-02-other"],
      ...["26-01-01-$(touch x)", "26-01-01--x", "26-01-01-*", "26-01-01-a\x1b[2Jb", "26-01-01-a\nb", "26-01-01-a\tb"],
    ]
  ) {
    const path = join(line.project.root, "sessions", folder);
    Deno.mkdirSync(path);
    Deno.writeTextFileSync(join(path, "_journal.jsonl"), "");
  }
  Deno.mkdirSync(join(line.project.root, "sessions", "26-04-01-only-notes"));
  const before = line.listing();
  assert.deepEqual(await line.type(["complete", "--", "status", ""]), {
    code: 0,
    out: "other\nadd-jwt\n26-01-02-add-jwt\n",
    error: "",
  });
  assert.deepEqual(line.listing(), before);
});

Deno.test("samocode complete is silent without a project, with broken settings and with nothing to complete", async () => {
  using line = new CommandLine();
  const silence = { code: 0, out: "", error: "" };
  const file = join(line.project.root, ".samocode");
  Deno.writeTextFileSync(file, "SESSIONS=nowhere\n");
  assert.deepEqual(await line.type(["complete", "--", "status", ""]), silence);
  Deno.removeSync(file);
  assert.deepEqual(await line.type(["complete", "--", "status", ""]), silence);
  assert.deepEqual(await line.type(["complete", "--", "__proto__", "--constructor", ""]), silence);
});
