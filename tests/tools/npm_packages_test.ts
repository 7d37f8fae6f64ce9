import assert from "node:assert/strict";
import { constants } from "node:os";
import { basename, join } from "node:path";
import { SamocodeError } from "../../src/system/errors.ts";
import { writeNpmPackages } from "../../tools/npm_packages.ts";
import { TARGETS } from "../../tools/targets.ts";
import { type Ended, NpmRegistry } from "../helpers/npm_registry.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");
const VERSION = "1.2.3";

/** The platform of this machine, as the packages call it. */
const HERE = TARGETS.find(({ os, cpu }) =>
  os === { linux: "linux", darwin: "darwin", windows: "win32" }[Deno.build.os as string] &&
  cpu === { x86_64: "x64", aarch64: "arm64" }[Deno.build.arch as string]
);

/** Stands in for the program: does and says what its arguments ask for. */
const STAND_IN = `#!/usr/bin/env node
const [verb, ...rest] = process.argv.slice(2);
const heard = [];
const hear = (name) => process.on(name, () => {
  heard.push(name);
  console.log(name);
});
switch (verb) {
  case "--version":
    console.log("stand-in of ${VERSION}");
    break;
  case "args":
    console.log(JSON.stringify(rest));
    break;
  case "exit":
    process.exit(Number(rest[0]));
  case "cat":
    console.error(process.ppid);
    process.stdin.pipe(process.stdout);
    break;
  case "hear":
    ["SIGINT", "SIGHUP"].forEach(hear);
    process.on("SIGTERM", () => {
      console.log("heard " + heard.join(" "));
      process.exit(7);
    });
    process.stdin.resume();
    console.log("launcher " + process.ppid);
}
`;

/** Stands in for the program: ends by the signal that its argument names. */
const VICTIM = `#!/bin/sh
kill -"$1" $$
`;

const LACKING = lacking();
const REAL = realProgram();

/** What the tests of the launcher lack here. */
function lacking(): string | undefined {
  if (HERE === undefined) return "no packages for this platform";
  if (Deno.build.os === "windows") return "the stand-in is a script with a #! line";
  return ["node", "npm", "npx"].find((name) => !answers(name, "--version"))?.concat(" not found");
}

