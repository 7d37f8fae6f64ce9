/**
 * Windows is played on the disk of this system: the rules, not its file system.
 *
 * @module
 */
import assert from "node:assert/strict";
import { delimiter, relative } from "node:path";
import { programPath } from "../../../src/system/processes/program_path.ts";
import { programToStart } from "../../../src/system/processes/spawn_agent.ts";
import { SpawnError } from "../../../src/system/processes/spawn_child.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

function pathOf(...folders: readonly string[]): string {
  return folders.join(delimiter);
}

Deno.test({
  name: "programPath() finds the first program on PATH, and none in a relative folder",
  ignore: Deno.build.os === "windows",
  fn: () => {
    using temp = new TempFolder();
    temp.file("plain/claude", "");
    const first = temp.file("first/claude", "");
    temp.file("second/claude", "");
    for (const name of ["first", "second"]) Deno.chmodSync(temp.at(name, "claude"), 0o755);
    temp.folder("folder", "claude");
    const folders = [temp.at("folder"), temp.at("plain"), temp.at("first"), temp.at("second")];
    const env = { PATH: pathOf("", ".", relative(Deno.cwd(), temp.at("second")), ...folders), Path: temp.at("second") };
    assert.deepEqual(programPath("claude", { env }), { program: first, script: undefined });
    assert.deepEqual(programPath(first, { env: {} }), { program: first, script: undefined });
    assert.deepEqual(programPath(temp.at("plain/claude"), { env }), { program: undefined, script: undefined });
    assert.deepEqual(programPath("codex", { env }), { program: undefined, script: undefined });
  },
});

Deno.test("programPath() on Windows prefers an .exe further down PATH to a .cmd, which is never a program", () => {
  using temp = new TempFolder();
  const os = "windows";
  const script = temp.file("npm/claude.cmd", "");
  temp.file("npm/claude", "#!/bin/sh\n");
  temp.file("npm/claude.ps1", "");
  const only = { Path: pathOf(temp.at("npm")) };
  assert.deepEqual(programPath("claude", { env: only, os }), { program: undefined, script });
  const program = temp.file("native/claude.exe", "");
  const both = { pAtH: pathOf(temp.at("npm"), temp.at("native")) };
  assert.deepEqual(programPath("claude", { env: both, os }), { program, script: undefined });
  for (const name of ["claude.exe", program, temp.at("native/claude")]) {
    assert.deepEqual(programPath(name, { env: both, os }), { program, script: undefined }, name);
  }
  assert.deepEqual(programPath(script, { env: both, os }), { program: undefined, script });
  assert.deepEqual(programPath("codex", { env: both, os }), { program: undefined, script: undefined });
});

Deno.test("programToStart() refuses a script on Windows, and leaves everything else to the system", () => {
  using temp = new TempFolder();
  const script = temp.file("npm/claude.cmd", "");
  const env = { PATH: temp.at("npm") };
  assert.throws(
    () => programToStart("claude", { env, os: "windows" }),
    (error) =>
      error instanceof SpawnError && !error.notFound &&
      error.message === `Cannot start claude: ${script} is a script. Install the program itself, or name its .exe ` +
          "with CLAUDE_PATH or CODEX_PATH",
  );
  assert.equal(programToStart("codex", { env, os: "windows" }), "codex");
  assert.equal(programToStart("claude", { env, os: "linux" }), "claude");
  const program = temp.file("npm/claude.exe", "");
  assert.equal(programToStart("claude", { env, os: "windows" }), program);
});
