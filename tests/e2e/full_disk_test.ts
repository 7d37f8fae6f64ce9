import assert from "node:assert/strict";
import { join } from "node:path";
import { FakeTelegram } from "../helpers/fake_telegram.ts";
import { markedProcesses, TempProject } from "../helpers/temp_project.ts";

/** A small file system of its own needs a system that lets this user mount one. */
const canMount = mounted(Deno.makeTempDirSync(), (folder) => folder !== undefined);

Deno.test({
  name: canMount
    ? "a full disk ends the session with a clear message; with space again it goes on"
    : "a full disk ends the session with a clear message (skipped: this user may not mount a file system)",
  ignore: !canMount,
  async fn(): Promise<void> {
    using project = new TempProject({ SAMOCODE_MAX_RETRIES: "0", SAMOCODE_RETRY_DELAY: "0" });
    const agent = join(project.root, "agent.sh");
    // Fills the disk with its own output the first time; waits for nobody.
    Deno.writeTextFileSync(
      agent,
      `#!/bin/sh
if [ ! -e "${project.root}/filled" ]; then touch "${project.root}/filled"; head -c 9000000 /dev/zero; exit 1; fi
echo '{"type":"result","is_error":false}'
printf '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"
`,
      { mode: 0o755 },
    );
    const sessions = join(project.root, "sessions");
    await mounted(sessions, async (folder) => {
      assert.equal(folder, sessions);
      const env = { CLAUDE_PATH: agent };
      const full = await project.run(["run", "--session", "full", "--task", "Fill it"], env);
      assert.equal(full.code, 1, full.stdout + full.stderr);
      assert.match(full.stdout + full.stderr, /[Nn]o space left/);
      const before = project.events();
      assert.deepEqual(before.map(({ seq }) => seq), before.map((_, index) => index + 1));
      assert.deepEqual(markedProcesses(before), []);

      for (const { name } of Deno.readDirSync(join(project.sessionFolder(), "_logs"))) {
        Deno.removeSync(join(project.sessionFolder(), "_logs", name));
      }
      const again = await project.run(["run", "full"], env);
      assert.equal(again.code, 20, again.stdout + again.stderr);
      const after = project.events();
      assert.deepEqual(after.slice(0, before.length), before, "what was recorded before is still there");
      assert.deepEqual(after.map(({ seq }) => seq), after.map((_, index) => index + 1));
    });
  },
});

Deno.test({
  name: `a disk that stays full: the worker tells its person itself, once${canMount ? "" : " (skipped: as above)"}`,
  ignore: !canMount,
  async fn(): Promise<void> {
    await using telegram = new FakeTelegram();
    using project = new TempProject({ SAMOCODE_MAX_RETRIES: "0", ...telegram.env });
    const agent = join(project.root, "agent.sh");
    Deno.writeTextFileSync(
      agent,
      `#!/bin/sh
folder=$(dirname "$SAMOCODE_SIGNAL")
if [ ! -e "$folder/fill" ]; then
kill -STOP $PPID
for line in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
echo '{"type":"assistant","message":{"id":"'$line'","content":[{"type":"text","text":"${"x".repeat(280)}"}]}}'
done
head -c 9000000 /dev/zero > "$folder/fill"
kill -CONT $PPID
exit 1
fi
echo '{"type":"result","is_error":false}'
printf '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"
`,
      { mode: 0o755 },
    );
    // While the worker is held, the disk fills; what it then has to record is more than the journal's last page holds.
    await mounted(join(project.root, "sessions"), async () => {
      const env = { CLAUDE_PATH: agent };
      const full = await project.run(["run", "--session", "full", "--task", "Fill it"], env);
      assert.equal(full.code, 1, full.stdout + full.stderr);
      await project.run(["list"], env);
      await project.run(["list"], env);
      assert.equal(telegram.texts.length, 1, telegram.texts.join("\n"));
      assert.match(
        telegram.texts[0] ?? "",
        /^<b>💀 full: it cannot go on<\/b>\n\nCannot write the journal .*No space left/,
      );
      Deno.truncateSync(join(project.sessionFolder(), "fill"));
      const again = await project.run(["run", "full"], env);
      assert.equal(again.code, 20, again.stdout + again.stderr);
      // The listener's open files would keep the file system busy, also those of one that is only just starting.
      await telegram.until((texts) => texts.some((text) => text.includes("full is blocked")));
      project.endListener();
    });
  },
});

/** Runs something with a file system of 2 MiB mounted on a folder; with `undefined` where that is refused. */
function mounted<T>(folder: string, act: (folder: string | undefined) => T): T {
  const mount = (...args: readonly string[]): boolean =>
    new Deno.Command(args[0] ?? "", { args: args.slice(1), stdout: "null", stderr: "null" }).outputSync().success;
  let done = false;
  try {
    done = mount("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder);
  } catch {
    // No such program.
  }
  // Lazily: what has just been ended may hold a file of it for a moment longer.
  const unmount = () => done && mount("umount", "-l", folder);
  let result: T;
  try {
    result = act(done ? folder : undefined);
  } catch (error) {
    unmount();
    throw error;
  }
  if (result instanceof Promise) result.finally(unmount);
  else unmount();
  return result;
}
