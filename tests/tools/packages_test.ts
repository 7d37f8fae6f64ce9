import assert from "node:assert/strict";
import { constants } from "node:os";
import { join } from "node:path";
import { packageName, packPackage, writeLauncherPackage, writePlatformPackage } from "../../tools/packages.ts";
import { type Target, TARGETS } from "../../tools/targets.ts";
import { type Ended, NpmRegistry } from "../helpers/npm_registry.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");
const VERSION = "1.2.3";

/** The platform of this machine; the tests that run the launcher are skipped where there is none. */
const FOUND = TARGETS.find(({ os, cpu }) =>
  os === { linux: "linux", darwin: "darwin", windows: "win32" }[Deno.build.os as string] &&
  cpu === { x86_64: "x64", aarch64: "arm64" }[Deno.build.arch as string]
);
const HERE: Target = FOUND ?? { name: "none", triple: "", os: "linux", cpu: "x64", program: "samocode" };

/** Plays the binary: does what its arguments ask for. */
const FAKE = `#!/usr/bin/env node
const [verb, ...rest] = process.argv.slice(2);
const heard = [];
const hear = (name) => process.on(name, () => {
  heard.push(name);
  console.log(name);
});
switch (verb) {
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

/** Plays the binary: is killed by the signal that its argument names. */
const VICTIM = `#!/bin/sh\nkill -"$1" $$\n`;

const LACKING = Deno.build.os === "windows"
  ? "the fake binary is a script with a #! line"
  : FOUND === undefined
  ? "no package for this platform"
  : ["node", "npm", "npx"].find((name) => !answers(name))?.concat(" not found");

/** The compiled binary, where it was built or is named. */
const BINARY = Deno.env.get("SAMOCODE_TEST_BINARY") ?? join(ROOT, "dist", HERE.program);

function answers(binary: string): boolean {
  try {
    const command = new Deno.Command(binary, { args: ["--version"], stdin: "null", stdout: "null", stderr: "null" });
    return command.outputSync().success;
  } catch {
    return false;
  }
}

function launcherTest(name: string, fn: () => Promise<void>, needs?: string): void {
  const lack = LACKING ?? needs;
  Deno.test({ name: lack === undefined ? name : `${name} (skipped: ${lack})`, ignore: lack !== undefined, fn });
}

/** Both packages side by side, as npm installs them. */
class Installed extends TempFolder {
  readonly modules = this.folder("node_modules");
  readonly launcher = join(this.modules, "samocode", "samocode.js");
  readonly platform = join(this.modules, packageName(HERE));
  readonly binary: string;

  constructor({ binary, script = FAKE }: { readonly binary?: string; readonly script?: string } = {}) {
    super();
    writeLauncherPackage(join(this.modules, "samocode"), [HERE], { version: VERSION, root: ROOT });
    this.binary = writePlatformPackage(this.platform, HERE, { version: VERSION, root: ROOT });
    if (binary === undefined) Deno.writeTextFileSync(this.binary, script, { mode: 0o755 });
    else Deno.copyFileSync(binary, this.binary);
  }

  command(args: readonly string[], stdin: "null" | "piped" = "null"): Deno.Command {
    const env = { PATH: Deno.env.get("PATH") ?? "", HOME: this.path };
    const streams = { stdin, stdout: "piped", stderr: "piped" } as const;
    return new Deno.Command("node", { args: [...args], cwd: this.path, clearEnv: true, env, ...streams });
  }

  async run(args: readonly string[], node: readonly string[] = []): Promise<Ended> {
    const { code, stdout, stderr } = await this.command([...node, this.launcher, ...args]).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }
}

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

