/**
 * install.sh, piped into each shell of this machine, against a release on loopback.
 *
 * @module
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { TARGETS } from "../../tools/targets.ts";
import { HERE, programOf, ReleaseFolder, sumOf } from "../helpers/release_folder.ts";
import { SmallDisk, TempFolder } from "../helpers/temp_folder.ts";

const PATH = join(import.meta.dirname ?? ".", "..", "..", "install.sh");
const SCRIPT = Deno.readTextFileSync(PATH);

/** Everything the script calls, curl apart. */
const TOOLS = "cat chmod getconf gzip ldd mkdir mktemp mv perl rm rmdir sed sh sha256sum shasum tar tr uname".split(
  " ",
);

const SHELLS: Readonly<Record<string, readonly string[]>> = {
  dash: [],
  bash: [],
  busybox: ["sh"],
  zsh: ["--emulate", "sh"],
};
const FIRST = Object.keys(SHELLS).find((name) => find(name) !== undefined) ?? "dash";
const BINARY = "home/.local/bin/samocode";

interface RunOptions {
  readonly args?: readonly string[];
  /** Added to the usual variables; `undefined` removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly script?: string;
  /** Called when the script has started; it is killed like a foreground job when this ends. */
  readonly interruptAfter?: Promise<void>;
}

/** A home folder, the tools on PATH, and releases, of which 1.0.0 is the latest. */
class Machine implements AsyncDisposable {
  readonly releases = new ReleaseFolder();
  readonly folder = new TempFolder();
  readonly #shell: string;

  constructor(shell: string) {
    this.#shell = shell;
    this.folder.folder("home");
    this.toolsAre([...TOOLS, "curl"]);
    this.releases.add("1.0.0");
  }

  toolsAre(names: readonly string[]): void {
    Deno.removeSync(this.folder.folder("tools"), { recursive: true });
    this.folder.folder("tools");
    for (const name of names) {
      const found = find(name);
      if (found !== undefined) Deno.symlinkSync(found, this.folder.at("tools", name));
    }
  }

  /** Puts an executable shell script somewhere, such as a tool that lies. */
  script(name: string, text: string): void {
    const path = this.folder.at(name);
    if (find(path) !== undefined) Deno.removeSync(path);
    Deno.chmodSync(this.folder.file(name, `#!/bin/sh\n${text}\n`), 0o755);
  }

  uname(system: string, processor: string): void {
    this.script("tools/uname", `case $1 in -s) echo '${system}' ;; -m) echo '${processor}' ;; esac`);
  }

  async run({ args = [], env = {}, script = SCRIPT, interruptAfter }: RunOptions = {}): Promise<
    { readonly code: number | null; readonly out: string; readonly error: string }
  > {
    const usual = {
      PATH: this.folder.at("tools"),
      HOME: this.folder.at("home"),
      SAMOCODE_RELEASES: this.releases.address,
    };
    const child = spawn(find(this.#shell) ?? "", [...SHELLS[this.#shell] ?? [], "-s", "--", ...args], {
      cwd: this.folder.at("home"),
      env: Object.fromEntries(Object.entries({ ...usual, ...env }).filter(([, value]) => value !== undefined)),
      detached: true,
    });
    // A shell that stopped early does not read the rest.
    child.stdin.on("error", () => {});
    child.stdin.end(script);
    const texts = { out: "", error: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => texts.out += text);
    child.stderr.setEncoding("utf8").on("data", (text: string) => texts.error += text);
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    await interruptAfter?.then(() => Deno.kill(-(child.pid ?? 0), "SIGINT"));
    return { code: await ended, ...texts };
  }

