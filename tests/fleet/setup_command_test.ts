import assert from "node:assert/strict";
import { runSetup } from "../../src/fleet/setup_command.ts";
import { loadSamocode } from "../../src/operations/samocode.ts";
import { trustWritten } from "../../src/operations/trust_project.ts";
import { SamocodeError } from "../../src/text/errors.ts";
import { WorktreeScene } from "../helpers/worktree_scene.ts";

/** Runs commands in the scene's worktree. */
function setUp(scene: WorktreeScene, commands: string, abort = new AbortController().signal): Promise<void> {
  for (const name of ["home", "sessions", "worktrees"]) scene.folder(name);
  const text = "MAIN_REPO=repo\nWORKTREES=worktrees\nSESSIONS=sessions\n";
  const env = {
    HOME: scene.at("home"),
    PATH: Deno.env.get("PATH") ?? "",
    SAMOCODE_GUARD: "off",
    SAMOCODE_FLEET_SETUP: commands,
    SAMOCODE_CHECK_TIMEOUT: "20",
    TELEGRAM_BOT_TOKEN: "secret",
    KEPT: "kept",
  };
  trustWritten({ path: scene.file(".samocode", text), text }, env);
  const request = { env, workingDirectory: scene.path, config: scene.at(".samocode"), flags: {} };
  const samocode = loadSamocode({ ...request, version: "0.0.0", shippedRoot: scene.path, self: [] });
  return runSetup(samocode, {
    project: "shop",
    session: "add-jwt",
    worktree: scene.at("work"),
    sessionFolder: scene.folder("sessions", "26-01-02-add-jwt"),
    marker: crypto.randomUUID(),
    abort,
  });
}

Deno.test("runSetup() runs each command in the worktree, with the machine's environment and no secrets", {
  ignore: Deno.build.os === "windows",
}, async () => {
  using scene = new WorktreeScene();
  await setUp(scene, "");
  assert.deepEqual(scene.names("sessions", "26-01-02-add-jwt"), []);
  await setUp(scene, "touch 'a file'\nsh -c \"env >environment\"");
  assert.equal(scene.names("work").includes("a file"), true);
  const lines = Deno.readTextFileSync(scene.at("work", "environment")).split("\n");
  const shown = lines.filter((line) => /^(?:KEPT|SAMOCODE_|TELEGRAM_)/.test(line)).sort();
  assert.deepEqual(shown.map((line) => line.replace(/(MARKER=).+/, "$1…")), [
    "KEPT=kept",
    "SAMOCODE_FLEET_PROJECT=shop",
    "SAMOCODE_FLEET_SESSION=add-jwt",
    "SAMOCODE_MARKER=…",
  ]);
  const logs = scene.names("sessions", "26-01-02-add-jwt", "_logs");
  assert.deepEqual(logs.map((name) => name.replace(/^\d\d-\d\d-\d{4}|[0-9a-f]{8}(?=\.)/g, "…")), [
    "…-setup-1-….log",
    "…-setup-2-….log",
  ]);
});

Deno.test("runSetup() fails with the last lines of the first command that fails, and ends one that is stopped", {
  ignore: Deno.build.os === "windows",
}, async () => {
  using scene = new WorktreeScene();
  await assert.rejects(
    setUp(scene, `sh -c "seq 1 20; echo no network >&2; exit 3"\ntouch after`),
    (error) =>
      error instanceof SamocodeError && error.code === "system" &&
      /^Cannot set up .*work: sh -c .*: exit code 3\n12\n/.test(error.message) &&
      error.message.endsWith("\n20\nno network"),
  );
  assert.equal(scene.names("work").includes("after"), false);
  await assert.rejects(setUp(scene, "no-such-program"), /there is no program no-such-program/);
  await assert.rejects(setUp(scene, "sleep 600", AbortSignal.abort("over")), /sleep 600: it was stopped/);
});
