import assert from "node:assert/strict";
import { examineNotifyCommand, openNotifyCommand } from "../../../src/channels/notify_command/open.ts";
import { ChannelError } from "../../../src/channels/open_channel.ts";
import { isAlive, readProcess } from "../../../src/system/processes/process_table.ts";
import { learnSecrets } from "../../../src/text/known_secrets.ts";
import { OFFERS, samplePost } from "../../helpers/sample_post.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

const NEVER = new AbortController().signal;
const SHOWN = { handle: undefined, abort: NEVER };

/** A program in a folder of its own, which is its home, too. */
class Stage extends TempFolder {
  readonly env = { HOME: this.path, PATH: `${this.path}/bin:/usr/bin:/bin` };

  constructor(script: string) {
    super();
    Deno.chmodSync(this.file("bin/tell-me", `#!/bin/sh\n${script}\n`), 0o755);
  }

  show(
    command: readonly string[] = ["tell-me"],
    options: { timeoutMs?: number; abort?: AbortSignal } = {},
  ): Promise<string> {
    const channel = openNotifyCommand({ commands: [command] }, { env: this.env }, options);
    return channel.show(samplePost(), { ...SHOWN, abort: options.abort ?? NEVER });
  }

  read(name: string): string {
    return Deno.readTextFileSync(this.at(name));
  }
}

async function errorOf(promise: Promise<unknown>): Promise<readonly [string, number | undefined]> {
  const error = await promise.then(() => assert.fail("it worked"), (error) => error);
  assert.ok(error instanceof ChannelError);
  return [error.message, error.retryAfterMs];
}

Deno.test("openNotifyCommand() passes one line of JSON, unchanged arguments, and only the given environment", async () => {
  using stage = new Stage('cat > event; printf "%s\\n" "$@" > args; env > environment; pwd > folder');
  await stage.show(["tell-me", "$(touch owned)", "; rm -rf /", "a b", "*"]);
  const lines = stage.read("event").split("\n");
  assert.deepEqual([lines.length, lines[1]], [2, ""]);
  const { type, data } = JSON.parse(lines[0] ?? "");
  assert.deepEqual([type, data.session, data.title], ["gate.plan", "auth-refresh", "auth-refresh: the plan is ready"]);
  assert.match(data.text, /\$\(touch \/tmp\/owned\) `id`$/);
  for (const { nonce } of OFFERS) assert.ok(!stage.read("event").includes(nonce));
  assert.equal(stage.read("args"), "$(touch owned)\n; rm -rf /\na b\n*\n");
  const names = stage.read("environment").trim().split("\n").map((line) => line.split("=")[0]).sort();
  assert.deepEqual(names.filter((name) => !/^(?:_|PWD|OLDPWD|SHLVL)$/.test(name ?? "")), [
    "HOME",
    "PATH",
    "SAMOCODE_MARKER",
  ]);
  assert.equal(stage.read("folder").trim(), stage.path);
});

Deno.test("openNotifyCommand() reports the exit code with the last line of stderr, masked and made safe", async () => {
  learnSecrets(["tk_very-secret-token"]);
  using stage = new Stage('echo one >&2; printf "no \\033[31mroute tk_very-secret-token\\n\\n" >&2; exit 3');
  assert.deepEqual(await errorOf(stage.show()), [
    "Notify command tell-me: exit code 3: no route [secret]************",
    0,
  ]);
  using killed = new Stage("kill -9 $$");
  assert.deepEqual(await errorOf(killed.show()), ["Notify command tell-me: ended by SIGKILL", 0]);
});

Deno.test("openNotifyCommand() copes with a program that reads nothing and prints a lot", async () => {
  using stage = new Stage("head -c 3000000 /dev/zero; exec 0<&-");
  await stage.show();
});

Deno.test("openNotifyCommand() ends leftover processes, and the command itself on timeout or abort", async () => {
  const start = "sleep 1000 & echo $! > left; setsid sleep 1000 & echo $! > away; ";
  const isGone = (stage: Stage, name: string): boolean => {
    const found = readProcess(Number(stage.read(name)));
    return found === undefined || !isAlive(found);
  };
  using leaving = new Stage(start);
  await leaving.show();
  assert.deepEqual(["left", "away"].map((name) => isGone(leaving, name)), [true, true]);
  using hanging = new Stage(`${start} wait`);
  assert.deepEqual(await errorOf(hanging.show(["tell-me"], { timeoutMs: 100 })), [
    "Notify command tell-me: still running after 0.1 s",
    0,
  ]);
  assert.deepEqual(["left", "away"].map((name) => isGone(hanging, name)), [true, true]);
  using aborted = new Stage("exec sleep 1000");
  assert.deepEqual(await errorOf(aborted.show(["tell-me"], { abort: AbortSignal.abort() })), [
    "Notify command tell-me: interrupted",
    0,
  ]);
});

Deno.test("openNotifyCommand() and its check find a program on PATH, by absolute path or below the home folder", async () => {
  using stage = new Stage("cat > event");
  const { env } = stage;
  for (const name of ["tell-me", "~/bin/tell-me", stage.at("bin", "tell-me")]) {
    await stage.show([name]);
    assert.deepEqual(await examineNotifyCommand({ commands: [[name]] }, { env }), [
      { level: "ok", text: `Starts ${stage.at("bin", "tell-me")}`, remedy: undefined },
    ]);
  }
  for (const name of ["no-such-program", "./bin/tell-me", "bin/tell-me", "../x"]) {
    assert.deepEqual(await errorOf(stage.show([name])), [
      `Notify command ${name}: program not found`,
      undefined,
    ]);
    const [finding] = await examineNotifyCommand({ commands: [[name]] }, { env });
    assert.deepEqual([finding?.level, finding?.text], ["problem", `Program not found: ${name}`]);
  }
});
