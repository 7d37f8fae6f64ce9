import assert from "node:assert/strict";
import { join } from "node:path";
import { changelogSection } from "../../tools/changelog_section.ts";
import { release } from "../../tools/release.ts";
import { ROOT } from "../helpers/program_under_test.ts";
import config from "../../deno.json" with { type: "json" };

const CHANGELOG = `# Changelog

Words about it.

## [Unreleased]

## [0.2.0] - 2026-12-01

### Added

- Something, see [0.1.0].

## [0.1.0] - 2026-11-20

The first.

[0.2.0]: https://localhost/0.2.0
`;

Deno.test("changelogSection() takes the words about one version, to the next one or to the addresses", () => {
  const sections = ["0.2.0", "0.1.0", "Unreleased", "0.3.0", "0.2"].map((name) => changelogSection(CHANGELOG, name));
  assert.deepEqual(sections, [
    "### Added\n\n- Something, see [0.1.0].",
    "The first.",
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("the project's changelog has something to say of its version", () => {
  const text = Deno.readTextFileSync(join(ROOT, "CHANGELOG.md"));
  assert.notEqual(changelogSection(text, config.version) ?? changelogSection(text, "Unreleased"), undefined);
});

Deno.test("release() refuses a platform that there is not, and a version of which nothing is said", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "samocode-test-" });
  try {
    const options = { root: folder, folder: join(folder, "dist"), write: () => {} };
    Deno.writeTextFileSync(join(folder, "CHANGELOG.md"), CHANGELOG);
    await assert.rejects(release({ ...options, version: "0.1.0", targets: ["linux-x64", "amiga"] }), {
      message: 'Cannot make a release for "amiga": there is no such platform',
    });
    await assert.rejects(release({ ...options, version: "0.3.0" }), {
      message: "Cannot make a release: CHANGELOG.md says nothing about 0.3.0",
    });
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["CHANGELOG.md"]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("release() that fails leaves nothing of an earlier one that could be published with it", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "samocode-test-" });
  try {
    Deno.writeTextFileSync(join(folder, "CHANGELOG.md"), CHANGELOG);
    const dist = join(folder, "dist");
    for (const name of ["release", "npm/samocode"]) Deno.mkdirSync(join(dist, name), { recursive: true });
    for (const name of ["release/SHA256SUMS", "npm/samocode/package.json"]) {
      Deno.writeTextFileSync(join(dist, name), "");
    }
    await assert.rejects(release({ root: folder, folder: dist, version: "0.1.0", write: () => {} }), {
      message: /^Cannot bundle the program:/,
    });
    assert.deepEqual(["release", "npm"].map((name) => [...Deno.readDirSync(join(dist, name))]), [[], []]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

const isHere = Deno.build.os === "linux" && Deno.build.arch === "x86_64";
const mayDownload = Deno.env.get("SAMOCODE_TEST_COMPILE") === "1";
const why = !isHere ? " (skipped: for Linux x64)" : mayDownload ? "" : " (skipped: set SAMOCODE_TEST_COMPILE=1)";

Deno.test({
  name: "release() makes what install.sh installs with nothing but a home folder, and what then runs" + why,
  ignore: why !== "",
  fn: async () => {
    const folder = Deno.makeTempDirSync({ prefix: "samocode-test-" });
    try {
      const version = config.version;
      const built = await release({ root: ROOT, folder, version, targets: ["linux-x64"], write: () => {} });
      assert.deepEqual(built, ["linux-x64"]);
      const made = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
      assert.deepEqual(made, ["npm", "release", "release-notes.md", "stage"]);
      const released = join(folder, "release");
      assert.deepEqual([...Deno.readDirSync(released)].map(({ name }) => name).sort(), [
        "SHA256SUMS",
        "install.sh",
        "samocode-linux-x64.tar.gz",
      ]);
      assert.equal(run("sha256sum", ["--check", "--quiet", "SHA256SUMS"], { cwd: released }), "");
      assert.equal(
        run("tar", ["-tzf", "samocode-linux-x64.tar.gz"], { cwd: released }),
        [
          ...["LICENSE", "completions/", "completions/_samocode", "completions/samocode.bash"],
          ...["completions/samocode.fish", "completions/samocode.ps1", "samocode", ""],
        ].join("\n"),
      );
      assert.deepEqual([...Deno.readDirSync(join(folder, "npm"))].map(({ name }) => name).sort(), [
        "samocode",
        "samocode-linux-x64",
      ]);

      const [home, site] = [join(folder, "home"), join(folder, "site", "latest")];
      for (const made of [home, site]) Deno.mkdirSync(made, { recursive: true });
      Deno.symlinkSync(released, join(site, "download"));
      const env = {
        HOME: home,
        PATH: Deno.env.get("PATH") ?? "",
        TMPDIR: folder,
        SAMOCODE_RELEASES: `file://${join(folder, "site")}`,
        SAMOCODE_DEMO_PACE: "0",
      };
      run("sh", [join(released, "install.sh")], { cwd: home, env });
      const installed = join(home, ".local", "bin", "samocode");
      assert.match(run(installed, ["--version"], { cwd: home, env }), new RegExp(`^samocode ${version} \\(`));
      assert.match(run(installed, ["demo", "--yes"], { cwd: home, env }), /Done: Added --top N to tally in 4 commits/);
      run("sh", [join(released, "install.sh"), "--uninstall"], { cwd: home, env });
      assert.throws(() => Deno.statSync(installed), Deno.errors.NotFound);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
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