  /** All files below the folder with mode and content, and all links and folders. */
  tree(below = ""): readonly string[] {
    return this.folder.names(below).flatMap((name) => {
      const path = join(below, name);
      if (path === "tools") return [];
      const { isDirectory, isSymlink, mode } = Deno.lstatSync(this.folder.at(path));
      if (isDirectory) return [`${path}/`, ...this.tree(path)];
      if (isSymlink) return [`${path} -> ${Deno.readLinkSync(this.folder.at(path))}`];
      return [`${path} ${((mode ?? 0) & 0o777).toString(8)} ${Deno.readTextFileSync(this.folder.at(path))}`];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.releases[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

function test(name: string, body: (machine: Machine) => Promise<void>, { shell = FIRST, lacks = "" } = {}): void {
  const lacking = find(shell) === undefined ? `${shell} not found` : lacks;
  Deno.test({
    name: `install.sh ${name}${lacking === "" ? "" : ` (skipped: ${lacking})`}`,
    ignore: lacking !== "" || Deno.build.os === "windows",
    async fn(): Promise<void> {
      await using machine = new Machine(shell);
      await body(machine);
    },
  });
}

for (const shell of Object.keys(SHELLS)) {
  test(`in ${shell} installs, updates and uninstalls one file`, async (machine) => {
    const installed = (version: string) => [
      ...["home/", "home/.local/", "home/.local/bin/"],
      `${BINARY} 755 ${programOf(version)}`,
    ];
    const folder = machine.folder.at("home/.local/bin");
    assert.deepEqual(await machine.run(), {
      code: 0,
      out: [
        `Installed samocode 1.0.0 to ${folder}/samocode`,
        `Add it to your PATH: export PATH="${folder}:$PATH"`,
        'For shell completion: eval "$(samocode completions bash)"',
        "Next: samocode demo\n",
      ].join("\n"),
      error: "",
    });
    assert.deepEqual(machine.tree(), installed("1.0.0"));
    machine.releases.add("1.2.0-rc.1");
    const env = { PATH: `${machine.folder.at("tools")}:${folder}` };
    const updated = await machine.run({ env });
    assert.match(updated.out, /^Installed samocode 1\.2\.0-rc\.1 to .*\nFor shell/);
    await machine.run({ args: ["--version", "v1.0.0"] });
    assert.deepEqual(machine.tree(), installed("1.0.0"));
    assert.deepEqual(machine.releases.requests.slice(-2), [
      "download/v1.0.0/SHA256SUMS",
      `download/v1.0.0/samocode-${HERE}.tar.gz`,
    ]);
    machine.script("tools/samocode", "echo samocode 0.0.1");
    const hidden = await machine.run({ env });
    assert.match(hidden.out, /\nAnother samocode comes first on your PATH: .*tools\/samocode\n/);
    const removed = await machine.run({ args: ["--uninstall"] });
    assert.deepEqual(removed, { code: 0, out: `Removed ${folder}/samocode\n`, error: "" });
    assert.deepEqual(machine.tree(), installed("").slice(0, 3));
  }, { shell });

  test(`in ${shell} leaves nothing behind when it is interrupted`, async (machine) => {
    const asked = Promise.withResolvers<void>();
    machine.releases.answers.set(".tar.gz", () => {
      asked.resolve();
      return new Response(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(10)) }));
    });
    assert.notEqual((await machine.run({ interruptAfter: asked.promise })).code, 0);
    assert.deepEqual(machine.tree(), ["home/"]);
  }, { shell });
}

test("does nothing when it was cut off in transit", async (machine) => {
  for (const end of [...SCRIPT.matchAll(/\n/g)].map(({ index }) => index).slice(0, -1).filter((_, n) => n % 9 === 0)) {
    assert.equal((await machine.run({ script: SCRIPT.slice(0, end) })).out, "", `cut off after ${end} characters`);
  }
  assert.deepEqual([machine.tree(), machine.releases.requests], [["home/"], []]);
});

test("only asks for https at the project's releases", async (machine) => {
  machine.script("tools/curl", 'echo "$@" >&2; exit 22');
  const { error } = await machine.run({ env: { SAMOCODE_RELEASES: undefined } });
  assert.match(error, /^-fsSL --proto =https --tlsv1\.2 .*\nCannot download https:\/\/github\.com\/samocode\//);
});

test("installs into a folder with blanks, quotes and characters of the shell", async (machine) => {
  const folder = machine.folder.at(`home/a "b" $c \`d\` 'e' *`);
  const env = { SAMOCODE_INSTALL_DIR: `${folder}/` };
  assert.equal((await machine.run({ env })).code, 0);
  assert.equal(Deno.readTextFileSync(`${folder}/samocode`), programOf("1.0.0"));
  assert.equal((await machine.run({ env, args: ["--uninstall"] })).code, 0);
});

test("makes do with shasum", async (machine) => {
  machine.toolsAre([...TOOLS.filter((name) => name !== "sha256sum"), "curl"]);
  assert.equal((await machine.run()).code, 0);
}, { lacks: find("shasum") === undefined ? "shasum not found" : "" });

for (const { name, os, cpu } of TARGETS.filter(({ os }) => os !== "win32")) {
  test(`brings the archive for ${name}`, async (machine) => {
    machine.releases.add("1.1.0", { platform: name });
    machine.script("tools/ldd", "echo glibc");
    const names = cpu === "x64" ? ["x86_64", "x86_64"] : os === "linux" ? ["aarch64", "arm64"] : ["arm64", "x86_64"];
    if (name === "macos-arm64") machine.script("tools/sysctl", "echo 1"); // Rosetta
    for (const processor of names) {
      machine.uname(os === "linux" ? "Linux" : "Darwin", processor);
      assert.equal((await machine.run()).code, 0);
    }
  });
}

/** Each arranges a machine that the script must leave as it is; beside it, what is said. */
const REFUSALS: Readonly<Record<string, readonly [(machine: Machine) => RunOptions | void, RegExp]>> = {
  "an unknown system": [(machine) => machine.uname("Plan9", "x86_64"), /^No binary for this system: Plan9 x86_64$/m],
  "an unknown processor": [(machine) => machine.uname("Linux", "riscv64"), /system: Linux riscv64/],
  "Windows": [(machine) => machine.uname("MINGW64_NT-10.0", "x86_64"), /on Windows use npm install -g samocode/],
  "musl": [(machine) => machine.script("tools/ldd", "echo 'musl libc (x86_64)' >&2; exit 1"), /No binary .*\n.*glibc/],
  "a 32-bit system": [(machine) => machine.script("tools/getconf", "echo 32"), /No binary for this system/],
  "a machine without curl": [(machine) => machine.toolsAre(TOOLS), /^Cannot find curl$/m],
  "a machine that cannot compute checksums": [
    (machine) => machine.toolsAre([...TOOLS.filter((name) => !name.startsWith("sha")), "curl"]),
    /Cannot compute a SHA-256 checksum\n {2}Install sha256sum or shasum/,
  ],
  "an unknown argument": [() => ({ args: ["--prefix\u001b[2J"] }), /^Unknown argument: --prefix\[2J$/m],
  "a version that is a path": [() => ({ args: ["--version", "1/../../x"] }), /^Invalid or missing --version$/m],
  "a missing version": [() => ({ args: ["--version"] }), /^Invalid or missing --version$/m],
  "plain http": [() => ({ env: { SAMOCODE_RELEASES: "http://mirror.example" } }), /Use an https:\/\/ or file/],
  "a mirror with a password, and does not print it": [
    () => ({ env: { SAMOCODE_RELEASES: "http://localhost:geheim@mirror.example" } }),
    /it contains a user name/,
  ],
  "to guess a home folder": [() => ({ env: { HOME: undefined } }), /set SAMOCODE_INSTALL_DIR/],
  "a folder with a colon": [() => ({ env: { SAMOCODE_INSTALL_DIR: "/tmp/a:b" } }), /PATH cannot hold a colon/],
  "a file where a folder is needed": [(machine) => {
    return { env: { SAMOCODE_INSTALL_DIR: `${machine.folder.file("home/file", "")}/below` } };
  }, /Cannot write to .*file\/below$/m],
  "a version that was never released": [
    () => ({ args: ["--version", "9.9.9"] }),
    /Cannot download http.*v9\.9\.9\/SHA256SUMS\n {2}Check the version/,
  ],
  "a release without the archive": [replaced(".tar.gz", "", 404), /Cannot download http.*\.tar\.gz$/m],
  "a download that stops early": [({ releases }) => void releases.answers.set(".tar.gz", cutOff), /Cannot download /],
  "checksums without the archive": [replaced("SHA256SUMS", `${"0".repeat(64)}  x\n`), /^Checksum mismatch: samocode-/m],
  "two checksums for the archive": [
    ({ releases }) => {
      const line = `${sumOf("changed")}  samocode-${HERE}.tar.gz\n`;
      replaced(".tar.gz", "changed")({ releases });
      replaced("SHA256SUMS", line + line.replace(/^./, "0"))({ releases });
    },
    /^Checksum mismatch: samocode-/m,
  ],
  "another file than the released one": [replaced(".tar.gz", "changed"), /^Checksum mismatch: samocode-/m],
  "a web page instead of a checksum": [replaced("SHA256SUMS", "<html>Log in</html>"), /^Checksum mismatch: /m],
  "a file that is no archive": [({ releases }) => {
    replaced(".tar.gz", "no archive")({ releases });
    replaced("SHA256SUMS", `${sumOf("no archive")}  samocode-${HERE}.tar.gz\n`)({ releases });
  }, /Cannot unpack samocode-/],
  "an archive without the binary": [
    ({ releases }) => releases.addArchive("1.1.0", (stage) => stage.file("other", "")),
    /Cannot unpack samocode-/,
  ],
  "an archive whose binary is a link": [({ releases }) =>
    releases.addArchive("1.1.0", (stage) => {
      stage.folder(`samocode-${HERE}/bin`);
      Deno.symlinkSync("/bin/true", stage.at(`samocode-${HERE}/bin/samocode`));
    }), /Cannot run the downloaded binary/],
  "a binary that does not run here": [
    ({ releases }) => releases.add("1.1.0", { program: "#!/bin/sh\nexit 1\n" }),
    /Cannot run the downloaded binary; nothing was changed/,
  ],
  "a binary that is not samocode": [
    ({ releases }) => releases.add("1.1.0", { program: "#!/bin/sh\necho other 1.0.0\n" }),
    /Cannot run the downloaded binary/,
  ],
  "a binary of another version": [({ releases }) => {
    releases.add("1.1.0", { program: programOf("1.0.9") });
    return { args: ["--version", "1.1.0"] };
  }, /^Wrong version in samocode-.*: 1\.0\.9 instead of 1\.1\.0$/m],
  "to replace another program": [
    (machine) => machine.script(BINARY, "echo other 1.0.0"),
    /^Cannot install .*bin\/samocode: something else put it there$/m,
  ],
  "to remove another program": [(machine) => {
    machine.script(BINARY, "echo other 1.0.0");
    return { args: ["--uninstall"] };
  }, /^Cannot uninstall .*bin\/samocode: /m],
  "to replace npm's link": [(machine) => {
    machine.script("home/npm/samocode", "echo samocode 1.0.0");
    machine.folder.folder("home/.local/bin");
    if (find(machine.folder.at(BINARY)) !== undefined) Deno.removeSync(machine.folder.at(BINARY));
    Deno.symlinkSync(machine.folder.at("home/npm/samocode"), machine.folder.at(BINARY));
  }, /npm uninstall -g samocode/],
  "to uninstall from another folder": [
    (machine) => ({ args: ["--uninstall"], env: { SAMOCODE_INSTALL_DIR: machine.folder.at("home/elsewhere") } }),
    /^Cannot find .*elsewhere\/samocode$/m,
  ],
};

for (const [what, [arrange, words]] of Object.entries(REFUSALS)) {
  for (const state of ["a fresh machine", "an installation"]) {
    test(`refuses ${what}, and leaves ${state} as it is`, async (machine) => {
      if (state === "an installation") assert.equal((await machine.run()).code, 0);
      machine.releases.add("1.1.0");
      const how = arrange(machine) ?? {};
      const before = machine.tree();
      const { code, out, error } = await machine.run(how);
      assert.deepEqual({ isRefused: code !== 0, out }, { isRefused: true, out: "" });
      assert.match(error, words);
      assert.doesNotMatch(error, /geheim/);
      assert.deepEqual(machine.tree(), before);
    });
  }
}

test("lets no name in a hostile archive reach the disk", async (machine) => {
  const outside = machine.folder.file("outside", "evil");
  machine.releases.addArchive("1.1.0", (stage) => {
    stage.file(`samocode-${HERE}/bin/samocode`, programOf("1.1.0"));
    stage.file("in/side", "");
    stage.file("evil", "evil");
    Deno.symlinkSync(machine.folder.path, stage.at("link"));
  }, { tar: [outside, "-C", "in", "../evil", "-C", ".."] });
  Deno.removeSync(outside);
  assert.equal((await machine.run()).code, 0);
  assert.deepEqual(machine.tree(), [
    "home/",
    "home/.local/",
    "home/.local/bin/",
    `${BINARY} 755 ${programOf("1.1.0")}`,
  ]);
});

test("leaves nothing behind on a full disk", async (machine) => {
  using disk = new SmallDisk(96);
  const noise = [...crypto.getRandomValues(new Uint8Array(60_000))].join("");
  machine.releases.add("1.1.0", { program: `${programOf("1.1.0")}# ${noise}\n` });
  const { code, error } = await machine.run({ env: { SAMOCODE_INSTALL_DIR: join(disk.path, "a", "b") } });
  assert.deepEqual([code, [...Deno.readDirSync(disk.path)]], [1, []], error);
}, { lacks: SmallDisk.isPossible() ? "" : "the right to mount a small disk" });

test("explains each option and variable", async (machine) => {
  const { code, out } = await machine.run({ args: ["--help"] });
  const names = new Set(SCRIPT.match(/--(?:help|version|uninstall)(?= *[|)])|(?<=\{)SAMOCODE_\w+/g));
  assert.deepEqual([code, names.size, [...names].filter((name) => !out.includes(`\n  ${name} `))], [0, 5, []]);
});

Deno.test({
  name: `install.sh passes shellcheck${find("shellcheck") === undefined ? " (skipped: not found)" : ""}`,
  ignore: find("shellcheck") === undefined,
  fn(): void {
    const { stdout } = new Deno.Command("shellcheck", { args: ["--shell=sh", PATH] }).outputSync();
    assert.equal(new TextDecoder().decode(stdout), "");
  },
});

function replaced(end: string, text: string, status = 200): (machine: Pick<Machine, "releases">) => void {
  return ({ releases }) => void releases.answers.set(end, () => new Response(text, { status }));
}

/** Redirects to a server that promises more than it sends. */
function cutOff(): Response {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  void (async () => {
    using _ = listener;
    using connection = await listener.accept();
    await connection.read(new Uint8Array(4096));
    await connection.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\ncut"));
  })();
  return Response.redirect(`http://127.0.0.1:${listener.addr.port}/`, 302);
}

/** The path of a program on PATH, or of a file that is there. */
function find(name: string): string | undefined {
  const folders = name.includes("/") ? [""] : (Deno.env.get("PATH") ?? "").split(":");
  return folders.map((folder) => folder === "" ? name : join(folder, name)).find((path) => {
    try {
      return Deno.lstatSync(path) !== undefined;
    } catch {
      return false;
    }
  });
}
