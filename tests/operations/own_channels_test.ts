import assert from "node:assert/strict";
import { join } from "node:path";
import { isOwnChannel, ownChannels } from "../../src/operations/own_channels.ts";
import type { Samocode } from "../../src/operations/samocode.ts";
import { samocodeIn } from "../helpers/background.ts";
import { TempProject } from "../helpers/temp_project.ts";

const CHANNEL = { TELEGRAM_BOT_TOKEN: "1:secret", TELEGRAM_CHAT_ID: "7" };

/** The program as a person of this machine uses it. */
function samocodeOf(project: TempProject, more: Readonly<Record<string, string>> = {}): Samocode {
  const { PATH = "", HOME = "" } = project.env;
  // The test itself may run below an agent: what lies in its temporary folder is its own.
  return samocodeIn(project.root, { PATH, HOME, TMPDIR: project.root, ...CHANNEL, ...more });
}

Deno.test("a channel is the person's own once their process has used it, with exactly these settings", () => {
  using project = new TempProject();
  const samocode = samocodeOf(project);
  assert.equal(isOwnChannel(samocode, "telegram"), false);
  assert.deepEqual(ownChannels(samocode), ["Telegram"]);
  assert.deepEqual(ownChannels(samocode), [], "told once");
  assert.equal(isOwnChannel(samocodeOf(project), "telegram"), true);
  for (
    const [name, value] of [
      ["TELEGRAM_API_BASE", "http://127.0.0.1:1"],
      ["TELEGRAM_CHAT_ID", "8"],
      ["TELEGRAM_BOT_TOKEN", "2:other"],
      ["HTTPS_PROXY", "http://127.0.0.1:1"],
      ["https_proxy", "http://127.0.0.1:1"],
      ["DENO_CERT", "/tmp/evil.pem"],
      ["XDG_STATE_HOME", join(project.root, "elsewhere")],
    ] as const
  ) assert.equal(isOwnChannel(samocodeOf(project, { [name]: value }), "telegram"), false, name);
  const record = join(samocode.stateFolder, "own-channels");
  assert.doesNotMatch(Deno.readTextFileSync(record), /secret/);
  if (Deno.build.os !== "windows") assert.equal((Deno.statSync(record).mode ?? 0) & 0o777, 0o600);
});

Deno.test("nothing is recorded without a channel, and a record that is not the user's own file is ignored", () => {
  using project = new TempProject();
  const { TELEGRAM_CHAT_ID: _, ...half } = CHANNEL;
  const without = samocodeIn(project.root, { ...project.env, ...half });
  assert.deepEqual(ownChannels(without), []);
  assert.equal(isOwnChannel(without, "telegram"), false);
  const samocode = samocodeOf(project);
  Deno.mkdirSync(join(samocode.stateFolder, "own-channels"), { recursive: true });
  assert.deepEqual(ownChannels(samocode), []);
  assert.equal(isOwnChannel(samocode, "telegram"), false);
});

Deno.test("no process below an agent makes a channel the person's own, wherever it works", () => {
  using project = new TempProject();
  for (const mark of ["CLAUDECODE", "CODEX_THREAD_ID", "AI_AGENT", "SAMOCODE_MARKER"]) {
    // The project is in the agent's own folder; the heads of the journals are not.
    const env = { [mark]: "1", TMPDIR: join(project.root, "repo") };
    for (const isServer of [false, true]) {
      if (isServer && mark !== "SAMOCODE_MARKER") continue;
      const samocode = samocodeOf(project, env);
      assert.deepEqual(ownChannels(samocode, { isServer }), [], mark);
      assert.equal(isOwnChannel(samocode, "telegram"), false, mark);
    }
  }
});

const PROGRAM = `import { ownChannels } from ${
  JSON.stringify(import.meta.resolve("../../src/operations/own_channels.ts"))
};
import { loadSamocode } from ${JSON.stringify(import.meta.resolve("../../src/operations/samocode.ts"))};
const env = Deno.env.toObject();
const workingDirectory = Deno.cwd();
const samocode = loadSamocode({ env, workingDirectory, config: undefined, flags: {}, version: "0", shippedRoot: "", self: [] });
console.log(JSON.stringify(ownChannels(samocode)));
`;

Deno.test(
  "a process below a program called claude makes none the person's own, though nothing else tells",
  { ignore: Deno.build.os !== "linux" },
  () => {
    using project = new TempProject();
    Deno.symlinkSync("/bin/sh", join(project.root, "claude"));
    const program = join(project.root, "own.ts");
    Deno.writeTextFileSync(program, PROGRAM);
    const config = join(import.meta.dirname ?? "", "..", "..", "deno.json");
    const run = `${Deno.execPath()} run --allow-all --no-check --config ${config} ${program}`;
    const said = (shell: string, env: Readonly<Record<string, string>>): string => {
      const { stdout, stderr } = new Deno.Command(shell, {
        args: ["-c", `${run}; exit $?`],
        cwd: project.root,
        clearEnv: true,
        env: { ...project.env, ...CHANNEL, ...env },
      }).outputSync();
      return new TextDecoder().decode(stdout).trim() || new TextDecoder().decode(stderr);
    };
    assert.equal(said(join(project.root, "claude"), { TMPDIR: "/nowhere" }), "[]");
    assert.equal(said("/bin/sh", {}), '["Telegram"]', "and is known to own one otherwise");
  },
);
