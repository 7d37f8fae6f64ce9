import assert from "node:assert/strict";
import { join } from "node:path";
import { installUnit, launchdPlist, systemdUnit, uninstallUnit } from "../../src/project/unit.ts";
import { SamocodeError } from "../../src/text/errors.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

/** What each means something to systemd, to a shell or to XML. */
const HOSTILE = `a b"c'd%n%h$HOME\${PATH}\\x;e&<f>\t\ng#`;

const hasSystemd = succeeds("systemd-analyze", ["--version"]);

for (const service of ["supervise", "listen"] as const) {
  Deno.test({
    name: `systemd takes the unit of samocode ${service}, whatever is in its paths${
      hasSystemd ? "" : " (skipped: no systemd-analyze)"
    }`,
    ignore: !hasSystemd,
    fn(): void {
      using folder = new TempFolder();
      const program = folder.at(HOSTILE);
      Deno.writeTextFileSync(program, "#!/bin/sh\n", { mode: 0o755 });
      const path = folder.file(
        "samocode-supervisor.service",
        systemdUnit({ service, self: [program], env: { PATH: HOSTILE } }),
      );
      const { code, stdout, stderr } = new Deno.Command("systemd-analyze", {
        args: ["verify", "--user", "--man=no", path],
        env: { XDG_RUNTIME_DIR: folder.path, HOME: folder.path },
      }).outputSync();
      const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      assert.equal(said.split("\n").filter((line) => line.includes("samocode")).join("\n"), "");
      assert.equal(code, 0, said);
    },
  });
}

Deno.test("systemdUnit() has no line but its own, and quotes every word", () => {
  const unit = systemdUnit({
    service: "supervise",
    self: [`/${HOSTILE}`, "run"],
    env: { PATH: HOSTILE, ANTHROPIC_API_KEY: "secret" },
  });
  const quoted = `a b\\"c'd%%n%%h$HOME\${PATH}\\\\x;e&<f>\\x09\\x0ag#`;
  const lines = unit.split("\n").filter((line) => /^(?:ExecStart|Environment)/.test(line));
  const shell = String.raw`:/bin/sh "-c" "exec \"$0\" \"$@\""`;
  assert.deepEqual(lines, [`ExecStart=${shell} "/${quoted}" "run" "supervise"`, `Environment="PATH=${quoted}"`]);
  assert.ok(!unit.includes("secret"));
});

Deno.test("launchdPlist() escapes what XML would take for its own", () => {
  const plist = launchdPlist({ service: "listen", self: [`/${HOSTILE}`], env: {} });
  assert.ok(plist.includes(`<string>/a b"c'd%n%h$HOME\${PATH}\\x;e&amp;&lt;f&gt;\ufffd\ufffdg#</string>`), plist);
  assert.ok(plist.includes("<string>listen</string>\n    <string>--keep</string>"), plist);
  assert.equal(plist.replace("--keep", "").split("--").length, 3, "one comment, without two hyphens inside");
});

Deno.test("installUnit() and uninstallUnit() write and remove samocode's own file, and nobody else's", () => {
  using folder = new TempFolder();
  const setup = { service: "supervise", env: { HOME: folder.path }, self: ["/usr/bin/samocode"] } as const;
  for (
    const [os, path] of [
      ["linux", ".config/systemd/user/samocode-supervisor.service"],
      ["darwin", "Library/LaunchAgents/samocode-supervisor.plist"],
    ] as const
  ) {
    const { path: written, next } = installUnit(setup, os);
    assert.equal(written, folder.at(path));
    assert.ok(next.length > 0);
    assert.equal(installUnit(setup, os).path, written);
    uninstallUnit(setup, os);
    assert.throws(() => Deno.statSync(written), Deno.errors.NotFound);
    uninstallUnit(setup, os);
    Deno.writeTextFileSync(written, "mine");
    for (const change of [installUnit, uninstallUnit]) assert.throws(() => change(setup, os), SamocodeError);
    Deno.removeSync(written);
    Deno.symlinkSync(join(folder.path, "elsewhere"), written);
    for (const change of [installUnit, uninstallUnit]) assert.throws(() => change(setup, os), SamocodeError);
  }
  assert.throws(() => installUnit(setup, "windows"), SamocodeError);
});

function succeeds(program: string, args: readonly string[]): boolean {
  try {
    return new Deno.Command(program, { args: [...args], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}
