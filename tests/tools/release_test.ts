import assert from "node:assert/strict";
import { join } from "node:path";
import { release } from "../../tools/release.ts";
import { ROOT } from "../helpers/program_under_test.ts";
import { TempFolder } from "../helpers/temp_folder.ts";
import config from "../../deno.json" with { type: "json" };

Deno.test("release() refuses an unknown platform before it writes", async () => {
  using disk = new TempFolder();
  await assert.rejects(release({ root: disk.path, folder: disk.at("dist"), version: "0.1.0", targets: ["amiga"] }), {
    message: 'Cannot make a release for "amiga": unknown platform',
  });
  assert.deepEqual(disk.names(), []);
});

Deno.test("release() that fails leaves nothing of an earlier one that could be published with it", async () => {
  using disk = new TempFolder();
  for (const name of ["release/SHA256SUMS", "npm/samocode.tar.gz"]) disk.file(name, "");
  await assert.rejects(release({ root: disk.path, folder: disk.path, version: "0.1.0", write: () => {} }), {
    message: /^Cannot bundle the program:/,
  });
  assert.deepEqual(["release", "npm"].map((name) => disk.names(name)), [[], []]);
});

const isHere = Deno.build.os === "linux" && Deno.build.arch === "x86_64";
const mayDownload = Deno.env.get("SAMOCODE_TEST_COMPILE") === "1";
const why = !isHere ? " (skipped: for Linux x64)" : mayDownload ? "" : " (skipped: set SAMOCODE_TEST_COMPILE=1)";

Deno.test({
  name: "release() makes what install.sh installs with nothing but a home folder, and what then runs" + why,
  ignore: why !== "",
  fn: async () => {
    using disk = new TempFolder();
    const { version } = config;
    const built = await release({ root: ROOT, folder: disk.path, version, targets: ["linux-x64"], write: () => {} });
    assert.deepEqual(built, ["linux-x64"]);
    assert.deepEqual(["", "npm", "release"].map((name) => disk.names(name)), [
      ["npm", "release", "stage"],
      ["samocode.tar.gz"],
      ["SHA256SUMS", "install.sh", "samocode-linux-x64.tar.gz"],
    ]);
    const released = disk.at("release");
    assert.equal(run("sha256sum", ["--check", "--quiet", "SHA256SUMS"], { cwd: released }), "");
    const members = ["", "LICENSE", "README.md", "bin/", "bin/samocode", "package.json"];
    assert.equal(
      run("tar", ["-tzf", "samocode-linux-x64.tar.gz"], { cwd: released }),
      members.map((name) => `samocode-linux-x64/${name}\n`).join(""),
    );
    const home = disk.folder("home");
    Deno.symlinkSync(released, join(disk.folder("site", "latest"), "download"));
    const env = {
      HOME: home,
      PATH: Deno.env.get("PATH") ?? "",
      TMPDIR: disk.path,
      SAMOCODE_RELEASES: `file://${disk.at("site")}`,
      SAMOCODE_DEMO_PACE: "0",
    };
    run("sh", [join(released, "install.sh")], { cwd: home, env });
    const installed = join(home, ".local", "bin", "samocode");
    assert.match(run(installed, ["--version"], { cwd: home, env }), new RegExp(`^samocode ${version} \\(`));
    assert.match(run(installed, ["demo", "--yes"], { cwd: home, env }), /Done: .* in 4 commits/);
    run("sh", [join(released, "install.sh"), "--uninstall"], { cwd: home, env });
    assert.throws(() => Deno.statSync(installed), Deno.errors.NotFound);
  },
});

function run(
  binary: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): string {
  const given = env === undefined ? {} : { clearEnv: true, env: { ...env } };
  const { code, stdout, stderr } = new Deno.Command(binary, { args: [...args], cwd, stdin: "null", ...given })
    .outputSync();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