function answers(binary: string, arg: string): boolean {
  try {
    return new Deno.Command(binary, { args: [arg], stdin: "null", stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

/** The compiled program, where it was built or is named. */
function realProgram(): string | undefined {
  const path = Deno.env.get("SAMOCODE_TEST_BINARY") ?? join(ROOT, "dist", HERE?.program ?? "samocode");
  return answers(path, "--version") ? path : undefined;
}

function launcherTest(
  name: string,
  fn: () => Promise<void>,
  { needs }: { readonly needs?: string | undefined } = {},
): void {
  const lack = LACKING ?? needs;
  Deno.test({ name: lack === undefined ? name : `${name} (skipped: ${lack})`, ignore: lack !== undefined, fn });
}

/** A folder with packages in it, installed side by side as npm does. */
class Installed extends TempFolder {
  readonly modules = this.folder("node_modules");
  readonly launcher = join(this.modules, "samocode", "samocode.js");

  constructor(
    { program, script = STAND_IN }: { readonly program?: string | undefined; readonly script?: string } = {},
  ) {
    super();
    const programs = { [HERE?.name ?? ""]: program ?? this.file("stand-in", script) };
    writeNpmPackages({ version: VERSION, programs, folder: this.modules, root: ROOT });
  }

  /** The package of this platform. */
  inPlatform(...names: readonly string[]): string {
    return join(this.modules, `samocode-${HERE?.name}`, ...names);
  }

  /** Replaces values in a package's manifest. */
  edit(name: string, change: Readonly<Record<string, unknown>>): void {
    const path = join(this.modules, name, "package.json");
    Deno.writeTextFileSync(path, JSON.stringify({ ...JSON.parse(Deno.readTextFileSync(path)), ...change }));
  }

  command(args: readonly string[], stdin: "null" | "piped" = "null"): Deno.Command {
    return new Deno.Command("node", {
      args: [...args],
      cwd: this.path,
      clearEnv: true,
      env: { PATH: Deno.env.get("PATH") ?? "", HOME: this.path },
      stdin,
      stdout: "piped",
      stderr: "piped",
    });
  }

  async run(args: readonly string[], { before = "" }: { readonly before?: string } = {}): Promise<Ended> {
    const preload = before === "" ? [] : ["--require", this.file("before.cjs", before)];
    const { code, stdout, stderr } = await this.command([...preload, this.launcher, ...args]).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }
}

/** Makes Node believe that it runs elsewhere. */
function elsewhere(platform: string, arch: string): string {
  return `Object.defineProperties(process, { platform: { value: "${platform}" }, arch: { value: "${arch}" } });`;
}

/** A Node that finds no GNU C library. */
const ON_MUSL = `process.report.getReport = () => ({ header: {} });`;

/** The lines of a stream as they come. */
async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

async function next(lines: AsyncGenerator<string>): Promise<string> {
  const { value } = await lines.next();
  return String(value);
}

function firstLine({ stderr }: Ended): string {
  return stderr.split("\n")[0] ?? "";
}

Deno.test("writeNpmPackages() writes a package for each program, and samocode, which names exactly those", () => {
  using disk = new TempFolder();
  const programs = Object.fromEntries(TARGETS.map(({ name }) => [name, disk.file(`built/${name}`, `program ${name}`)]));
  const folders = writeNpmPackages({ version: VERSION, programs, folder: disk.at("npm"), root: ROOT });
  assert.deepEqual(folders.map((folder) => basename(folder)), [
    ...TARGETS.map(({ name }) => `samocode-${name}`),
    "samocode",
  ]);
  const common = {
    version: VERSION,
    homepage: "https://github.com/samocode/samocode#readme",
    bugs: "https://github.com/samocode/samocode/issues",
    repository: { type: "git", url: "git+https://github.com/samocode/samocode.git" },
    license: "MIT",
  };
  const manifest = (name: string): Record<string, unknown> =>
    JSON.parse(Deno.readTextFileSync(disk.at("npm", name, "package.json")));
  const { description: _, keywords: __, ...launcher } = manifest("samocode");
  assert.deepEqual(launcher, {
    name: "samocode",
    ...common,
    type: "commonjs",
    bin: { samocode: "samocode.js" },
    files: ["samocode.js"],
    engines: { node: ">=18" },
    optionalDependencies: Object.fromEntries(TARGETS.map(({ name }) => [`samocode-${name}`, VERSION])),
  });
  assert.deepEqual(disk.names("npm", "samocode"), ["LICENSE", "README.md", "package.json", "samocode.js"]);
  for (const { name, os, cpu, program } of TARGETS) {
    const { description: _, ...rest } = manifest(`samocode-${name}`);
    assert.deepEqual(rest, {
      name: `samocode-${name}`,
      ...common,
      os: [os],
      cpu: [cpu],
      ...(os === "linux" ? { libc: ["glibc"] } : {}),
      preferUnplugged: true,
      files: [`bin/${program}`],
    });
    assert.deepEqual(disk.names("npm", `samocode-${name}`), ["LICENSE", "README.md", "bin", "package.json"]);
    const path = disk.at("npm", `samocode-${name}`, "bin", program);
    assert.equal(Deno.readTextFileSync(path), `program ${name}`);
    if (Deno.build.os !== "windows") assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o755);
  }
});

Deno.test("writeNpmPackages() leaves nothing of an earlier run, and what is not its own as it is", () => {
  using disk = new TempFolder();
  const program = disk.file("program", "");
  const write = (...names: readonly string[]): readonly string[] =>
    writeNpmPackages({
      version: VERSION,
      programs: Object.fromEntries(names.map((name) => [name, program])),
      folder: disk.at("npm"),
      root: ROOT,
    });
  write("linux-x64", "macos-arm64");
  disk.file("npm/samocode/stale.js", "");
  disk.file("npm/other/file", "");
  write("linux-x64");
  assert.deepEqual(disk.names("npm"), ["other", "samocode", "samocode-linux-x64"]);
  assert.deepEqual(disk.names("npm", "samocode"), ["LICENSE", "README.md", "package.json", "samocode.js"]);
  const { optionalDependencies } = JSON.parse(Deno.readTextFileSync(disk.at("npm/samocode/package.json")));
  assert.deepEqual(optionalDependencies, { "samocode-linux-x64": VERSION });
});

Deno.test("writeNpmPackages() refuses what no package can be made of, before it writes", () => {
  using disk = new TempFolder();
  const program = disk.file("program", "");
  const complaint = (version: string, programs: Readonly<Record<string, string>>): string => {
    try {
      writeNpmPackages({ version, programs, folder: disk.at("npm"), root: ROOT });
    } catch (error) {
      if (error instanceof SamocodeError) return error.message;
    }
    return "";
  };
  assert.deepEqual([
    complaint("v1.2.3", { "linux-x64": program }),
    complaint(VERSION, { "linux-x64": program, "linux-mips": program }),
    complaint(VERSION, {}),
  ], [
    'Cannot write npm packages: "v1.2.3" is no version',
    'Cannot write npm packages: "linux-mips" is no target',
    "Cannot write npm packages: there is no program",
  ]);
  assert.deepEqual(disk.names(), ["program"]);
});

launcherTest("the launcher hands arguments on as they are, and ends with the program's code", async () => {
  using disk = new Installed();
  const args = ["a b", "", `"c" 'd'`, "$HOME `id` *", "--flag=ü", "--", "\\"];
  assert.deepEqual(await disk.run(["args", ...args]), { code: 0, stdout: `${JSON.stringify(args)}\n`, stderr: "" });
  assert.deepEqual(await disk.run(["exit", "20"]), { code: 20, stdout: "", stderr: "" });
});

launcherTest("the launcher dies of the signal that the program died of, or ends with its number", async () => {
  using disk = new Installed({ script: VICTIM });
  const ends = [];
  for (const name of ["INT", "TERM", "HUP", "KILL", "USR1", "ABRT", "PIPE"]) {
    const { code, signal, stderr } = await disk.command([disk.launcher, name]).output();
    ends.push([name, signal ?? code, new TextDecoder().decode(stderr)]);
  }
  assert.deepEqual(ends, [
    ["INT", "SIGINT", ""],
    ["TERM", "SIGTERM", ""],
    ["HUP", "SIGHUP", ""],
    ["KILL", "SIGKILL", ""],
    ["USR1", 128 + constants.signals.SIGUSR1, ""],
    ["ABRT", 128 + constants.signals.SIGABRT, ""],
    ["PIPE", 128 + constants.signals.SIGPIPE, ""],
  ]);
});

launcherTest("the launcher passes every byte of the input on, and its end", async () => {
  using disk = new Installed();
  const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 256);
  const child = disk.command([disk.launcher, "cat"], "piped").spawn();
  const writer = child.stdin.getWriter();
  const written = writer.write(bytes).then(() => writer.close());
  const { code, stdout } = await child.output();
  await written;
  assert.deepEqual({ code, isSame: stdout.length === bytes.length && stdout.every((byte, at) => byte === bytes[at]) }, {
    code: 0,
    isSame: true,
  });
});

launcherTest("the launcher forwards signals, and waits for what the program makes of them", async () => {
  using disk = new Installed();
  const child = disk.command([disk.launcher, "hear"], "piped").spawn();
  const lines = linesOf(child.stdout);
  assert.equal(await next(lines), `launcher ${child.pid}`);
  for (const name of ["SIGINT", "SIGHUP", "SIGINT"] as const) {
    child.kill(name);
    assert.equal(await next(lines), name);
  }
  child.kill("SIGTERM");
  assert.equal((await child.status).code, 7);
  assert.equal(await next(lines), "heard SIGINT SIGHUP SIGINT");
  await child.stdin.close();
  await child.stderr.cancel();
});

launcherTest(
  "the launcher lets Ctrl-C at a terminal reach the program once",
  async () => {
    using disk = new Installed();
    const typed = `exec node '${disk.launcher}' hear`;
    const args = Deno.build.os === "linux" ? ["-qefc", typed, "/dev/null"] : ["-qe", "/dev/null", "sh", "-c", typed];
    const child = new Deno.Command("script", { args, stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
    const keyboard = child.stdin.getWriter();
    const lines = linesOf(child.stdout);
    const launcher = /^launcher (\d+)$/.exec(await next(lines))?.[1];
    await keyboard.write(new Uint8Array([3]));
    assert.equal((await next(lines)).replace("^C", ""), "SIGINT");
    // Signals are heard in their order: whatever the launcher makes of Ctrl-C comes before this.
    Deno.kill(Number(launcher), "SIGTERM");
    assert.equal(await next(lines), "heard SIGINT");
    assert.equal((await child.status).code, 7);
    await keyboard.close();
  },
  { needs: Deno.build.os === "linux" && !answers("script", "--version") ? "script not found" : undefined },
);

launcherTest("a program whose launcher was killed ends when its input does", async () => {
  using disk = new Installed();
  const child = disk.command([disk.launcher, "cat"], "piped").spawn();
  const errors = linesOf(child.stderr);
  assert.equal(await next(errors), String(child.pid));
  child.kill("SIGKILL");
  assert.equal((await child.status).signal, "SIGKILL");
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("still here\n"));
  await writer.close();
  // The streams end when nobody holds them any more.
  assert.equal(await new Response(child.stdout).text(), "still here\n");
  assert.deepEqual(await errors.next(), { value: undefined, done: true });
});

launcherTest("the launcher names the missing package of each platform, and the commands that bring it", async () => {
  for (const { name, os, cpu } of TARGETS) {
    using disk = new Installed();
    Deno.removeSync(disk.inPlatform(), { recursive: true });
    disk.edit("samocode", { optionalDependencies: { [`samocode-${name}`]: VERSION } });
    assert.deepEqual(await disk.run(["--version"], { before: elsewhere(os, cpu) }), {
      code: 1,
      stdout: "",
      stderr: [
        `samocode: Cannot start: the package samocode-${name}@1.2.3 is not installed`,
        "  npm leaves it out after a failed download, with --omit=optional, and with a lock file or node_modules of another",
        "  platform. Install it as you installed samocode:",
        `    npm install -g samocode@1.2.3 samocode-${name}@1.2.3`,
        `    npm install --include=optional --save-optional samocode-${name}@1.2.3`,
        `    npx -y -p samocode@1.2.3 -p samocode-${name}@1.2.3 samocode`,
        "",
      ].join("\n"),
    });
  }
});

launcherTest("the launcher refuses a package of another version or platform, and says which it found", async () => {
  using disk = new Installed();
  const name = `samocode-${HERE?.name}`;
  disk.edit(name, { version: "1.2.2" });
  assert.equal(
    firstLine(await disk.run(["--version"])),
    `samocode: Cannot start: the package ${name}@1.2.3 is not installed; version 1.2.2 is`,
  );
  const [other = HERE] = TARGETS.filter((target) => target !== HERE);
  disk.edit("samocode", { optionalDependencies: { [name]: VERSION, [`samocode-${other?.name}`]: VERSION } });
  assert.equal(
    firstLine(await disk.run(["--version"], { before: elsewhere(other?.os ?? "", other?.cpu ?? "") })),
    `samocode: Cannot start: the package samocode-${other?.name}@1.2.3 is not installed; ${name} is`,
  );
});

launcherTest("the launcher says that there is no program for a platform, and for which there is one", async () => {
  using disk = new Installed();
  assert.deepEqual(await disk.run(["--version"], { before: elsewhere("freebsd", "riscv64") }), {
    code: 1,
    stdout: "",
    stderr: `samocode: Cannot start: there is no program for freebsd-riscv64, only for ${HERE?.name}\n` +
      "  Run it from its source with Deno: https://github.com/samocode/samocode\n",
  });
});

launcherTest("the launcher says what is wrong on a system with another C library", async () => {
  using disk = new Installed();
  const expected =
    "samocode: Cannot start: the program needs the GNU C library, and this system has another one (musl, as on Alpine)";
  // As an older npm leaves it: the file is there, its loader is not.
  Deno.writeTextFileSync(disk.inPlatform("bin", "samocode"), "#!/no/such/loader\n");
  assert.equal(firstLine(await disk.run(["--version"], { before: ON_MUSL })), expected);
  Deno.removeSync(disk.inPlatform(), { recursive: true });
  assert.equal(firstLine(await disk.run(["--version"], { before: ON_MUSL })), expected);
}, { needs: Deno.build.os === "linux" ? undefined : "for Linux" });

launcherTest("the launcher says which file it cannot start, and why", async () => {
  using disk = new Installed();
  const program = disk.inPlatform("bin", "samocode");
  Deno.chmodSync(program, 0o644);
  assert.deepEqual(await disk.run(["--version"]), {
    code: 1,
    stdout: "",
    stderr: `samocode: Cannot start ${program}: spawn ${program} EACCES\n` +
      `  Install samocode-${HERE?.name}@1.2.3 again, or take it from https://github.com/samocode/samocode/releases\n`,
  });
});

/** Publishes the packages of this platform, and gives the registry. */
async function published(program?: string): Promise<NpmRegistry> {
  using disk = new TempFolder();
  const registry = new NpmRegistry();
  const folders = writeNpmPackages({
    version: VERSION,
    programs: { [HERE?.name ?? ""]: program ?? disk.file("stand-in", STAND_IN) },
    folder: disk.at("npm"),
    root: ROOT,
  });
  for (const folder of folders) await registry.publish(folder);
  return registry;
}

launcherTest("npx runs the published packages from an empty cache", async () => {
  await using registry = await published();
  const args = ["a b", `"c" 'd'`, "$HOME"];
  assert.deepEqual(await registry.run("npx", ["--yes", "samocode", "args", ...args]), {
    code: 0,
    stdout: `${JSON.stringify(args)}\n`,
    stderr: "",
  });
  assert.equal((await registry.run("npx", ["--yes", "samocode", "exit", "10"])).code, 10);
});

const MISSED = `samocode: Cannot start: the package samocode-${HERE?.name}@1.2.3 is not installed`;
const GREETING = { code: 0, stdout: `stand-in of ${VERSION}\n`, stderr: "" };

/** The commands that the launcher names where the package is missing: for a global installation, a project, npx. */
function waysOut({ stderr }: Ended): readonly (readonly [string, ...string[]])[] {
  return [...stderr.matchAll(/^ {4}(np[mx]) (.*)$/gm)].map((
    [_, binary = "", args = ""],
  ) => [binary, ...args.split(" ")]);
}

launcherTest("the launcher's commands for npx and a project help where npm leaves out what is optional", async () => {
  await using registry = await published();
  const omit = { npm_config_omit: "optional" };
  const refused = await registry.run("npx", ["--yes", "samocode", "--version"], omit);
  assert.equal(firstLine(refused), MISSED);
  const [_, [npm, ...install] = [""], [npx, ...run] = [""]] = waysOut(refused);
  assert.deepEqual(await registry.run(npx, [...run, "--version"], omit), GREETING);

  const program = join(registry.project, "node_modules/.bin/samocode");
  await registry.run("npm", ["install", "samocode"], omit);
  assert.equal(firstLine(await registry.run(program, ["--version"])), MISSED);
  await registry.run(npm, install, omit);
  assert.deepEqual(await registry.run(program, ["--version"]), GREETING);
});

launcherTest("the launcher's commands for npx and -g help after a failed download", async () => {
  await using registry = await published();
  const giveBack = registry.withhold(`samocode-${HERE?.name}`);
  const program = join(registry.globalBin, "samocode");
  assert.equal(firstLine(await registry.run("npx", ["--yes", "samocode", "--version"])), MISSED);
  assert.equal((await registry.run("npm", ["install", "-g", "samocode"])).code, 0);
  const refused = await registry.run(program, ["--version"]);
  assert.equal(firstLine(refused), MISSED);
  giveBack();
  const [[npm, ...install] = [""], _, [npx, ...run] = [""]] = waysOut(refused);
  await registry.run(npm, install);
  assert.deepEqual(await registry.run(program, ["--version"]), GREETING);
  await registry.run("npm", ["uninstall", "-g", "samocode", `samocode-${HERE?.name}`]);
  assert.deepEqual(await registry.run(npx, [...run, "--version"]), GREETING);
});

launcherTest("npx runs the compiled program from the published packages", async () => {
  await using registry = await published(REAL);
  const { code, stdout } = await registry.run("npx", ["--yes", "samocode", "--version"]);
  assert.deepEqual({ code, isIt: /^samocode \d+\.\d+\.\d+/.test(stdout) }, { code: 0, isIt: true });
}, { needs: REAL === undefined ? "no compiled program; deno task compile" : undefined });

launcherTest(
  "the compiled MCP server answers through the launcher, and ends with its input when that is killed",
  async () => {
    using disk = new Installed({ program: REAL });
    const child = disk.command([disk.launcher, "mcp"], "piped").spawn();
    const writer = child.stdin.getWriter();
    const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } };
    const request = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params });
    await writer.write(new TextEncoder().encode(`${request}\n`));
    const answers = linesOf(child.stdout);
    const { id, result } = JSON.parse(await next(answers));
    assert.deepEqual([id, result.serverInfo.name], [1, "samocode"]);
    child.kill("SIGKILL");
    await child.status;
    await writer.close();
    assert.deepEqual(await answers.next(), { value: undefined, done: true });
    await child.stderr.cancel();
  },
  { needs: REAL === undefined ? "no compiled program; deno task compile" : undefined },
);
