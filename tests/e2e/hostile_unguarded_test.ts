import assert from "node:assert/strict";
import { join } from "node:path";
import { guardTest, slowGuardTest, staged } from "../helpers/guarded_project.ts";
import { addVictims, HOSTILE_WAYS, owned, SECRETS, waySettings } from "../helpers/hostile_ways.ts";
import { programUnderTest, ROOT } from "../helpers/program_under_test.ts";
import { TempProject } from "../helpers/temp_project.ts";

/** Keeps the machine that runs the test from harm; within, the agent has all rights of its user. */
const CAGE = [
  ...["bwrap", "--dev-bind", "/", "/", "--unshare-pid", "--unshare-ipc", "--proc", "/proc", "--die-with-parent"],
  ...["--ro-bind", "/proc/sys", "/proc/sys", "--tmpfs", "/dev/shm", "--tmpfs", "/var/tmp"],
  ...["/etc/cron.d", "/var/spool/cron"].flatMap((path) => exists(path) ? ["--tmpfs", path] : []),
] as const;

const WAYS = Object.entries(HOSTILE_WAYS);
const REFUSED = WAYS.filter(([, { without }]) => without === "refused");
const NOTICED = WAYS.filter(([, { without }]) => without === "noticed");
const LISTED = WAYS.filter(([, { without }]) => without === "listed");

guardTest(`${REFUSED.length} ways have no effect without the guard either`, async () => {
  const act = REFUSED.map(([, each]) => `(${each.act})`).join("\n");
  const { said, ...outcome } = await tried(act);
  assert.deepEqual(outcome, { attempts: ["1.1", "2.1"], isNoticed: false, harm: [] }, said);
});

slowGuardTest(`${NOTICED.length} ways are noticed without the guard before the next iteration`, async () => {
  for (const [name, { act }] of NOTICED) {
    const { attempts, isNoticed } = await tried(act);
    assert.deepEqual({ attempts: attempts.includes("2.1"), isNoticed }, { attempts: false, isNoticed: true }, name);
  }
});

guardTest(`the other ${LISTED.length} ways pass unnoticed without the guard`, async () => {
  const { attempts, isNoticed, harm, said } = await tried(LISTED.map(([, { act }]) => `(${act})`).join("\n"));
  const isHarmed = harm.length > LISTED.length / 2;
  const expected = { attempts: ["1.1", "2.1"], isNoticed: false, isHarmed: true };
  assert.deepEqual({ attempts, isNoticed, isHarmed }, expected, said);
});

Deno.test(`docs/reliability.md names the ${LISTED.length} ways that pass without the guard`, () => {
  const text = Deno.readTextFileSync(join(ROOT, "docs", "reliability.md"));
  const section = text.slice(text.indexOf("## Without the guard"));
  for (const [name, { page = "no words" }] of LISTED) assert.ok(section.includes(`- ${page}`), name);
});

interface Outcome {
  readonly attempts: readonly string[];
  /** The run stopped, or its end is told, for what the agent did. */
  readonly isNoticed: boolean;
  readonly harm: readonly string[];
  readonly said: string;
}

/** Has an agent do it in its first iteration; in the second one, it looks for what the first one left running. */
async function tried(act: string): Promise<Outcome> {
  using project = new TempProject({ SAMOCODE_MAX_RETRIES: "0" }, [...CAGE, "--", ...programUnderTest()]);
  const path = join(project.root, "agent.sh");
  Deno.writeTextFileSync(
    path,
    `#!/bin/sh
${waySettings()}
echo '{"type":"result","is_error":false,"total_cost_usd":0.01}'
if [ -e "$R/tried" ]; then
  for line in /proc/[0-9]*/cmdline; do
    tr '\\0' ' ' < "$line" 2>/dev/null | grep -q "^sleep 31415.$T" && echo OWNED > "$R/daemon"
  done
  ls /tmp /var/tmp /dev/shm /etc/cron.d 2>/dev/null | grep -q "OWNED-$T" && echo OWNED > "$R/left"
  rm -f "/tmp/samocode-OWNED-$T"
  printf '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"
else
  : > "$R/tried"; echo '{"status":"continue"}' > "$SAMOCODE_SIGNAL"; (${act})
fi
`,
    { mode: 0o755 },
  );
  Deno.writeTextFileSync(join(project.root, ".env"), `CLAUDE_PATH=${path}\n`);
  project.trust();
  addVictims(project);
  Deno.symlinkSync(await staged(), join(project.root, "program"));
  const { code, stdout, stderr } = await project.run(["run", "--session", "x", "--task", "Anything"], {
    TELEGRAM_SECRET: "hidden-in-the-worker",
  });
  const said = code === 137 ? (await project.run(["status", "x"])).stdout : stdout + stderr;
  return {
    attempts: project.attempts(),
    isNoticed: /Failed: |^samocode: Cannot|crashed/m.test(said),
    harm: [...owned(project), ...(leaked(project) ? ["a secret"] : [])],
    said,
  };
}

/** Whether the agent or a reader of its notebook saw what was not theirs. */
function leaked(project: TempProject): boolean {
  const folder = project.sessionFolder();
  const texts = [...Deno.readDirSync(join(folder, "_logs"))].map(({ name }) => join(folder, "_logs", name));
  return [...texts, join(folder, "_overview.md")].some((path) =>
    exists(path) && SECRETS.test(Deno.readTextFileSync(path))
  );
}

function exists(path: string): boolean {
  try {
    return Deno.lstatSync(path) !== undefined;
  } catch {
    return false;
  }
}