Deno.test("the packages name their platform, and samocode depends on exactly those of its version", () => {
  using disk = new TempFolder();
  const manifest = (name: string): Record<string, unknown> =>
    JSON.parse(Deno.readTextFileSync(disk.at(name, "package.json")));
  const common = {
    version: VERSION,
    homepage: "https://github.com/samocode/samocode#readme",
    bugs: "https://github.com/samocode/samocode/issues",
    repository: { type: "git", url: "git+https://github.com/samocode/samocode.git" },
    license: "MIT",
  };
  writeLauncherPackage(disk.at("samocode"), TARGETS, { version: VERSION, root: ROOT });
  const { description: _, keywords: __, ...launcher } = manifest("samocode");
  assert.deepEqual(launcher, {
    name: "samocode",
    ...common,
    type: "commonjs",
    bin: { samocode: "samocode.js" },
    engines: { node: ">=18" },
    optionalDependencies: Object.fromEntries(TARGETS.map(({ name }) => [`samocode-${name}`, VERSION])),
  });
  assert.deepEqual(disk.names("samocode"), ["LICENSE", "README.md", "package.json", "samocode.js"]);
  for (const target of TARGETS) {
    const name = packageName(target);
    const binary = writePlatformPackage(disk.at(name), target, { version: VERSION, root: ROOT });
    assert.equal(binary, disk.at(name, "bin", target.program));
    const { description: _, ...rest } = manifest(name);
    const { os, cpu } = target;
    const libc = os === "linux" ? { libc: ["glibc"] } : {};
    assert.deepEqual(rest, { name, ...common, os: [os], cpu: [cpu], ...libc, preferUnplugged: true });
    assert.deepEqual(disk.names(name), ["LICENSE", "README.md", "bin", "package.json"]);
  }
});

launcherTest("the launcher passes arguments on as they are, and ends with the binary's code", async () => {
  using disk = new Installed();
  const args = ["a b", "", `"c" 'd'`, "$HOME `id` *", "--flag=ü", "--", "\\"];
  assert.deepEqual(await disk.run(["args", ...args]), { code: 0, stdout: `${JSON.stringify(args)}\n`, stderr: "" });
  assert.deepEqual(await disk.run(["exit", "20"]), { code: 20, stdout: "", stderr: "" });
});

launcherTest("the launcher dies of the signal that killed the binary, or ends with its number", async () => {
  using disk = new Installed({ script: VICTIM });
  const ends = await Promise.all(["INT", "TERM", "HUP", "KILL", "USR1", "ABRT", "PIPE"].map(async (name) => {
    const { code, signal } = await disk.command([disk.launcher, name]).output();
    return signal ?? code;
  }));
  const numbers = [constants.signals.SIGUSR1, constants.signals.SIGABRT, constants.signals.SIGPIPE];
  assert.deepEqual(ends, ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL", ...numbers.map((number) => 128 + number)]);
});

launcherTest("the launcher passes every byte of the input on, and its end", async () => {
  using disk = new Installed();
  const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 256);
  const child = disk.command([disk.launcher, "cat"], "piped").spawn();
  const writer = child.stdin.getWriter();
  const written = writer.write(bytes).then(() => writer.close());
  const { code, stdout } = await child.output();
  await written;
  const isSame = stdout.length === bytes.length && stdout.every((byte, at) => byte === bytes[at]);
  assert.deepEqual({ code, isSame }, { code: 0, isSame: true });
});

