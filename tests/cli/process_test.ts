import assert from "node:assert/strict";
import { TempProject } from "../helpers/temp_project.ts";

const DEMO = { SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "0" };

Deno.test("the real program exits as its help says, and writes no escape codes to a pipe", async () => {
  using project = new TempProject();
  const start = ["--session", "top", "--task", "x"];
  const cases: readonly (readonly [readonly string[], Readonly<Record<string, string>>, number])[] = [
    [["--version"], {}, 0],
    [["--help"], {}, 0],
    [["bogus"], {}, 2],
    [["status", "top"], {}, 2],
    [start, { ...DEMO, SAMOCODE_PROVIDER: "claude", CLAUDE_PATH: "/nonexistent" }, 2],
    [start, DEMO, 10],
    [["status", "top"], {}, 0],
    [["list"], {}, 0],
  ];
  for (const [args, env, code] of cases) {
    const { code: found, stdout, stderr } = await project.run(args, env);
    assert.equal(found, code, `${args.join(" ")}: ${stderr}`);
    assert.doesNotMatch(stdout + stderr, /[^\P{Cc}\n]/u);
    assert.equal(stdout === "", code === 2);
  }
});

Deno.test("the real program ends quietly when its reader is gone", async () => {
  using project = new TempProject();
  const child = project.start(["--help"]);
  await child.stdout.cancel();
  const [stderr, { code }] = await Promise.all([new Response(child.stderr).text(), child.status]);
  assert.deepEqual({ stderr, code }, { stderr: "", code: 0 });
});