launcherTest("the launcher forwards signals, and waits for what the binary makes of them", async () => {
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

launcherTest("the launcher lets Ctrl-C at a terminal reach the binary once", async () => {
  using disk = new Installed();
  const typed = `exec node '${disk.launcher}' hear`;
  const args = Deno.build.os === "linux" ? ["-qefc", typed, "/dev/null"] : ["-qe", "/dev/null", "sh", "-c", typed];
  const child = new Deno.Command("script", { args, stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
  const keyboard = child.stdin.getWriter();
  const lines = linesOf(child.stdout);
  const launcher = /^launcher (\d+)$/.exec(await next(lines))?.[1];
  await keyboard.write(new Uint8Array([3]));
  assert.equal((await next(lines)).replace("^C", ""), "SIGINT");
  // Signals arrive in order: whatever the launcher makes of Ctrl-C comes before this.
  Deno.kill(Number(launcher), "SIGTERM");
  assert.equal(await next(lines), "heard SIGINT");
  assert.equal((await child.status).code, 7);
  await keyboard.close();
}, Deno.build.os === "linux" && !answers("script") ? "script not found" : undefined);

launcherTest("a binary whose launcher was killed ends when its input does", async () => {
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

const MISSING = `samocode: Cannot find ${packageName(HERE)}@1.2.3, which contains the binary for this system
  Run npm install -g samocode@1.2.3 ${packageName(HERE)}@1.2.3; Linux needs glibc, so Alpine is not supported
`;

launcherTest("the launcher refuses a binary of another version", async () => {
  using disk = new Installed();
  const path = join(disk.platform, "package.json");
  Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace(VERSION, "1.2.2"));
  assert.deepEqual(await disk.run(["exit", "0"]), { code: 1, stdout: "", stderr: MISSING });
});

launcherTest("the launcher says that there is no binary for a platform", async () => {
  using disk = new Installed();
  const script = `Object.defineProperties(process, { platform: { value: "freebsd" }, arch: { value: "riscv64" } });`;
  assert.deepEqual(await disk.run([], ["--require", disk.file("elsewhere.cjs", script)]), {
    code: 1,
    stdout: "",
    stderr: "samocode: No binary for freebsd-riscv64\n" +
      "  Run samocode from source: https://github.com/samocode/samocode\n",
  });
});

launcherTest("the launcher says which file it cannot run, and why", async () => {
  using disk = new Installed({ script: "#!/no/such/loader\n" });
  const { code, stderr } = await disk.run([]);
  assert.deepEqual([code, stderr.split("\n")[0]], [
    1,
    `samocode: Cannot run ${disk.binary}: spawn ${disk.binary} ENOENT`,
  ]);
});

launcherTest("npm installs the packed packages, and the launcher's hint helps after a failed download", async () => {
  using disk = new Installed();
  await using registry = new NpmRegistry();
  for (const folder of [disk.platform, join(disk.modules, "samocode")]) {
    await packPackage(folder, { archive: `${folder}.tar.gz`, time: new Date(0) });
    registry.publish(`${folder}.tar.gz`);
  }
  assert.deepEqual(await registry.run("npx", ["--yes", "samocode", "args", "a b", `"c"`]), {
    code: 0,
    stdout: `["a b","\\"c\\""]\n`,
    stderr: "",
  });
  Deno.removeSync(registry.env["npm_config_cache"] ?? "", { recursive: true });
  const giveBack = registry.withhold(packageName(HERE));
  const installed = join(registry.globalBin, "samocode");
  assert.equal((await registry.run("npm", ["install", "-g", "samocode"])).code, 0);
  const { stderr } = await registry.run(installed, []);
  assert.equal(stderr, MISSING);
  giveBack();
  await registry.run("npm", /npm (install [^;]*)/.exec(stderr)?.[1]?.split(" ") ?? []);
  assert.equal((await registry.run(installed, ["exit", "10"])).code, 10);
}, Deno.build.os === "linux" ? undefined : "packages are packed on Linux");

launcherTest("the compiled MCP server answers through the launcher, and ends with its input", async () => {
  using disk = new Installed({ binary: BINARY });
  const child = disk.command([disk.launcher, "mcp"], "piped").spawn();
  const writer = child.stdin.getWriter();
  const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } };
  const request = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params });
  await writer.write(new TextEncoder().encode(`${request}\n`));
  const lines = linesOf(child.stdout);
  const { id, result } = JSON.parse(await next(lines));
  assert.deepEqual([id, result.serverInfo.name], [1, "samocode"]);
  child.kill("SIGKILL");
  await child.status;
  await writer.close();
  assert.deepEqual(await lines.next(), { value: undefined, done: true });
  await child.stderr.cancel();
}, answers(BINARY) ? undefined : "no compiled binary; deno task compile");
